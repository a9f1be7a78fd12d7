#include "options.hpp"

#include <flashhost/machine/models.hpp>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>

namespace virtual_stlink {

namespace {

constexpr unsigned newest_v2 = 37;
constexpr unsigned newest_v3 = 10;
constexpr unsigned swim_v2 = 7;
constexpr unsigned msd_v2_1 = 27;
constexpr std::size_t most_probes = 32;
constexpr std::size_t serial_digits = 24;
constexpr std::size_t raw_serial_bytes = 12;
constexpr int usage_error = 2;

struct Raw {
  std::string probe = "v2";
  unsigned version = 0;
  std::vector<std::string> serials;
  std::size_t probes = 1;
  std::string mode = "mass";
  std::string chip;
  std::string model_dir;
  std::string state;
  std::string firmware;
  std::vector<std::string> faults;
  std::vector<std::string> rules_off;
  std::uint64_t seed = 1;
  std::string pace = "real";
  std::string summary = "text";
  double run_time = 0;
  int millivolts = -1;
  unsigned unreliable_above_khz = 0;
  bool mute = false;
  bool witness = false;
  std::vector<std::string> command;
};

namespace fs = std::filesystem;

// Models lie beside the plugins: in the build's folder and where they are installed.
flashhost::machine::Models load_models(const std::string &model_dir) {
  const fs::path prefix = fs::read_symlink("/proc/self/exe").parent_path().parent_path();
  std::vector<fs::path> folders =
      flashhost::machine::model_folders({prefix / "plugins", prefix / FLASHHOST_INSTALLED_PLUGINS});
  if (!model_dir.empty()) folders.insert(folders.begin(), model_dir);
  return flashhost::machine::Models::load(folders);
}

std::string footer() {
  std::string text = "Faults of the first probe, on USB and SWD:\n";
  for (const flashhost::sim::FaultName &fault : flashhost::sim::probe_fault_names()) {
    text += fmt::format("  {:28} {}\n", fault.name, fault.meaning);
  }
  return text +
         fmt::format("Faults of the board (the README of transport-sim describes them): {}\n",
                     fmt::join(load_models({}).fault_names(), ", ")) +
         "Example: virtual-stlink --state chip.flash -- st-flash write firmware.bin 0x08000000";
}

Hardware hardware_of(const std::string &name) {
  if (name == "v2") return Hardware::v2;
  return name == "v2-1" ? Hardware::v2_1 : Hardware::v3;
}

Mode mode_of(const std::string &name) {
  if (name == "dfu") return Mode::dfu;
  if (name == "debug") return Mode::debug;
  return name == "swim" ? Mode::swim : Mode::mass;
}

// 24 hex digits, shorter ones filled up; "raw:" and 24 hex digits for 12 bytes as they are.
std::string serial_of(const std::string &text) {
  constexpr std::string_view raw = "raw:";
  const bool is_raw = text.starts_with(raw);
  std::string digits = is_raw ? text.substr(raw.size()) : text;
  const bool hex = digits.find_first_not_of("0123456789abcdefABCDEF") == std::string::npos;
  if (!hex || digits.empty() || digits.size() > serial_digits) {
    throw std::invalid_argument(
        fmt::format("serial '{}': a serial number has up to {} hex digits", text, serial_digits));
  }
  digits.append(serial_digits - digits.size(), '0');
  if (!is_raw) return digits;
  std::string bytes;
  for (std::size_t i = 0; i < raw_serial_bytes; ++i) {
    bytes.push_back(static_cast<char>(std::stoul(digits.substr(2 * i, 2), nullptr, 16)));
  }
  return bytes;
}

ProbeSettings common_settings(Raw &raw) {
  ProbeSettings settings;
  FirmwareConfig &firmware = settings.firmware;
  firmware.hardware = hardware_of(raw.probe);
  firmware.jtag = firmware.hardware == Hardware::v3 ? newest_v3 : newest_v2;
  if (raw.version != 0) firmware.jtag = raw.version;
  firmware.swim = firmware.hardware == Hardware::v2_1 ? msd_v2_1 : swim_v2;
  firmware.start_mode = mode_of(raw.mode);
  firmware.mute_until_usb_reset = raw.mute;
  firmware.unreliable_above_khz = raw.unreliable_above_khz;
  firmware.seed = raw.seed;
  if (raw.millivolts >= 0) firmware.reported_millivolts = raw.millivolts;
  const flashhost::machine::Models models = load_models(raw.model_dir);
  settings.board.part = raw.chip.empty() ? models.first_part() : raw.chip;
  settings.board.model = models.with_part(settings.board.part);
  settings.board.seed = raw.seed;
  settings.board.witness = raw.witness;
  settings.board.rules_off = raw.rules_off;
  const flashhost::sim::ProbeFaults faults = flashhost::sim::take_probe_faults(raw.faults);
  settings.faults = faults.usb;
  settings.firmware.swd_faults = faults.swd;
  settings.board.faults = raw.faults;
  settings.firmware_file = raw.firmware;
  const std::optional<double> pace = parse_pace(raw.pace);
  if (!pace) {
    throw std::invalid_argument(fmt::format(
        "pace '{}': write real, fast, fast=K or slow=K, with K from 1 to 1000", raw.pace));
  }
  settings.pace = *pace;
  return settings;
}

std::vector<ProbeSettings> probe_settings(Raw &raw) {
  ProbeSettings settings = common_settings(raw);
  for (std::size_t i = raw.serials.size(); i < raw.probes; ++i) {
    raw.serials.push_back(fmt::format("0667FF{:02X}5457717867013{:03}", i + 1, i + 1));
  }
  std::vector<ProbeSettings> probes;
  for (const std::string &serial : raw.serials) {
    settings.firmware.serial = serial_of(serial);
    settings.state_file = raw.state;
    if (!raw.state.empty() && raw.serials.size() > 1) {
      settings.state_file += fmt::format(".{}", probes.size() + 1);
    }
    settings.board.seed = raw.seed + probes.size();  // no two chips have the same unique id
    if (!probes.empty()) {
      settings.faults = {};
      settings.firmware.swd_faults = {};
    }
    probes.push_back(settings);
  }
  return probes;
}

void declare(CLI::App &app, Raw &raw) {
  app.add_option("--probe", raw.probe, "v2 (default), v2-1 or v3")
      ->check(CLI::IsMember({"v2", "v2-1", "v3"}));
  app.add_option("--firmware-version", raw.version,
                 "the J number of the probe's firmware (37; V3: 10)")
      ->check(CLI::Range(1, 63));
  app.add_option("--serial", raw.serials,
                 "24 hex digits; raw:... makes 12 raw bytes of them as old clones do; several "
                 "serials are several probes");
  app.add_option("--probes", raw.probes, "how many probes are on the bus")
      ->check(CLI::Range(std::size_t{1}, most_probes));
  app.add_option("--mode", raw.mode,
                 "in which the probe is found: mass (default), dfu, debug, swim")
      ->check(CLI::IsMember({"mass", "dfu", "debug", "swim"}));
  app.add_flag("--mute", raw.mute, "the probe answers nothing before it is reset over USB");
  app.add_option("--unreliable-above", raw.unreliable_above_khz,
                 "kHz: long wires, SWD has parity errors above this clock");
  app.add_option("--reported-voltage", raw.millivolts,
                 "mV that the probe reports; 0: it measures nothing");
  app.add_option("--chip", raw.chip, "the microcontroller; default: the first of the first model");
  app.add_option("--model-dir", raw.model_dir,
                 "folder with models of chips, to be looked in first");
  app.add_option("--state", raw.state,
                 "raw image of the flash, made when it does not exist; every change is in it at "
                 "once. With several probes: FILE.1, FILE.2 ...");
  app.add_option("--firmware", raw.firmware,
                 "raw binary or Intel HEX: what a new flash holds; it really runs");
  app.add_option("--fault", raw.faults, "name or name=value; may be repeated; see below")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  app.add_option("--rules-off", raw.rules_off, "rule of the hardware that the board breaks")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  app.add_flag("--witness", raw.witness,
               "the board has a peripheral that tells what the probe did, for tests of transports");
  app.add_option("--seed", raw.seed, "for what is random on hardware (1)");
  app.add_option("--pace", raw.pace,
                 "real (default): transfers take as long as with real hardware; fast or fast=K: "
                 "all goes K times as fast; slow=K: K times as slowly, for many boards");
  app.add_option("--run-time", raw.run_time,
                 "seconds for which the board runs on after the command; the summary tells what "
                 "its pins did")
      ->check(CLI::Range(0.0, 3600.0));
  app.add_option("--summary", raw.summary, "text (default), json, or a file that gets it as JSON");
  app.add_option("command", raw.command, "a program and its arguments, after --")->required();
}

}  // namespace

Options parse_options(int argc, const char *const *argv) {
  CLI::App app(
      "Runs a program on a machine with ST-Link probes that do not exist: a simulated board on\n"
      "the other end, and libusb none the wiser.",
      "virtual-stlink");
  Raw raw;
  declare(app, raw);
  app.footer(footer);
  app.positionals_at_end();
  try {
    app.parse(argc, argv);
    Options options;
    options.probes = probe_settings(raw);
    options.summary = raw.summary;
    options.run_time =
        std::chrono::duration_cast<Nanoseconds>(std::chrono::duration<double>(raw.run_time));
    options.command = raw.command;
    return options;
  } catch (const CLI::ParseError &problem) {
    std::exit(app.exit(problem) == 0 ? 0 : usage_error);
  }
}

}  // namespace virtual_stlink
