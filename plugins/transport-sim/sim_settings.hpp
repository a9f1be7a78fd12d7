// [transport.settings] of the simulator, checked.
#pragma once

#include "probe_faults.hpp"

#include <flashhost/machine/models.hpp>
#include <flashhost/machine/target.hpp>
#include <flashhost/settings.hpp>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace flashhost::sim {

struct SimSettings {
  machine::Config board;
  ProbeFaults probe_faults;
  std::uint32_t flash_bytes = 0;
  std::string state_file;  // empty: the flash lives in memory
  std::string firmware;    // what a new flash holds; empty: nothing
  Nanoseconds run_time{};  // after the job; zero: none
};

// The chip models that there are. model_dir: a folder to be looked in first; empty: none.
using ModelSource = std::function<machine::Models(const std::string &model_dir)>;
// From model_dir, the plugin folders, FLASHHOST_PLUGIN_PATH, and beside the shared object or
// program with this code.
[[nodiscard]] machine::Models load_models(const std::string &model_dir,
                                          const std::vector<std::string> &plugin_folders);

// Throws Errc::config naming where, with the valid names where a name is wrong. Rules named in the
// environment variable FLASHHOST_SIM_RULES_OFF (separated by commas) are off too; of those only the
// chip's own count, so that one list serves boards with different chips.
[[nodiscard]] SimSettings read_settings(const Settings &settings, const ModelSource &source);

}  // namespace flashhost::sim
