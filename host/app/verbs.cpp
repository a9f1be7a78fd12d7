// The verbs that change the target: flash, erase, reset.
#include "flash/erase.hpp"
#include "flash/journal.hpp"
#include "verb_tools.hpp"
#include "workshop.hpp"

#include <flashhost/error.hpp>

#include <fmt/format.h>

namespace flashhost {

config::Config board(const Surroundings &around) {
  return config::load_config(around.options.config.value_or("board.toml"), around.options.sets);
}

void done(const Surroundings &around, const std::string &verb, const std::string &text) {
  if (around.json != nullptr) return around.json->done(verb, text);
  around.observer.message(Level::info, text);
}

namespace {

void report(const Surroundings &around, const FlashReport &report, const std::string &text) {
  if (around.json != nullptr) return around.json->result(report, text);
  around.observer.message(Level::info, text);
}

}  // namespace

void run_flash(const Surroundings &around) {
  const config::Config config = board(around);
  const PluginLoader plugins = plugin_loader(around.options, around.log);
  const Image image = load_image(plugins, config, around.options.files, around.stop);
  const auto target =
      connect_target(plugins, config, around, [&](const Chip &chip) { check_fits(image, chip); });
  const FlashOptions options = flash_options(config.flash, around.options);
  const FlashReport result = flash(*target, image, options, around.observer, around.stop);
  report(around, result, to_text(result));
}

void run_erase(const Surroundings &around) {
  const config::Config config = board(around);
  const PluginLoader plugins = plugin_loader(around.options, around.log);
  const std::optional<MemoryRange> &asked = around.options.range;
  const auto target = connect_target(plugins, config, around, [&](const Chip &chip) {
    if (asked) check_erasable(*asked, chip);
  });
  FlashOptions options = flash_options(config.flash, around.options);
  // A part is named: what the board file prefers for whole images does not matter.
  if (asked && options.erase == EraseMode::mass) options.erase = EraseMode::automatic;
  const MemoryRange range = asked.value_or(target->chip().flash);
  const Image image = erased_image(range, target->chip());
  const FlashReport result = flash(*target, image, options, around.observer, around.stop);
  report(around, result, erase_text(result, range));
}

void run_reset(const Surroundings &around) {
  const config::Config config = board(around);
  const PluginLoader plugins = plugin_loader(around.options, around.log);
  const auto target = connect_target(plugins, config, around);
  target->reset(config.flash.reset);
  done(around, "reset",
       config.flash.reset == ResetAfter::run ? "reset, the core runs"
                                             : "reset, the core is halted at its reset vector");
}

}  // namespace flashhost
