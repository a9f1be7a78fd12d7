#include "options.hpp"

#include <flashhost/machine/models.hpp>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>

namespace virtual_usb {

namespace {

constexpr std::size_t most_probes = 32;

namespace fs = std::filesystem;

// Models lie beside the plugins: in the build's folder and where they are installed.
flashhost::machine::Models load_models(const std::string &model_dir) {
  const fs::path prefix = fs::read_symlink("/proc/self/exe").parent_path().parent_path();
  std::vector<fs::path> folders =
      flashhost::machine::model_folders({prefix / "plugins", prefix / FLASHHOST_INSTALLED_PLUGINS});
  if (!model_dir.empty()) folders.insert(folders.begin(), model_dir);
  return flashhost::machine::Models::load(folders);
}

}  // namespace

std::string fault_help(const std::string &own) {
  std::string text = "Faults of the first probe, on USB and SWD:\n";
  for (const flashhost::sim::FaultName &fault : flashhost::sim::probe_fault_names()) {
    text += fmt::format("  {:28} {}\n", fault.name, fault.meaning);
  }
  return text + own +
         fmt::format("Faults of the board (the README of transport-sim describes them): {}\n",
                     fmt::join(load_models({}).fault_names(), ", "));
}

ProbeSettings common_settings(CommonOptions &options) {
  ProbeSettings settings;
  const flashhost::machine::Models models = load_models(options.model_dir);
  settings.board.part = options.chip.empty() ? models.first_part() : options.chip;
  settings.board.model = models.with_part(settings.board.part);
  settings.board.seed = options.seed;
  settings.board.witness = options.witness;
  settings.board.rules_off = options.rules_off;
  const flashhost::sim::ProbeFaults faults = flashhost::sim::take_probe_faults(options.faults);
  settings.faults = faults.usb;
  settings.swd_faults = faults.swd;
  settings.seed = options.seed;
  settings.board.faults = options.faults;
  settings.firmware_file = options.firmware;
  const std::optional<double> pace = parse_pace(options.pace);
  if (!pace) {
    throw std::invalid_argument(fmt::format(
        "pace '{}': write real, fast, fast=K or slow=K, with K from 1 to 1000", options.pace));
  }
  settings.pace = *pace;
  settings.latency = std::chrono::duration_cast<Nanoseconds>(
      std::chrono::duration<double, std::milli>(options.latency));
  return settings;
}

std::vector<ProbeSettings> one_for_each(const ProbeSettings &settings,
                                        const CommonOptions &options) {
  std::vector<ProbeSettings> probes;
  for (std::size_t i = 0; i < options.serials.size(); ++i) {
    ProbeSettings one = settings;
    one.state_file = options.state;
    if (!options.state.empty() && options.serials.size() > 1) {
      one.state_file += fmt::format(".{}", i + 1);
    }
    one.board.seed = options.seed + i;  // no two chips have the same unique id
    if (i != 0) {
      one.faults = {};
      one.swd_faults = {};
    }
    probes.push_back(one);
  }
  return probes;
}

void declare_bus(CLI::App &app, CommonOptions &options, const std::string &serials) {
  app.add_option("--serial", options.serials, serials + "; several serials are several probes");
  app.add_option("--probes", options.probes, "how many probes are on the bus")
      ->check(CLI::Range(std::size_t{1}, most_probes));
}

void declare_board_and_run(CLI::App &app, CommonOptions &options) {
  app.add_option("--chip", options.chip,
                 "the microcontroller; default: the first of the first model");
  app.add_option("--model-dir", options.model_dir,
                 "folder with models of chips, to be looked in first");
  app.add_option("--state", options.state,
                 "raw image of the flash, made when it does not exist; every change is in it at "
                 "once. With several probes: FILE.1, FILE.2 ...");
  app.add_option("--firmware", options.firmware,
                 "raw binary or Intel HEX: what a new flash holds; it really runs");
  app.add_option("--fault", options.faults, "name or name=value; may be repeated; see below")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  app.add_option("--rules-off", options.rules_off, "rule of the hardware that the board breaks")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  app.add_flag("--witness", options.witness,
               "the board has a peripheral that tells what the probe did, for tests of transports");
  app.add_option("--seed", options.seed, "for what is random on hardware (1)");
  app.add_option("--pace", options.pace,
                 "real (default): transfers take as long as with real hardware; fast or fast=K: "
                 "all goes K times as fast; slow=K: K times as slowly, for many boards");
  app.add_option("--latency", options.latency,
                 "ms by which each USB transfer is late, as over a network; what a program asks "
                 "for at one time is late together")
      ->check(CLI::Range(0.0, 1000.0));
  app.add_option("--run-time", options.run_time,
                 "seconds for which the board runs on after the command; the summary tells what "
                 "its pins did")
      ->check(CLI::Range(0.0, 3600.0));
  app.add_option("--summary", options.summary,
                 "text (default), json, or a file that gets it as JSON");
  app.add_option("command", options.command, "a program and its arguments, after --")->required();
}

}  // namespace virtual_usb
