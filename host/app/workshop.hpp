// What the verbs need, made from the board file: plugins, image, target.
#pragma once

#include "config/cli.hpp"
#include "config/config.hpp"
#include "flash/flash_job.hpp"
#include "flash/target.hpp"
#include "plugin/host_log.hpp"
#include "plugin/plugin_loader.hpp"

#include <memory>
#include <vector>

namespace flashhost {

[[nodiscard]] PluginLoader plugin_loader(const config::Options &options, const Log &log);

// Configured. The one that the board file names, or all.
[[nodiscard]] std::vector<NamedFamily> load_families(const PluginLoader &plugins,
                                                     const config::FamilyConfig &config);

// Reads, checks and merges the files; of the command line if it names any, else of the board file.
// Errc::usage when there is none.
[[nodiscard]] Image load_image(const PluginLoader &plugins, const config::Config &config,
                               const std::vector<std::string> &files);

// Opened and connected. image: checked against the chip before the probe is opened where the board
// file names the chip, and against the chip that was found; may be null.
[[nodiscard]] std::unique_ptr<Target> connect_target(const PluginLoader &plugins,
                                                     const config::Config &config,
                                                     const Image *image, Observer &observer);

[[nodiscard]] FlashOptions flash_options(const config::FlashConfig &config);

}  // namespace flashhost
