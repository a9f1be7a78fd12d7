// What the command lines of virtual probes have in common: the bus, the board, the run.
#pragma once

#include "virtual_probe.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace virtual_usb {

struct CommonOptions {
  std::vector<std::string> serials;
  std::size_t probes = 1;
  std::string chip;
  std::string model_dir;
  std::string state;
  std::string firmware;
  std::vector<std::string> faults;
  std::vector<std::string> rules_off;
  std::uint64_t seed = 1;
  std::string pace = "real";
  std::string summary = "text";  // or "json", or a file for JSON
  double run_time = 0;           // seconds
  double latency = 0;            // milliseconds
  bool witness = false;
  std::vector<std::string> command;
};

// The options of the bus (serials: what a serial number looks like), and then the others.
void declare_bus(CLI::App &app, CommonOptions &options, const std::string &serials);
void declare_board_and_run(CLI::App &app, CommonOptions &options);
// Names of all faults, for the end of the help; own: lines of those of this kind of probe.
[[nodiscard]] std::string fault_help(const std::string &own);
// All but identity and firmware. Removes the faults of the probe from the options. Throws
// std::invalid_argument.
[[nodiscard]] ProbeSettings common_settings(CommonOptions &options);
// One of them for each serial number, with boards and state files of their own; only the first has
// the faults of the probe.
[[nodiscard]] std::vector<ProbeSettings> one_for_each(const ProbeSettings &settings,
                                                      const CommonOptions &options);

}  // namespace virtual_usb
