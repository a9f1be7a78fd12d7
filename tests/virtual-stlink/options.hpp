// The command line of virtual-stlink.
#pragma once

#include "virtual_probe.hpp"

#include <string>
#include <vector>

namespace virtual_stlink {

struct Options {
  std::vector<ProbeSettings> probes;
  std::string summary;  // "text", "json" or a file, for JSON
  Nanoseconds run_time{};
  std::vector<std::string> command;
};

// Prints help or what is wrong and leaves the program, with 0 or 2.
[[nodiscard]] Options parse_options(int argc, const char *const *argv);

}  // namespace virtual_stlink
