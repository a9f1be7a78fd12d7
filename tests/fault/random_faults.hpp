// A value for every fault switch of the model: what the random jobs draw from.
#pragma once

#include "dice.hpp"

#include <flashhost/types.hpp>

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace flashhost::testing {

// What a value may have to fit.
struct FaultContext {
  std::string part;
  std::vector<MemoryRange> image;
};

struct FaultSwitch {
  std::string_view name;
  unsigned weight;                                     // how often it is drawn; 0: not yet
  std::string (*value)(Dice &, const FaultContext &);  // empty: the switch takes none
};

// A new switch of the model gets its line in random_faults.cpp.
[[nodiscard]] std::span<const FaultSwitch> fault_switches();

// "name" or "name=value" of a switch that this part has; empty when the one drawn does not fit.
[[nodiscard]] std::string draw_fault(Dice &dice, const FaultContext &context);

}  // namespace flashhost::testing
