#include "plugin/search_path.hpp"

#include "plugin/plugin_folder.hpp"

#include <flashhost/error.hpp>
#include <flashhost/plugin.h>

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <system_error>

namespace fs = std::filesystem;

namespace flashhost {

namespace {

void add(std::vector<fs::path> &folders, const fs::path &folder) {
  std::error_code error;
  fs::path real = fs::canonical(folder, error);
  if (error == std::errc::no_such_file_or_directory) return;
  if (error) real = fs::absolute(folder, error);
  if (error) real = folder;
  if (std::find(folders.begin(), folders.end(), real) == folders.end()) folders.push_back(real);
}

// The user named this folder, so it must be usable: no other folder replaces it.
void require(const fs::path &folder) {
  std::vector<std::string> ignored;
  const int error = list_folder(folder, ignored);
  if (error == 0) return;
  const FolderTrouble trouble = folder_trouble(folder, error);
  throw Error(Errc::usage, fmt::format("--plugin-dir {}: {}", folder.string(), trouble.reason),
              trouble.remedy);
}

}  // namespace

std::vector<fs::path> plugin_search_path(const std::vector<fs::path> &plugin_dirs,
                                         std::string_view environment, const fs::path &executable) {
  std::vector<fs::path> folders;
  for (const fs::path &folder : plugin_dirs) {
    require(folder);
    add(folders, folder);
  }
  while (!environment.empty()) {
    const std::string_view part = environment.substr(0, environment.find(':'));
    environment.remove_prefix(std::min(environment.size(), part.size() + 1));
    if (!part.empty()) add(folders, part);
  }
  if (executable.empty()) return folders;  // an empty path would mean the current folder
  const fs::path prefix = executable.parent_path().parent_path();
  std::error_code error;
  if (fs::exists(prefix / "CMakeCache.txt", error)) add(folders, prefix / "plugins");
  add(folders, prefix / FLASHHOST_LIBDIR / "flashhost" / fmt::format("plugins-{}", FLASHHOST_ABI));
  return folders;
}

std::vector<fs::path> plugin_search_path(const std::vector<fs::path> &plugin_dirs) {
  const char *environment = std::getenv("FLASHHOST_PLUGIN_PATH");  // NOLINT(concurrency-mt-unsafe)
  std::error_code error;
  const fs::path executable = fs::read_symlink("/proc/self/exe", error);
  return plugin_search_path(plugin_dirs, environment == nullptr ? "" : environment, executable);
}

}  // namespace flashhost
