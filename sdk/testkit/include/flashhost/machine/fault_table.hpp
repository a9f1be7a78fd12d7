// Faults as tables: the fault's name, its value behind '=', and what it sets. A fault sets causes
// only (registers, wires, times, option bytes, cells), never effects. The machine has its own
// table; a model has one for its chip.
#pragma once

#include <flashhost/machine/ticks.hpp>

#include <concepts>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace flashhost::machine {

// Readers of the value behind '='. All throw std::invalid_argument, which names the fault.
[[noreturn]] void refuse_fault(std::string_view fault, std::string_view why);
[[nodiscard]] std::uint32_t fault_number(std::string_view fault, std::string_view text, int base);
[[nodiscard]] double fault_real(std::string_view fault, std::string_view text);  // above 0
[[nodiscard]] Ticks fault_duration(std::string_view fault, std::string_view text, Ticks unit);

template <class Choice, std::size_t Count>
Choice fault_choice(std::string_view fault, std::string_view text,
                    const std::pair<std::string_view, Choice> (&choices)[Count]) {
  std::string names;
  for (const auto &[name, value] : choices) {
    if (name == text) return value;
    names += (names.empty() ? "" : ", ") + std::string(name);
  }
  refuse_fault(fault, "expects one of: " + names);
}

// A fault's name and value, as others may show it.
struct FaultName {
  std::string_view name;
  std::string_view value;  // behind '='; empty: no value; "[=...]": it is optional
  std::string_view meaning;
};

template <class Faults>
struct FaultRow : FaultName {
  void (*apply)(Faults &, std::string_view fault, std::string_view value);
};

struct FaultText {
  std::string_view name;
  std::string_view value;
};
[[nodiscard]] FaultText split_fault(std::string_view fault);
// Throws std::invalid_argument when a value is missing or not expected.
void check_fault_value(const FaultName &row, std::string_view fault, std::string_view value);

// Applies the fault if one of the rows has its name.
template <class Faults>
bool apply_fault(std::span<const FaultRow<Faults>> rows, Faults &faults, std::string_view fault) {
  const auto [name, value] = split_fault(fault);
  for (const FaultRow<Faults> &row : rows) {
    if (row.name != name) continue;
    check_fault_value(row, fault, value);
    row.apply(faults, fault, value);
    return true;
  }
  return false;
}

template <class Faults>
void add_names(std::vector<FaultName> &names, std::span<const FaultRow<Faults>> rows) {
  names.insert(names.end(), rows.begin(), rows.end());
}

// Faults that any flash may have. A model derives its own faults from it; its controller obeys
// them.
struct FlashFaults {
  double flash_time = 0;  // 0: typical; n: n times the datasheet's maximum
  bool stuck_busy = false;
  std::optional<std::uint32_t> bad_cell;
  std::optional<std::uint32_t> bad_erase;

  [[nodiscard]] Ticks time(Ticks typical, Ticks maximum) const {
    return flash_time == 0 ? typical
                           : static_cast<Ticks>(static_cast<double>(maximum) * flash_time);
  }
};
[[nodiscard]] double flash_time_factor(std::string_view fault, std::string_view value);

template <std::derived_from<FlashFaults> Faults>
inline constexpr FaultRow<Faults> flash_fault_rows[] = {
    {{"flash_time", "maximum | <n>x", "operations take the datasheet's maximum, or n times that"},
     [](Faults &f, std::string_view n, std::string_view v) {
       f.flash_time = flash_time_factor(n, v);
     }},
    {{"stuck_busy", "", "flash operations never end"},
     [](Faults &f, std::string_view, std::string_view) { f.stuck_busy = true; }},
    {{"bad_cell", "address", "bit 0 of this unit of flash does not take a zero"},
     [](Faults &f, std::string_view n, std::string_view v) {
       f.bad_cell = fault_number(n, v, 16);
     }},
    {{"bad_erase", "address", "the word at this address of flash keeps its content when erased"},
     [](Faults &f, std::string_view n, std::string_view v) {
       f.bad_erase = fault_number(n, v, 16);
     }},
};

}  // namespace flashhost::machine
