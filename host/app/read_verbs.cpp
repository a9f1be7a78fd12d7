// The verbs that only read: plan, verify, read, info.
#include "files/files.hpp"
#include "files/output_file.hpp"
#include "flash/inspect.hpp"
#include "output/harmless.hpp"
#include "output/lost_output.hpp"
#include "verbs.hpp"

#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <utility>

namespace flashhost {

namespace {

ReadMode read_mode(const Session &session) {
  return session.options.fast ? ReadMode::fast : ReadMode::non_intrusive;
}

constexpr const char *not_known = "not known";

bool knows_protection(Target &target) {
  return target.chip().has_device_id() || target.family().locks() != nullptr;
}

std::string flash_text(const Chip &chip) {
  return fmt::format("{} at {}, {} sector{}", format_size(chip.flash.size), hex(chip.flash.address),
                     chip.sectors.size(), chip.sectors.size() == 1 ? "" : "s");
}

nlohmann::json info_object(const config::Config &config, Target &target,
                           const Protection &protection) {
  const ProbeInfo &probe = target.probe_info();
  const Chip &chip = target.chip();
  nlohmann::json object{{"board", config.board},
                        {"probe", probe.product},
                        {"serial", probe.serial},
                        {"firmware", probe.firmware},
                        {"voltage", nullptr},
                        {"chip", chip.name},
                        {"family", target.family_id()},
                        {"device_id", chip.device_id},
                        {"revision", chip.revision},
                        {"unique_id", hex_bytes(chip.unique_id)},
                        {"flash_address", chip.flash.address},
                        {"flash_bytes", chip.flash.size},
                        {"flash_sectors", chip.sectors.size()},
                        {"ram_address", chip.ram.address},
                        {"ram_bytes", chip.ram.size},
                        {"read_protected", protection.read},
                        {"write_protected", !protection.write.empty()},
                        {"protection", protection.detail}};
  for (const Chip &further : chip.further_flash) {
    object["further_flash"].push_back({{"flash_address", further.flash.address},
                                       {"flash_bytes", further.flash.size},
                                       {"flash_sectors", further.sectors.size()}});
  }
  if (probe.target_millivolts) object["voltage"] = *probe.target_millivolts / 1000.0;
  if (!chip.has_device_id()) object["device_id"] = object["revision"] = nullptr;
  if (!knows_protection(target)) {
    object["read_protected"] = object["write_protected"] = object["protection"] = nullptr;
  }
  return object;
}

}  // namespace

void run_plan(const Session &session) {
  const config::Config config = board(session);
  const PluginLoader plugins = plugin_loader(session);
  ImageFiles files(plugins, config, session.stop);
  const auto target = connect_for_image(plugins, config, session, files, ImageUse::writing);
  const Image &image = files.image(target->chip(), session.observer);
  judge(image, target->chip(), session);
  const FlashOptions options = flash_options(config.flash, session.options);
  std::vector<std::pair<Plan, Chip>> plans;
  for_each_flash(*target, image, flashes_to_write(*target, image, options), [&](const Image &part) {
    plans.emplace_back(
        plan_flash(*target, part, options, read_mode(session), session.observer, session.stop),
        target->chip());
  });
  if (session.console != nullptr) session.console->wipe();
  for (const auto &[plan, chip] : plans) {
    if (session.json != nullptr) {
      session.json->plan(plan, chip);
    } else {
      const std::string about_mass_erase = mass_erase_text(plan);
      session.out.text(to_text(plan, chip) +
                       (about_mass_erase.empty() ? "" : about_mass_erase + "\n"));
    }
  }
}

void run_verify(const Session &session) {
  const config::Config config = board(session);
  const PluginLoader plugins = plugin_loader(session);
  ImageFiles files(plugins, config, session.stop, session.options.report.has_value());
  const auto target = connect_for_image(plugins, config, session, files, ImageUse::comparing);
  const Image &image = files.image(target->chip(), session.observer);
  session.observer.step("verifying", session.options.fast ? 0 : image.size());
  const auto mismatch =
      verify_image(*target, image, read_mode(session), session.observer, session.stop);
  if (mismatch) {
    throw Error(Errc::verify, "the flash differs from the image: " + to_text(*mismatch),
                "`flashhost flash` writes the image.");
  }
  done(session, "verify",
       fmt::format("{}the flash holds all {} of the image ({})", about(config, *target),
                   format_size(image.size()), format_duration(target->elapsed())));
}

void run_read(const Session &session) {
  const config::Config config = board(session);
  const PluginLoader plugins = plugin_loader(session);
  const std::filesystem::path file = session.options.output.value_or("-");
  const bool to_standard_output = file == "-";
  std::optional<Loaded<Format>> format;
  std::optional<files::OutputFile> output;
  if (!to_standard_output) {
    for (const std::filesystem::path &board_file : config.board_files) {
      if (!files::same_file(file, board_file)) continue;
      throw Error(Errc::usage, fmt::format("{} is the board file in use", file.string()),
                  "Name another file to write to.");
    }
  }
  const std::string &format_id = session.options.changes.format;
  if (!to_standard_output || !format_id.empty()) format = output_format(plugins, file, format_id);
  const auto target = connect_target(plugins, config, session, {}, [&] {
    if (!to_standard_output) output.emplace(file);
  });
  const MemoryRange range = session.options.range.value_or(target->chip().flash);
  session.observer.step("reading", range.size);
  const Bytes bytes =
      read_range(*target, range, read_mode(session), session.observer, session.stop);
  const Nanoseconds time = target->elapsed();
  if (session.console != nullptr) session.console->wipe();
  const Bytes content =
      format ? format->object->writer()->write({{{range.address, bytes}}, {}}) : bytes;
  if (output) {
    output->commit(content);
  } else {
    session.out.raw({reinterpret_cast<const char *>(content.data()), content.size()});
    throw_if_lost(session.out);
  }
  done(session, "read",
       fmt::format("{}{} at {} read into {} ({}) in {}", about(config, *target),
                   format_size(range.size), hex(range.address),
                   to_standard_output ? "standard output" : harmless(file.string()),
                   format ? format->id : "raw binary", format_duration(time)));
}

void run_info(const Session &session) {
  const config::Config config = board(session);
  const PluginLoader plugins = plugin_loader(session);
  const auto target = connect_target(plugins, config, session);
  const Protection protection =
      read_protection(*target, read_mode(session), session.observer, session.stop);
  const ProbeInfo &probe = target->probe_info();
  const Chip &chip = target->chip();
  const bool known = chip.has_device_id();
  const char *const no_protection = knows_protection(*target) ? "none" : not_known;
  if (session.console != nullptr) session.console->wipe();
  if (session.json != nullptr) {
    return session.json->row("info", info_object(config, *target, protection));
  }
  std::vector<std::pair<std::string, std::string>> lines = {
      {"probe", probe.product},
      {"serial", probe.serial},
      {"firmware", probe.firmware.empty() ? "none" : probe.firmware},
      {"voltage", probe.target_millivolts
                      ? fmt::format("{:.2f} V", *probe.target_millivolts / 1000.0)
                      : not_known},
      {"chip", chip.name},
      {"family", target->family_id()},
      {"device id", known ? hex(chip.device_id) : not_known},
      {"revision", known ? hex(chip.revision) : not_known},
      {"unique id", !chip.unique_id.empty() ? hex_bytes(chip.unique_id)
                    : known                 ? "none"
                                            : not_known},
      {"flash", flash_text(chip)},
      {"ram", fmt::format("{} at {}", format_size(chip.ram.size), hex(chip.ram.address))},
      {"protection", protection.any() ? protection.detail : no_protection}};
  if (!config.board.empty()) lines.insert(lines.begin(), {"board", config.board});
  for (const Chip &further : chip.further_flash) {
    lines.insert(std::prev(lines.end(), 2), {"and", flash_text(further)});
  }
  for (const auto &[key, value] : lines) session.out.line(fmt::format("{:<11} {}", key, value));
}

}  // namespace flashhost
