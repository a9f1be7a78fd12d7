#include "plugin/plugin_folder.hpp"

#include "files/system.hpp"

#include <fcntl.h>

#include <cerrno>
#include <system_error>

namespace flashhost {

int list_folder(const std::filesystem::path &folder, std::vector<std::string> &names) {
  struct stat facts{};
  const bool usable = files::system().list(folder.c_str(), names) == 0 &&
                      files::system().fstatat(AT_FDCWD, (folder / ".").c_str(), &facts, 0) == 0;
  return usable ? 0 : errno;
}

FolderTrouble folder_trouble(const std::filesystem::path &folder, int error) {
  switch (error) {
    case ENOENT:
      return {folder, "there is no such folder",
              "Name the folder that holds the plugins, such as build/dev/plugins."};
    case ENOTDIR:
      return {folder, "it is not a folder",
              "Name the folder that holds the plugins, not a file in it."};
    case EACCES:
    case EPERM:
      return {folder, "you have no permission to read it",
              "You need the permissions r and x on the folder, and x on each folder above it; "
              "`namei -l` shows them."};
    case ELOOP:
      return {folder, "its symbolic links lead in a circle",
              "Name the folder itself, or mend the links."};
    case EMFILE:
    case ENFILE:
      return {folder, std::generic_category().message(error),
              "Close programs, or raise the limit: `ulimit -n` shows it."};
    default:
      return {folder, std::generic_category().message(error),
              "The file system or its device may be damaged or gone: `ls` should say the same."};
  }
}

}  // namespace flashhost
