// The files of the images: which format each has, whether it is the one that was meant, what all of
// them want in the flash together.
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

// Reads, checks and merges the files; of the command line if it names any, else of the board file.
// Errc::usage when there is none, Errc::image for a file without data, Errc::interrupted soon after
// a stop was asked for.
[[nodiscard]] Image load_image(const PluginLoader &plugins, const config::Config &config,
                               const std::vector<std::string> &files, const std::stop_token &stop);

// The format that an output file's extension asks for; empty: none does, which means raw binary.
// Errc::usage when it is a format that can only be read.
[[nodiscard]] std::optional<Loaded<Format>> output_format(const PluginLoader &plugins,
                                                          const std::filesystem::path &file);

}  // namespace flashhost
