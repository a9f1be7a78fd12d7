#include "family/family_bench.hpp"

#include "plugin/plugin_loader.hpp"

#include <flashhost/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <tuple>

namespace flashhost::conformance {

namespace {

// Words for values in a table of faults, each with values of that kind.
const std::map<std::string, std::vector<std::string>, std::less<>> sorts_of_values = {
    {"ms", {"40"}}, {"us", {"500"}}, {"n", {"5"}}, {"mV", {"3000"}}};

// The first, one in the middle, the last.
std::vector<std::string> numbers_of_sectors(const std::string &part) {
  const std::size_t count = described(part).sectors.size();
  return {"0", std::to_string(count / 2), std::to_string(count - 1)};
}

bool is_word(std::string_view value) {
  return !value.empty() && std::ranges::all_of(value, [](char c) {
    return (c >= 'a' && c <= 'z') || c == '_' || (c >= '0' && c <= '9');
  });
}

// Splits the values: "wfi | stop | standby" -> all three; "maximum | <n>x" -> maximum only.
std::vector<std::string> listed_values(std::string_view value) {
  std::vector<std::string> result;
  if (value.find('|') == std::string_view::npos) return result;
  while (!value.empty()) {
    const std::size_t bar = value.find('|');
    std::string_view word = value.substr(0, bar);
    value = bar == std::string_view::npos ? std::string_view() : value.substr(bar + 1);
    while (word.starts_with(' ')) word.remove_prefix(1);
    while (word.ends_with(' ')) word.remove_suffix(1);
    if (is_word(word)) result.emplace_back(word);
  }
  return result;
}

bool knows(const std::vector<Part> &parts, std::string_view name) {
  return find_chip(parts, name).has_value();
}

NamedFamily &the_family() {
  static NamedFamily family;
  return family;
}

// Chips with the same key are erased and programmed in the same way.
using Sort = std::tuple<std::set<std::uint32_t>, std::size_t, std::uint32_t, int>;

Sort sort_of(const std::string &part) {
  const Chip chip = described(part);
  std::set<std::uint32_t> sizes;
  for (const Sector &sector : chip.sectors) sizes.insert(sector.size);
  return {sizes, chip.status.registers.size(), chip.program_unit,
          static_cast<int>(model_part(part).core)};
}

std::vector<std::string> chosen_parts(bool largest_too) {
  if (ids_of(PluginKind::family, 2).empty()) return {};
  std::vector<std::string> all = known_parts();
  if (run().every_part || !run().given.family.chips.empty()) return all;
  std::map<Sort, std::pair<std::string, std::string>> least_and_most;
  const auto size = [](const std::string &part) { return described(part).flash.size; };
  for (const std::string &part : all) {
    auto [found, fresh] = least_and_most.try_emplace(sort_of(part), part, part);
    if (size(part) < size(found->second.first)) found->second.first = part;
    if (size(part) > size(found->second.second)) found->second.second = part;
  }
  std::set<std::string> chosen;
  for (const auto &[sort, parts] : least_and_most) {
    chosen.insert(parts.first);
    if (largest_too) chosen.insert(parts.second);
  }
  return {chosen.begin(), chosen.end()};
}

}  // namespace

const NamedFamily &tested_family() {
  NamedFamily &family = the_family();
  if (!family.family) {
    const PluginLoader loader({run().file.parent_path()}, listening_hosts());
    family = {run().name.id, loader.family(run().name.id).object};
    family.family->configure(run().given.for_configure());
  }
  return family;
}

void unload_tested_family() {
  the_family() = {};
}

const machine::Models &models() {
  static const machine::Models all = machine::Models::load(run().model_folders);
  return all;
}

const machine::Part &model_part(const std::string &name) {
  return *machine::find_part(*models().with_part(name), name);
}

Chip described(const std::string &part) {
  const auto chip = find_chip(tested_family().family->parts(), part);
  if (!chip) throw std::invalid_argument("the family knows no part named " + part);
  return *chip;
}

std::vector<std::string> known_parts() {
  if (!run().given.family.chips.empty()) return run().given.family.chips;
  const std::vector<Part> parts = tested_family().family->parts();
  std::vector<std::string> names = models().part_names();
  std::erase_if(names, [&](const std::string &name) { return !knows(parts, name); });
  return names;
}

std::vector<std::string> foreign_parts() {
  const std::vector<Part> parts = tested_family().family->parts();
  std::vector<std::string> names;
  for (const machine::ModelPtr &model : models().all()) {
    const auto all = model->parts();
    if (std::ranges::any_of(all,
                            [&](const machine::Part &part) { return knows(parts, part.name); }))
      continue;
    for (const machine::Part &part : all) names.emplace_back(part.name);
  }
  return names;
}

namespace {

// Empty when the family cannot be loaded: the tests of the file and of the facts report the reason.
std::vector<std::string> chosen_parts_if_any(bool largest_too) {
  try {
    return chosen_parts(largest_too);
  } catch (const std::exception &) {
    return {};
  }
}

}  // namespace

std::vector<std::string> parts_to_drive() {
  return chosen_parts_if_any(true);
}

std::vector<std::string> parts_to_break() {
  return chosen_parts_if_any(false);
}

void check_family_case() {
  if (run().level == 0) return;
  for (const std::string &part : run().given.family.chips) {
    const auto known = models().part_names();
    if (std::ranges::find(known, part) != known.end()) continue;
    throw Error(Errc::config,
                run().given.file.string() + ": chips names " + part + ", which no model has",
                models().describe() + "\nName the folder of its model with --model-dir.");
  }
}

machine::Config board_with(const std::string &part, std::vector<std::string> faults,
                           std::uint64_t seed) {
  machine::Config config;
  config.model = models().with_part(part);
  config.part = part;
  config.faults = std::move(faults);
  config.seed = seed;
  return config;
}

FaultsToTry faults_to_try(const std::string &part) {
  FaultsToTry result;
  for (const machine::FaultName &fault : models().with_part(part)->fault_names()) {
    const std::string name(fault.name);
    std::vector<std::string> values = listed_values(fault.value);
    if (const auto found = sorts_of_values.find(fault.value); found != sorts_of_values.end()) {
      values = found->second;
    }
    if (fault.value == "page" || fault.value == "sector") values = numbers_of_sectors(part);
    const bool alone = fault.value.empty() || fault.value.starts_with("[");
    if (alone) result.faults.push_back(name);
    if (!alone && values.empty())
      result.left_out.push_back(fmt::format("{}={}", name, fault.value));
    for (const std::string &value : values)
      result.faults.push_back(fmt::format("{}={}", name, value));
  }
  return result;
}

}  // namespace flashhost::conformance
