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
  std::uint32_t flash_address = 0;
  std::string state_file;  // empty: the flash is in memory
  std::string firmware;    // content of a new flash; empty: erased
  Nanoseconds run_time{};  // time to run after the job; zero: none
};

// The available chip models. model_dir: a folder to search first; empty: none.
using ModelSource = std::function<machine::Models(const std::string &model_dir)>;
// Searches model_dir, the plugin folders, FLASHHOST_PLUGIN_PATH, and the folder of the shared
// object or program that contains this code.
[[nodiscard]] machine::Models load_models(const std::string &model_dir,
                                          const std::vector<std::string> &plugin_folders);

// Throws Errc::config naming the position, and the valid names if a name is wrong. Rules named in
// the environment variable FLASHHOST_SIM_RULES_OFF (separated by commas) are off, too; names that
// the chip does not have are ignored there, so that one list serves boards with different chips.
[[nodiscard]] SimSettings read_settings(const Settings &settings, const ModelSource &source);

}  // namespace flashhost::sim
