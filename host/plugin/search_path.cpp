#include "plugin/search_path.hpp"

#include <flashhost/error.hpp>
#include <flashhost/plugin.h>

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <system_error>

namespace fs = std::filesystem;

namespace flashhost {

std::vector<fs::path> plugin_search_path(const fs::path &plugin_dir, std::string_view environment,
                                         const fs::path &executable) {
  std::vector<fs::path> folders;
  const auto add = [&folders](const fs::path &folder) {
    std::error_code error;
    const fs::path real = fs::canonical(folder, error);
    if (error || !fs::is_directory(real, error) || error) return false;
    if (std::find(folders.begin(), folders.end(), real) == folders.end()) folders.push_back(real);
    return true;
  };

  if (!plugin_dir.empty() && !add(plugin_dir)) {
    throw Error(Errc::usage,
                fmt::format("--plugin-dir {}: there is no such folder", plugin_dir.string()),
                "Name the folder that holds the plugins, such as build/dev/plugins.");
  }
  while (!environment.empty()) {
    const std::string_view part = environment.substr(0, environment.find(':'));
    environment.remove_prefix(std::min(environment.size(), part.size() + 1));
    if (!part.empty()) add(part);
  }
  const fs::path prefix = executable.parent_path().parent_path();
  std::error_code error;
  if (fs::exists(prefix / "CMakeCache.txt", error)) add(prefix / "plugins");
  add(prefix / FLASHHOST_LIBDIR / "flashhost" / fmt::format("plugins-{}", FLASHHOST_ABI));
  return folders;
}

std::vector<fs::path> plugin_search_path(const fs::path &plugin_dir) {
  const char *environment = std::getenv("FLASHHOST_PLUGIN_PATH");  // NOLINT(concurrency-mt-unsafe)
  std::error_code error;
  const fs::path executable = fs::read_symlink("/proc/self/exe", error);
  return plugin_search_path(plugin_dir, environment == nullptr ? "" : environment, executable);
}

}  // namespace flashhost
