// The verbs that change the target: flash, erase, reset.
#include "verbs.hpp"

#include "flash/erase.hpp"
#include "flash/journal.hpp"

#include <flashhost/error.hpp>

#include <fmt/format.h>

namespace flashhost {

namespace {

void report(const Session &session, const config::Config &config, const Target &target,
            const FlashReport &report, const std::string &text) {
  const std::string end = with_flash_state(session, about(config, target) + text);
  session.report.did(report);
  session.report.write(0, end, session.observer);
  if (session.json != nullptr) {
    const ProbeInfo &probe = target.probe_info();
    return session.json->result(
        report, {config.board, target.chip().name, probe.product, probe.serial}, end);
  }
  session.observer.message(Level::info, end);
}

}  // namespace

void run_flash(const Session &session) {
  const config::Config config = board(session);
  const PluginLoader plugins = plugin_loader(session);
  ImageFiles files(plugins, config, session.stop, session.options.report.has_value());
  const auto target = connect_for_image(plugins, config, session, files, ImageUse::writing);
  const Image &image = files.image(target->chip(), session.observer);
  judge(image, target->chip(), session);
  const FlashOptions options = flash_options(config.flash, session.options);
  const FlashReport result = flash(*target, image, options, session.observer, session.stop);
  report(session, config, *target, result, to_text(result, session.options.verbosity > 0));
}

void run_erase(const Session &session) {
  const config::Config config = board(session);
  const PluginLoader plugins = plugin_loader(session);
  const std::optional<MemoryRange> &asked = session.options.range;
  const auto target = connect_target(plugins, config, session, [&](const Chip &chip) {
    if (asked) check_erasable(*asked, chip);
  });
  FlashOptions options = flash_options(config.flash, session.options);
  // erase --range names a part, so the board file's erase = "mass" does not apply.
  if (asked && options.erase == EraseMode::mass) options.erase = EraseMode::automatic;
  const MemoryRange range = asked.value_or(target->chip().flash);
  const Image image = erased_image(range, target->flashes());
  const FlashReport result = flash(*target, image, options, session.observer, session.stop);
  report(session, config, *target, result, erase_text(result, range));
}

void run_reset(const Session &session) {
  const config::Config config = board(session);
  const PluginLoader plugins = plugin_loader(session);
  const auto target = connect_target(plugins, config, session);
  target->reset();
  done(session, "reset",
       about(config, *target) + (config.reset == ResetAfter::run
                                     ? "reset, the core runs"
                                     : "reset, the core is halted at its reset vector"));
}

}  // namespace flashhost
