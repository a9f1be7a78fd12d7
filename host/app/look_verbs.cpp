// The verbs that only look: plan, verify, read, info.
#include "files/files.hpp"
#include "files/output_file.hpp"
#include "flash/look.hpp"
#include "output/harmless.hpp"
#include "output/lost_output.hpp"
#include "verb_tools.hpp"
#include "workshop.hpp"

#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <utility>

namespace flashhost {

namespace {

LookOptions look_options(const Surroundings &around, const config::Config &config) {
  return {around.options.fast ? Look::fast : Look::gently, config.flash.reset};
}

}  // namespace

void run_plan(const Surroundings &around) {
  const config::Config config = board(around);
  const PluginLoader plugins = plugin_loader(around.options, around.log);
  const Image image = load_image(plugins, config, around.options.files, around.stop);
  const auto target =
      connect_target(plugins, config, around, [&](const Chip &chip) { check_fits(image, chip); });
  const Plan plan = plan_flash(*target, image, flash_options(config.flash, around.options),
                               look_options(around, config), around.observer, around.stop);
  if (around.console != nullptr) around.console->wipe();
  if (around.json != nullptr) {
    around.json->plan(plan, target->chip());
  } else {
    around.out.text(to_text(plan, target->chip()));
  }
}

void run_verify(const Surroundings &around) {
  const config::Config config = board(around);
  const PluginLoader plugins = plugin_loader(around.options, around.log);
  const Image image = load_image(plugins, config, around.options.files, around.stop);
  const auto target =
      connect_target(plugins, config, around, [&](const Chip &chip) { check_fits(image, chip); });
  around.observer.step("verifying", around.options.fast ? 0 : image.size());
  const auto mismatch =
      verify_image(*target, image, look_options(around, config), around.observer, around.stop);
  if (mismatch) {
    throw Error(Errc::verify, "the flash differs from the image: " + to_text(*mismatch),
                "`flashhost flash` writes the image.");
  }
  done(around, "verify",
       fmt::format("the flash holds all {} of the image ({})", format_size(image.size()),
                   format_duration(target->elapsed())));
}

void run_read(const Surroundings &around) {
  const config::Config config = board(around);
  const PluginLoader plugins = plugin_loader(around.options, around.log);
  const std::filesystem::path file = around.options.output.value_or("-");
  const bool to_standard_output = file == "-";
  std::optional<Loaded<Format>> format;
  std::optional<files::OutputFile> output;
  if (!to_standard_output) {
    format = output_format(plugins, file);
    if (around.options.config && files::same_file(file, *around.options.config)) {
      throw Error(Errc::usage, fmt::format("{} is the board file in use", file.string()),
                  "Name another file to write to.");
    }
  }
  const auto target = connect_target(plugins, config, around, {}, [&] {
    if (!to_standard_output) output.emplace(file);
  });
  const MemoryRange range = around.options.range.value_or(target->chip().flash);
  around.observer.step("reading", range.size);
  const Bytes bytes =
      read_range(*target, range, look_options(around, config), around.observer, around.stop);
  const Nanoseconds time = target->elapsed();
  if (around.console != nullptr) around.console->wipe();
  if (output) {
    output->commit(format ? format->object->writer()->write({{{range.address, bytes}}, {}})
                          : bytes);
  } else {
    around.out.raw({reinterpret_cast<const char *>(bytes.data()), bytes.size()});
    throw_if_lost(around.out);
  }
  done(around, "read",
       fmt::format("{} at {} read into {} ({}) in {}", format_size(range.size), hex(range.address),
                   to_standard_output ? "standard output" : harmless(file.string()),
                   format ? format->id : "raw binary", format_duration(time)));
}

void run_info(const Surroundings &around) {
  const config::Config config = board(around);
  const PluginLoader plugins = plugin_loader(around.options, around.log);
  const auto target = connect_target(plugins, config, around);
  const Protection protection =
      read_protection(*target, look_options(around, config), around.observer, around.stop);
  const ProbeInfo &probe = target->probe_info();
  const Chip &chip = target->chip();
  const std::vector<std::pair<std::string, std::string>> fields = {
      {"probe", probe.product},
      {"serial", probe.serial},
      {"firmware", probe.firmware.empty() ? "none" : probe.firmware},
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
  for (const auto &[key, value] : fields) around.out.line(fmt::format("{:<11} {}", key, value));
}

}  // namespace flashhost
