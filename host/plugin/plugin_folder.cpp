#include "plugin/plugin_folder.hpp"

#include <dirent.h>
#include <sys/stat.h>

#include <cerrno>
#include <memory>
#include <string_view>
#include <system_error>

namespace flashhost {

namespace {

struct CloseFolder {
  void operator()(DIR *folder) const noexcept { ::closedir(folder); }
};

}  // namespace

int list_folder(const std::filesystem::path &folder, std::vector<std::string> &names) {
  const std::unique_ptr<DIR, CloseFolder> open(::opendir(folder.c_str()));
  if (open == nullptr) return errno;
  for (;;) {
    errno = 0;
    const dirent *entry = ::readdir(open.get());  // NOLINT(concurrency-mt-unsafe) its own DIR
    if (entry == nullptr) break;
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  if (errno != 0) return errno;
  struct stat status{};
  return ::stat((folder / ".").c_str(), &status) == 0 ? 0 : errno;
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
              "It takes the modes r and x of the folder, and x of each folder above it; `namei -l` "
              "shows them."};
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
