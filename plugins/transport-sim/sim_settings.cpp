#include "sim_settings.hpp"

#include <flashhost/error.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>
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

// "name=value" without its value; so too, or as "name[=value]", stand faults in fault_names().
std::string name_of(const std::string &fault) {
  return fault.substr(0, fault.find_first_of("[="));
}

std::string unknown(std::string_view what, std::string_view name,
                    const std::vector<std::string> &names) {
  return fmt::format(R"("{}" is no {}; there are: {})", name, what, fmt::join(names, ", "));
}

std::vector<std::string> rules_from_environment() {
  const char *const text = std::getenv(rules_variable);
  std::vector<std::string> rules;
  if (text == nullptr) return rules;
  std::istringstream stream(text);
  for (std::string name; std::getline(stream, name, ',');) {
    if (name.empty()) continue;
    if (!contains(machine::rule_names(), name)) {
      throw Error(Errc::config,
                  fmt::format("{}: {}", rules_variable,
                              unknown("rule of the model", name, machine::rule_names())));
    }
    rules.push_back(name);
  }
  return rules;
}

ProbeFaults read_faults(const Settings &settings, machine::Config &config) {
  config.faults = settings.list("faults").value_or(std::vector<std::string>{});
  std::vector<std::string> names = machine::fault_names();
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

void read_names(const Settings &settings, machine::Config &config) {
  const std::vector<std::string> parts = machine::part_names();
  config.part = settings.text("chip").value_or(config.part);
  if (!contains(parts, config.part)) {
    settings.reject("chip", unknown("chip of the model", config.part, parts));
  }
  config.rules_off = settings.list("rules_off").value_or(std::vector<std::string>{});
  for (const std::string &rule : config.rules_off) {
    if (!contains(machine::rule_names(), rule)) {
      settings.reject("rules_off", unknown("rule of the model", rule, machine::rule_names()));
    }
  }
  for (std::string &rule : rules_from_environment()) config.rules_off.push_back(std::move(rule));
}

// A value that is wrong for a known fault only the model can tell.
void try_model(const Settings &settings, const SimSettings &result) {
  try {
    std::vector<std::uint8_t> flash(result.flash_bytes, 0xFF);
    const machine::Target trial(result.model, flash);
  } catch (const std::invalid_argument &problem) {
    settings.reject("faults", problem.what());
  }
}

}  // namespace

SimSettings read_settings(const Settings &settings) {
  SimSettings result;
  machine::Config &model = result.model;
  read_names(settings, model);
  result.probe_faults = read_faults(settings, model);
  model.nrst_wired = settings.boolean("nrst").value_or(model.nrst_wired);
  model.firmware_runs = settings.boolean("firmware_runs").value_or(model.firmware_runs);
  model.skip_polling = settings.boolean("skip_polling").value_or(model.skip_polling);
  if (const auto seed = settings.integer("seed")) {
    if (*seed < 0) settings.reject("seed", fmt::format("{} is negative", *seed));
    model.seed = static_cast<std::uint64_t>(*seed);
  }
  result.flash_bytes = machine::flash_size(model.part);
  result.state_file = settings.path("state_file").value_or("");
  result.firmware = settings.path("firmware").value_or("");
  result.run_time = settings.duration("run_time")
                        .value_or(model.firmware_runs ? default_run_time : Nanoseconds::zero());
  if (result.run_time < Nanoseconds::zero() || result.run_time > longest_run_time) {
    settings.reject("run_time", "the model runs for at most an hour");
  }
  settings.reject_unknown();
  if (!model.faults.empty()) try_model(settings, result);
  return result;
}

}  // namespace flashhost::sim
