#include "sim_settings.hpp"

#include <flashhost/error.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <string_view>
#include <vector>

namespace flashhost::sim {

namespace {

constexpr const char *rules_variable = "FLASHHOST_SIM_RULES_OFF";
constexpr Nanoseconds default_run_time = std::chrono::seconds(1);
constexpr Nanoseconds longest_run_time = std::chrono::hours(1);

bool contains(const std::vector<std::string> &names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// The name in "name=value"; fault_names() contains "name=value" or "name[=value]".
std::string name_of(const std::string &fault) {
  return fault.substr(0, fault.find_first_of("[="));
}

std::string unknown(std::string_view what, std::string_view name,
                    const std::vector<std::string> &names) {
  return fmt::format(R"("{}" is no {}; there are: {})", name, what, fmt::join(names, ", "));
}

std::vector<std::string> rules_from_environment(const machine::Models &models) {
  const char *const text = std::getenv(rules_variable);
  std::vector<std::string> rules;
  if (text == nullptr) return rules;
  const std::vector<std::string> known = models.rule_names();
  std::istringstream stream(text);
  for (std::string name; std::getline(stream, name, ',');) {
    if (name.empty()) continue;
    if (!contains(known, name)) {
      throw Error(Errc::config,
                  fmt::format("{}: {}", rules_variable, unknown("rule of the model", name, known)));
    }
    rules.push_back(name);
  }
  return rules;
}

ProbeFaults read_faults(const Settings &settings, machine::Config &config) {
  config.faults = settings.list("faults").value_or(std::vector<std::string>{});
  std::vector<std::string> names = machine::fault_names(*config.model);
  for (FaultName &fault : probe_fault_names()) names.push_back(std::move(fault.name));
  for (const std::string &fault : config.faults) {
    if (std::ranges::none_of(names,
                             [&](const auto &name) { return name_of(name) == name_of(fault); })) {
      settings.reject("faults", unknown("fault of the model", name_of(fault), names));
    }
  }
  try {
    return take_probe_faults(config.faults);
  } catch (const std::invalid_argument &problem) {
    settings.reject("faults", problem.what());
  }
}

void read_chip(const Settings &settings, const machine::Models &models, machine::Config &config) {
  config.part = settings.text("chip").value_or(models.first_part());
  if (config.part.empty()) {
    throw Error(Errc::config, "transport sim: " + models.describe(),
                "A board is made of a model, model-<id>.so. Install those of the simulator, or "
                "name their folder: [transport.settings] model_dir.");
  }
  try {
    config.model = models.with_part(config.part);
  } catch (const std::invalid_argument &problem) {
    settings.reject("chip", problem.what());
  }
}

void read_rules(const Settings &settings, const machine::Models &models, machine::Config &config) {
  config.rules_off = settings.list("rules_off").value_or(std::vector<std::string>{});
  const std::vector<std::string> known = machine::rule_names(*config.model);
  for (const std::string &rule : config.rules_off) {
    if (!contains(known, rule)) {
      settings.reject("rules_off", unknown("rule of the model", rule, known));
    }
  }
  for (std::string &rule : machine::known_rules(*config.model, rules_from_environment(models))) {
    config.rules_off.push_back(std::move(rule));
  }
}

// Only the model can tell whether the value of a known fault is right.
void try_model(const Settings &settings, const SimSettings &result) {
  try {
    std::vector<std::uint8_t> flash(result.flash_bytes, 0xFF);
    const machine::Target trial(result.board, flash);
  } catch (const std::invalid_argument &problem) {
    settings.reject("faults", problem.what());
  }
}

}  // namespace

machine::Models load_models(const std::string &model_dir,
                            const std::vector<std::string> &plugin_folders) {
  static const int here = 0;  // its address shows from which file this code was loaded
  std::vector<std::filesystem::path> folders = machine::model_folders({machine::folder_of(&here)});
  folders.insert(folders.begin(), plugin_folders.begin(), plugin_folders.end());
  if (!model_dir.empty()) folders.insert(folders.begin(), model_dir);
  return machine::Models::load(folders);
}

SimSettings read_settings(const Settings &settings, const ModelSource &source) {
  SimSettings result;
  machine::Config &board = result.board;
  const machine::Models models = source(settings.path("model_dir").value_or(""));
  read_chip(settings, models, board);
  read_rules(settings, models, board);
  result.probe_faults = read_faults(settings, board);
  board.nrst_wired = settings.boolean("nrst").value_or(board.nrst_wired);
  board.firmware_runs = settings.boolean("firmware_runs").value_or(board.firmware_runs);
  board.skip_polling = settings.boolean("skip_polling").value_or(board.skip_polling);
  board.witness = settings.boolean("witness").value_or(board.witness);
  if (const auto seed = settings.integer("seed")) {
    if (*seed < 0) settings.reject("seed", fmt::format("{} is negative", *seed));
    board.seed = static_cast<std::uint64_t>(*seed);
  }
  const machine::Part &part = *machine::find_part(*board.model, board.part);
  result.flash_bytes = part.flash_size;
  result.flash_address = part.flash_address;
  result.state_file = settings.path("state_file").value_or("");
  result.firmware = settings.path("firmware").value_or("");
  result.run_time = settings.duration("run_time")
                        .value_or(board.firmware_runs ? default_run_time : Nanoseconds::zero());
  if (result.run_time < Nanoseconds::zero() || result.run_time > longest_run_time) {
    settings.reject("run_time", "the model runs for at most an hour");
  }
  settings.reject_unknown();
  if (!board.faults.empty()) try_model(settings, result);
  return result;
}

}  // namespace flashhost::sim
