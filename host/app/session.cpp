#include "session.hpp"

#include "flash/journal.hpp"
#include "plugin/search_path.hpp"

#include <flashhost/error.hpp>

#include <fmt/format.h>

namespace flashhost {

config::Config board(const Session &session) {
  return config::load_config(session.options.config.value_or(default_board_file),
                             session.options.sets);
}

void done(const Session &session, const std::string &verb, const std::string &text) {
  if (session.json != nullptr) return session.json->done(verb, text);
  session.observer.message(Level::info, text);
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
    families.push_back({family.id, std::move(family.object)});
  }
  return families;
}

std::unique_ptr<Target> connect_target(const PluginLoader &plugins, const config::Config &config,
                                       const Session &session,
                                       const std::function<void(const Chip &)> &check,
                                       const std::function<void()> &ready) {
  std::vector<NamedFamily> families = load_families(plugins, config.family);
  TargetOptions options;
  options.chip = {config.family.chip, config.family.flash_size};
  options.connect = config.transport.connect;
  options.reset = config.reset;
  if (check) {
    if (const auto part = requested_part(families, options.chip)) check(part->chip);
  }
  const Loaded<Transport> transport = plugins.transport(config.transport.plugin);
  transport.object->configure(config.transport.settings);
  session.begin_work();
  if (ready) ready();
  session.observer.step("connecting", 0);
  auto target = std::make_unique<Target>(
      transport.object->open({config.transport.serial.value_or(""), config.transport.speed_hz,
                              config.transport.millivolts}),
      std::move(families), std::move(options), session.observer);
  target->connect(session.stop);
  if (check) check(target->chip());
  return target;
}

FlashOptions flash_options(const FlashChoices &choices, const config::Options &options) {
  return {choices, journal_directory(), options.discard_journal, options.use_journal};
}

}  // namespace flashhost
