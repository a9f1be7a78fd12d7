// The files of the images: finds their formats, checks their SHA-256, merges their content.
#pragma once

#include "config/config.hpp"
#include "flash/image.hpp"
#include "plugin/plugin_loader.hpp"

#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace flashhost {

// Reads, checks and merges the files of the command line, or, if there are none, of the board file.
// Errc::usage when there is no file, Errc::image for a file without data, Errc::interrupted soon
// after a stop was requested.
[[nodiscard]] Image load_image(const PluginLoader &plugins, const config::Config &config,
                               const std::vector<std::string> &files, const std::stop_token &stop);

// The format for an output file, by its extension; empty: no format claims it, so write raw binary.
// Errc::usage for a format that can only be read.
[[nodiscard]] std::optional<Loaded<Format>> output_format(const PluginLoader &plugins,
                                                          const std::filesystem::path &file);

}  // namespace flashhost
