// One run of the program: what its verbs have at hand, and what they make of the board file.
#pragma once

#include "config/cli.hpp"
#include "config/config.hpp"
#include "console.hpp"
#include "flash/flash_job.hpp"
#include "flash/target.hpp"
#include "json_lines.hpp"
#include "output/stream.hpp"
#include "plugin/host_log.hpp"
#include "plugin/plugin_loader.hpp"

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

namespace flashhost {

struct Session {
  const config::Options &options;
  const Log &log;
  Stream &out;  // standard output, for results
  Observer &observer;
  Console *console = nullptr;  // one of both is there
  JsonLines *json = nullptr;
  std::stop_token stop;
  // To be called before the first thing that an end of the program on the spot would leave behind:
  // from then on a signal asks for a safe stop. Errc::interrupted when one has come already.
  std::function<void()> begin_work;
};

inline constexpr const char *default_board_file = "board.toml";
[[nodiscard]] config::Config board(const Session &session);
// The last word of a verb that has no report: JSON event `done`, or a line for people.
void done(const Session &session, const std::string &verb, const std::string &text);

// What a verb's last line begins with: "blue pill: STM32F103CB on ACME Link 0669FF30: ".
[[nodiscard]] std::string about(const config::Config &config, const Target &target);

[[nodiscard]] PluginLoader plugin_loader(const Session &session);

// Configured. The one that the board file names, or all.
[[nodiscard]] std::vector<NamedFamily> load_families(const PluginLoader &plugins,
                                                     const config::FamilyConfig &config);

// Opened and connected. Work on the target begins here, see Session. check: called with the
// chip before the probe is opened where the board file names it, and with the chip that was found;
// throws when it is not one to go on with.
[[nodiscard]] std::unique_ptr<Target> connect_target(
    const PluginLoader &plugins, const config::Config &config, const Session &session,
    const std::function<void(const Chip &)> &check = {}, const std::function<void()> &ready = {});

// With the journal's folder.
[[nodiscard]] FlashOptions flash_options(const FlashChoices &choices,
                                         const config::Options &options);

}  // namespace flashhost
