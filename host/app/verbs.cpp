#include "verbs.hpp"

#include "flash/journal.hpp"
#include "flash/verify.hpp"
#include "workshop.hpp"

#include <flashhost/cortex_m.hpp>
#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace flashhost {

namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

config::Config board(const Surroundings &around) {
  return config::load_config(around.options.config.value_or("board.toml"), around.options.sets);
}

void print(const std::string &text) {
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
}

void say(const Surroundings &around, const std::string &text) {
  around.observer.message(Level::info, text);
}

}  // namespace

void run_flash(const Surroundings &around) {
  const config::Config config = board(around);
  const PluginLoader plugins = plugin_loader(around.options, around.log);
  const Image image = load_image(plugins, config, around.options.files);
  const auto target = connect_target(plugins, config, &image, around.observer);
  FlashOptions options = flash_options(config.flash);
  options.journal_directory = journal_directory();
  options.discard_journal = around.options.discard_journal;
  const FlashReport report = flash(*target, image, options, around.observer, around.stop);
  if (around.json != nullptr) {
    around.json->result(report);
  } else {
    say(around, to_text(report));
  }
}

void run_plan(const Surroundings &around) {
  const config::Config config = board(around);
  const PluginLoader plugins = plugin_loader(around.options, around.log);
  const Image image = load_image(plugins, config, around.options.files);
  const auto target = connect_target(plugins, config, &image, around.observer);
  const FlashOptions options = flash_options(config.flash);
  const Plan plan = around.options.fast
                        ? plan_fast(*target, image, options, around.observer, around.stop)
                        : plan_only(*target, image, options);
  if (around.console != nullptr) around.console->wipe();
  if (around.json != nullptr) {
    around.json->plan(plan, target->chip());
  } else {
    print(to_text(plan, target->chip()));
  }
}

void run_verify(const Surroundings &around) {
  const config::Config config = board(around);
  const PluginLoader plugins = plugin_loader(around.options, around.log);
  const Image image = load_image(plugins, config, around.options.files);
  const auto target = connect_target(plugins, config, &image, around.observer);
  around.observer.step("verifying", 0);
  target->halt_for_reading();
  const std::optional<Mismatch> mismatch = compare_image(image, target->probe());
  target->release_reading();
  if (mismatch) {
    throw Error(Errc::verify, "the flash differs from the image: " + to_text(*mismatch),
                "`flashhost flash` writes the image.");
  }
  say(around, fmt::format("the flash holds all {} of the image", format_size(image.size())));
}

void run_info(const Surroundings &around) {
  const config::Config config = board(around);
  const PluginLoader plugins = plugin_loader(around.options, around.log);
  const auto target = connect_target(plugins, config, nullptr, around.observer);
  const ProbeInfo &probe = target->probe_info();
  const Chip &chip = target->chip();
  target->halt_for_reading();
  const Protection protection = target->family().protection(target->probe(), chip);
  target->release_reading();
  const Fields fields = {
      {"probe", fmt::format("{} {}", probe.product, probe.firmware)},
      {"serial", probe.serial},
      {"voltage", probe.target_millivolts
                      ? fmt::format("{:.2f} V", *probe.target_millivolts / 1000.0)
                      : "unknown"},
      {"chip", chip.name},
      {"family", target->family_id()},
      {"device id", hex(chip.device_id)},
      {"revision", hex(chip.revision)},
      {"unique id", chip.unique_id.empty() ? "none" : hex_bytes(chip.unique_id)},
      {"flash", fmt::format("{} at {}, {} sectors", format_size(chip.flash.size),
                            hex(chip.flash.address), chip.sectors.size())},
      {"ram", fmt::format("{} at {}", format_size(chip.ram.size), hex(chip.ram.address))},
      {"protection", protection.any() ? protection.detail : "none"}};
  if (around.console != nullptr) around.console->wipe();
  if (around.json != nullptr) return around.json->row("info", fields);
  for (const auto &[key, value] : fields) print(fmt::format("{:<11} {}\n", key, value));
}

void run_reset(const Surroundings &around) {
  const config::Config config = board(around);
  const PluginLoader plugins = plugin_loader(around.options, around.log);
  const auto target = connect_target(plugins, config, nullptr, around.observer);
  target->prepare();
  target->release(flash_options(config.flash).reset);
  say(around, "reset");
}

namespace {

void list_plugins(const Surroundings &around, const PluginLoader &plugins) {
  for (const PluginRow &row : plugins.list()) {
    const std::string name =
        row.name.id.empty() ? row.file.filename().string()
                            : fmt::format("{:<10} {:<10}", kind_name(row.name.kind), row.name.id);
    if (around.json != nullptr) {
      around.json->row("plugin",
                       {{"file", row.file.string()},
                        {"kind", row.name.id.empty() ? "" : std::string(kind_name(row.name.kind))},
                        {"id", row.name.id},
                        {"version", row.version},
                        {"summary", row.summary},
                        {"problem", row.problem}});
    } else if (row.problem.empty()) {
      print(fmt::format("{} {:<7} {}\n", name, row.version, row.summary));
    } else {
      print(fmt::format("{} refused: {}\n", name, row.problem));
      if (!row.remedy.empty()) print(fmt::format("{:21} {}\n", "", row.remedy));
    }
  }
}

void list_chips(const Surroundings &around, const PluginLoader &plugins) {
  for (const NamedFamily &family : load_families(plugins, {})) {
    for (const std::string &name : family.family->chips()) {
      const auto chip = family.family->describe(name);
      if (!chip) continue;
      if (around.json != nullptr) {
        around.json->row("chip", {{"name", name},
                                  {"family", family.id},
                                  {"flash", std::to_string(chip->flash.size)},
                                  {"ram", std::to_string(chip->ram.size)}});
      } else {
        print(fmt::format("{:<14} {:<6} {:>9} flash {:>8} RAM\n", name, family.id,
                          format_size(chip->flash.size), format_size(chip->ram.size)));
      }
    }
  }
}

void list_probes(const Surroundings &around, const PluginLoader &plugins) {
  const auto show = [&](const std::string &id, Transport &transport) {
    for (const ProbeDescription &probe : transport.list()) {
      if (around.json != nullptr) {
        around.json->row("probe", {{"transport", id},
                                   {"serial", probe.serial},
                                   {"product", probe.product},
                                   {"detail", probe.detail}});
      } else {
        print(fmt::format("{:<10} {:<26} {} {}\n", id, probe.serial, probe.product, probe.detail));
      }
    }
  };
  if (around.options.config) {
    const config::Config config = board(around);
    const Loaded<Transport> transport = plugins.transport(config.transport.plugin);
    transport.object->configure(config.transport.settings);
    return show(transport.id, *transport.object);
  }
  for (const Loaded<Transport> &transport : plugins.transports()) {
    try {
      transport.object->configure(Settings());
      show(transport.id, *transport.object);
    } catch (const Error &error) {
      around.observer.message(Level::warning, fmt::format("{}: {}", transport.id, error.what()));
    }
  }
}

}  // namespace

void run_list(const Surroundings &around) {
  const PluginLoader plugins = plugin_loader(around.options, around.log);
  switch (around.options.list) {
    case config::ListSubject::plugins:
      return list_plugins(around, plugins);
    case config::ListSubject::chips:
      return list_chips(around, plugins);
    case config::ListSubject::probes:
      return list_probes(around, plugins);
  }
}

}  // namespace flashhost
