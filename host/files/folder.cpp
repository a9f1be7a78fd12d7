#include "files/folder.hpp"

#include "files/files.hpp"
#include "files/system.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <system_error>

namespace flashhost::files {

namespace fs = std::filesystem;

namespace {

constexpr mode_t folder_mode = 0777;  // reduced by the umask

[[noreturn]] void fail(const std::string &doing, const fs::path &path, Errc code, int error) {
  throw Error(code, fmt::format("cannot {} {}: {}", doing, path.string(),
                                std::generic_category().message(error)));
}

// The names in a folder; throws an Error when it cannot be listed.
std::vector<std::string> names_in(const fs::path &folder, Errc code) {
  std::vector<std::string> names;
  if (system().list(folder.c_str(), names) != 0) fail("list", folder, code, errno);
  std::ranges::sort(names);
  return names;
}

void add_files(const fs::path &folder, const fs::path &below, Errc code,
               std::vector<fs::path> &found) {
  for (const std::string &name : names_in(folder / below, code)) {
    const fs::path file = below / name;
    struct stat facts{};
    if (system().fstatat(AT_FDCWD, (folder / file).c_str(), &facts, 0) != 0) {
      fail("read", folder / file, code, errno);
    }
    if (S_ISDIR(facts.st_mode)) {
      add_files(folder, file, code, found);
    } else {
      found.push_back(file);
    }
  }
}

}  // namespace

std::vector<fs::path> files_below(const fs::path &folder, Errc code) {
  std::vector<fs::path> found;
  add_files(folder, {}, code, found);
  return found;
}

void make_folder(const fs::path &folder) {
  if (system().mkdirat(AT_FDCWD, folder.c_str(), folder_mode) == 0) return;
  int error = errno;
  const fs::path parent = folder.parent_path();
  if (error == ENOENT && !parent.empty() && parent != folder) {
    make_folder(parent);
    if (system().mkdirat(AT_FDCWD, folder.c_str(), folder_mode) == 0) return;
    error = errno;
  }
  struct stat facts{};
  if (error == EEXIST && system().fstatat(AT_FDCWD, folder.c_str(), &facts, 0) == 0) {
    if (S_ISDIR(facts.st_mode)) return;
    throw Error(Errc::usage,
                fmt::format("{} is {}, not a folder", folder.string(), kind_of(facts.st_mode)),
                "Name another folder.");
  }
  fail("make the folder", folder, Errc::usage, error);
}

void make_empty_folder(const fs::path &folder) {
  make_folder(folder);
  const std::vector<std::string> names = names_in(folder, Errc::usage);
  if (names.empty()) return;
  throw Error(Errc::usage,
              fmt::format("there is something in the folder {} already: {}", folder.string(),
                          names.front()),
              "Name a folder that does not exist yet, or an empty one: nothing is overwritten.");
}

}  // namespace flashhost::files
