// The folders in which plugins are searched.
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

namespace flashhost {

// Absolute folders without links, each once, in this order: plugin_dirs (--plugin-dir); environment
// (FLASHHOST_PLUGIN_PATH, separated by colons); the folder `plugins` of the build tree that
// contains executable; lib/flashhost/plugins-2 of executable's prefix. Folders that do not exist
// are left out. What exists but is not a folder or cannot be read stays in the list, so that it can
// be reported when it matters. Each of plugin_dirs, however, must be a readable folder
// (Errc::usage). executable may be empty if unknown.
[[nodiscard]] std::vector<std::filesystem::path> plugin_search_path(
    const std::vector<std::filesystem::path> &plugin_dirs, std::string_view environment,
    const std::filesystem::path &executable);

// The same for this process, with its own environment and executable.
[[nodiscard]] std::vector<std::filesystem::path> plugin_search_path(
    const std::vector<std::filesystem::path> &plugin_dirs);

}  // namespace flashhost
