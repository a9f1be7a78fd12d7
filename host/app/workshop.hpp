// What the verbs need, made from the board file: plugins, image, target.
#pragma once

#include "config/cli.hpp"
#include "config/config.hpp"
#include "flash/flash_job.hpp"
#include "flash/target.hpp"
#include "plugin/host_log.hpp"
#include "plugin/plugin_loader.hpp"
#include "verbs.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace flashhost {

[[nodiscard]] PluginLoader plugin_loader(const config::Options &options, const Log &log);

// Configured. The one that the board file names, or all.
[[nodiscard]] std::vector<NamedFamily> load_families(const PluginLoader &plugins,
                                                     const config::FamilyConfig &config);

// Reads, checks and merges the files; of the command line if it names any, else of the board file.
// Errc::usage when there is none, Errc::image for a file without data, Errc::interrupted soon after
// a stop was asked for.
[[nodiscard]] Image load_image(const PluginLoader &plugins, const config::Config &config,
                               const std::vector<std::string> &files, const std::stop_token &stop);

// The format that an output file's extension asks for; empty: none does, which means raw binary.
// Errc::usage when it is a format that can only be read.
[[nodiscard]] std::optional<Loaded<Format>> output_format(const PluginLoader &plugins,
                                                          const std::filesystem::path &file);

// Opened and connected. Work on the target begins here, see Surroundings. check: called with the
// chip before the probe is opened where the board file names it, and with the chip that was found;
// throws when it is not one to go on with.
[[nodiscard]] std::unique_ptr<Target> connect_target(
    const PluginLoader &plugins, const config::Config &config, const Surroundings &around,
    const std::function<void(const Chip &)> &check = {}, const std::function<void()> &ready = {});

// With the journal's folder.
[[nodiscard]] FlashOptions flash_options(const config::FlashConfig &config,
                                         const config::Options &options);

}  // namespace flashhost
