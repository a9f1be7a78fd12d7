// Where plugins are looked for.
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

namespace flashhost {

// Absolute folders, links resolved, each once, in order: plugin_dir (--plugin-dir; empty: not
// given), the parts of environment (FLASHHOST_PLUGIN_PATH, colon separated), the folder `plugins`
// of the build tree that executable lies in, the installed lib/flashhost/plugins-1 of executable's
// prefix. Folders that do not exist are left out, but a plugin_dir that is none is an error
// (Errc::usage).
[[nodiscard]] std::vector<std::filesystem::path> plugin_search_path(
    const std::filesystem::path &plugin_dir, std::string_view environment,
    const std::filesystem::path &executable);

// The same for this process: its environment, its executable.
[[nodiscard]] std::vector<std::filesystem::path> plugin_search_path(
    const std::filesystem::path &plugin_dir);

}  // namespace flashhost
