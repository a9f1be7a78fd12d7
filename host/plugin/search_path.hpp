// Where plugins are looked for.
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

namespace flashhost {

// Absolute folders, links resolved, each once, in order: plugin_dirs (--plugin-dir), the parts of
// environment (FLASHHOST_PLUGIN_PATH, colon separated), the folder `plugins` of the build tree that
// executable lies in, the installed lib/flashhost/plugins-2 of executable's prefix. Folders that do
// not exist are left out; what exists, but is no folder or cannot be read, is in the list, so that
// it can be said when it matters. But each of plugin_dirs must be a folder that can be read
// (Errc::usage). executable may be empty: not known.
[[nodiscard]] std::vector<std::filesystem::path> plugin_search_path(
    const std::vector<std::filesystem::path> &plugin_dirs, std::string_view environment,
    const std::filesystem::path &executable);

// The same for this process: its environment, its executable.
[[nodiscard]] std::vector<std::filesystem::path> plugin_search_path(
    const std::vector<std::filesystem::path> &plugin_dirs);

}  // namespace flashhost
