// [transport.settings] of the simulator, checked.
#pragma once

#include "probe_faults.hpp"

#include <flashhost/machine/target.hpp>
#include <flashhost/settings.hpp>

#include <optional>
#include <string>

namespace flashhost::sim {

struct SimSettings {
  machine::Config model;
  ProbeFaults probe_faults;
  std::uint32_t flash_bytes = 0;
  std::string state_file;  // empty: the flash lives in memory
  std::string firmware;    // what a new flash holds; empty: nothing
  Nanoseconds run_time{};  // after the job; zero: none
};

// Throws Errc::config naming where, with the valid names where a name is wrong. Rules named in the
// environment variable FLASHHOST_SIM_RULES_OFF (separated by commas) are off too.
[[nodiscard]] SimSettings read_settings(const Settings &settings);

}  // namespace flashhost::sim
