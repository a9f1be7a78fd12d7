// One run of the program: what all verbs use.
#pragma once

#include "config/cli.hpp"
#include "config/config.hpp"
#include "console.hpp"
#include "files/device_lock.hpp"
#include "flash/flash_job.hpp"
#include "flash/target.hpp"
#include "images/image_files.hpp"
#include "job_report.hpp"
#include "json_lines.hpp"
#include "output/stream.hpp"
#include "plugin/host_log.hpp"
#include "plugin/plugin_loader.hpp"

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace flashhost {

struct Session {
  const config::Options &options;
  const Log &log;
  Stream &out;  // standard output, for results
  Observer &observer;
  Console *console = nullptr;  // one of the two is set
  JsonLines *json = nullptr;
  JobReport &report;  // gets to know what the verbs find; written where --report asks for it
  std::stop_token stop;
  // To be called before the first action that must not be cut short: from then on a signal only
  // asks for a safe stop. Errc::interrupted when a signal has come already.
  std::function<void()> begin_work;
};

// The board file, if there is one, with what the command line changes.
[[nodiscard]] config::Config board(const Session &session);
// What a verb that uses a chip says at its end: text, and that nothing was changed where that is
// so.
[[nodiscard]] std::string with_flash_state(const Session &session, const std::string &text);
// The last output of a verb that has no report: JSON event `done`, or a line for people.
void done(const Session &session, const std::string &verb, const std::string &text);

// The beginning of a verb's last line: "blue pill: STM32F103CB on ACME Link 0669FF30: ".
[[nodiscard]] std::string about(const config::Config &config, const Target &target);

[[nodiscard]] PluginLoader plugin_loader(const Session &session);

// The family that the board file names, or all families; configured.
[[nodiscard]] std::vector<NamedFamily> load_families(const PluginLoader &plugins,
                                                     const config::FamilyConfig &config);

// A target and the lock on its probe.
class Connection {
 public:
  Connection(files::DeviceLock lock, std::unique_ptr<Target> target)
      : lock_(std::move(lock)), target_(std::move(target)) {}
  [[nodiscard]] Target &operator*() const { return *target_; }
  [[nodiscard]] Target *operator->() const { return target_.get(); }

 private:
  files::DeviceLock lock_;
  std::unique_ptr<Target> target_;
};

// Takes the lock of the probe, calls session.begin_work and ready, then opens the probe, connects
// and identifies the chip. A probe that is in use or not there is waited for as long as --wait
// says. check: throws when the chip is not acceptable. It is called with the chip of the board
// file, if named there, before the probe is opened, and with the chip that was found.
[[nodiscard]] Connection connect_target(const PluginLoader &plugins, const config::Config &config,
                                        const Session &session,
                                        const std::function<void(const Chip &)> &check = {},
                                        const std::function<void()> &ready = {});

enum class ImageUse : std::uint8_t { writing, comparing };
// connect_target for verbs that use an image: it must fit the chip. With [flash] strict, one that
// is to be written must not be doubtful, either (doubts_about).
[[nodiscard]] Connection connect_for_image(const PluginLoader &plugins,
                                           const config::Config &config, const Session &session,
                                           ImageFiles &files, ImageUse use);
// Warns of what is doubtful about an image that is about to be written.
void judge(const Image &image, const Chip &chip, const Session &session);

// The options, with the journal's folder.
[[nodiscard]] FlashOptions flash_options(const FlashChoices &choices,
                                         const config::Options &options);

}  // namespace flashhost
