#include "session.hpp"

#include "flash/journal.hpp"
#include "flash/option_job.hpp"
#include "flash/stop.hpp"
#include "flash/vectors.hpp"
#include "output/harmless.hpp"
#include "plugin/search_path.hpp"
#include "probe_choice.hpp"
#include "watched_probe.hpp"

#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <chrono>
#include <thread>
#include <utility>

namespace flashhost {

config::Config board(const Session &session) {
  config::Config config = config::load_config(session.options.config, session.options.changes);
  session.report.begin(config);
  return config;
}

std::string with_flash_state(const Session &session, const std::string &text) {
  // init changes a file; its end is about that.
  const bool unchanged = session.observer.flash.get() == FlashState::unchanged &&
                         session.options.verb != config::Verb::init;
  return unchanged ? text + "; nothing was changed" : text;
}

void done(const Session &session, const std::string &verb, const std::string &text) {
  const std::string end = with_flash_state(session, text);
  session.report.write(0, end, session.observer);
  if (session.json != nullptr) return session.json->done(verb, end);
  session.observer.message(Level::info, end);
}

std::string about(const config::Config &config, const Target &target) {
  const ProbeInfo &probe = target.probe_info();
  return fmt::format("{}{}{} on {} {}: ", config.board, config.board.empty() ? "" : ": ",
                     target.chip().name, probe.product, probe.serial);
}

PluginLoader plugin_loader(const Session &session) {
  const std::vector<std::filesystem::path> folders =
      plugin_search_path(session.options.plugin_dirs);
  return {folders,
          [&log = session.log, folders](const std::string &id) { return log.host(id, folders); }};
}

std::vector<NamedFamily> load_families(const PluginLoader &plugins,
                                       const config::FamilyConfig &config) {
  std::vector<Loaded<Family>> loaded;
  if (config.plugin) {
    loaded.push_back(plugins.family(*config.plugin));
  } else {
    loaded = plugins.families();
  }
  if (loaded.empty()) {
    throw Error(Errc::plugin, "no family plugin is installed",
                "`flashhost list plugins` shows what was found and what was refused.");
  }
  std::vector<NamedFamily> families;
  for (Loaded<Family> &family : loaded) {
    family.object->configure(config.settings);
    if (config.chip) family.object->ask_for(*config.chip);
    families.push_back({family.id, std::move(family.object), family.version});
  }
  return families;
}

namespace {

struct OpenedProbe {
  files::DeviceLock lock;
  std::unique_ptr<Probe> probe;
  PluginVersion transport;
};

// One attempt.
OpenedProbe try_to_open(ProbeFinder &finder, const config::TransportConfig &wanted,
                        const std::function<void()> &before_open) {
  ChosenProbe chosen = finder.choose();
  files::DeviceLock lock = lock_probe(chosen);
  before_open();
  try {
    return {std::move(lock),
            chosen.transport.object->open(
                {chosen.serial, wanted.speed_hz, wanted.millivolts, chosen.usb}),
            {"transport", chosen.transport.id, chosen.transport.version}};
  } catch (const Error &error) {
    const auto user = chosen.node.empty() ? std::nullopt : files::user_of(chosen.node);
    if (error.code() != Errc::probe || !user) throw;
    throw Error(error.code(),
                fmt::format("{}; {} has it open", error.what(), harmless(to_text(*user))),
                error.hint())
        .see(error.cause());
  }
}

OpenedProbe open_probe(const PluginLoader &plugins, const config::TransportConfig &wanted,
                       const Session &session, const std::function<void()> &ready) {
  constexpr std::chrono::milliseconds pause{100};
  const auto start = std::chrono::steady_clock::now();
  bool said = false;
  const auto once = [&, done = false]() mutable {
    if (std::exchange(done, true)) return;
    session.begin_work();
    if (ready) ready();
    session.observer.step("connecting", 0);
  };
  const std::function<void()> before_open = once;
  ProbeFinder finder(plugins, wanted, session);
  for (;;) {
    try {
      return try_to_open(finder, wanted, before_open);
    } catch (const SeveralProbes &) {
      throw;
    } catch (const Error &error) {
      const auto waited = std::chrono::steady_clock::now() - start;
      if (error.code() != Errc::probe || !session.options.wait ||
          (said && waited >= *session.options.wait)) {
        throw;
      }
      if (!std::exchange(said, true)) {
        session.observer.message(Level::info,
                                 fmt::format("waiting up to {} for the probe: {}",
                                             format_duration(*session.options.wait), error.what()));
      }
    }
    std::this_thread::sleep_for(pause);
    if (session.stop.stop_requested()) throw interrupted();
  }
}

}  // namespace

Connection connect_target(const PluginLoader &plugins, const config::Config &config,
                          const Session &session, const std::function<void(const Chip &)> &check,
                          const std::function<void()> &ready) {
  std::vector<NamedFamily> families = load_families(plugins, config.family);
  TargetOptions options;
  options.chip = {config.family.chip, config.family.flash_size};
  options.connect = config.transport.connect;
  options.reset = config.reset;
  if (check) {
    if (const auto part = requested_part(families, options.chip)) check(part->chip);
  }
  OpenedProbe probe = open_probe(plugins, config.transport, session, ready);
  session.report.uses(std::move(probe.transport));
  Watchers watchers;
  if (session.console != nullptr)
    watchers.on_use = [&console = *session.console] { console.tick(); };
  watchers.recorder = session.report.begin_timeline();
  if (watchers.on_use || watchers.recorder != nullptr) {
    probe.probe = make_watched_probe(std::move(probe.probe), std::move(watchers));
  }
  auto target = std::make_unique<Target>(std::move(probe.probe), std::move(families),
                                         std::move(options), session.observer);
  target->connect(session.stop);
  session.report.found(*target);
  if (check) check(target->chip());
  if (session.options.fast || session.options.verb == config::Verb::reset) {
    refuse_to_reset(*target, flash_options(config.flash, session.options));
  }
  return {std::move(probe.lock), std::move(target)};
}

Connection connect_for_image(const PluginLoader &plugins, const config::Config &config,
                             const Session &session, ImageFiles &files, ImageUse use) {
  session.report.found(files);
  Connection connection = connect_target(plugins, config, session, [&](const Chip &chip) {
    const Image &image = files.image(chip, session.observer);
    check_fits(image, chip);
    if (!config.flash.strict || use == ImageUse::comparing) return;
    const std::vector<std::string> doubts = doubts_about(image, chip);
    if (doubts.empty()) return;
    throw Error(Errc::image, fmt::format("{}", fmt::join(doubts, "; and ")),
                "Without --strict, or strict = true in [flash] of the board "
                "file, this is a warning.")
        .see(Cause::bad_input);
  });
  if (!files.names_chips()) return connection;
  // All parts with this die: which of them it is, the chip itself may not say.
  std::vector<Part> parts = connection->family().parts();
  const Chip &chip = connection->chip();
  std::erase_if(parts, [&](const Part &part) { return part.chip.device_id != chip.device_id; });
  files.check_made_for(chip.name, part_names(parts));
  return connection;
}

void judge(const Image &image, const Chip &chip, const Session &session) {
  for (const std::string &doubt : doubts_about(image, chip)) {
    session.observer.message(Level::warning, with_page(doubt, Cause::bad_input));
  }
}

FlashOptions flash_options(const FlashChoices &choices, const config::Options &options) {
  return {choices, journal_directory(), options.discard_journal, options.use_journal};
}

}  // namespace flashhost
