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
  std::uint32_t area;               // from the start of the flash: images and old content are there
  std::vector<std::string> faults;  // drawn before
};

struct FaultSwitch {
  std::string_view name;
  unsigned weight;                                     // how often it is drawn; 0: not yet
  std::string (*value)(Dice &, const FaultContext &);  // empty: the switch takes none
};

// A new switch of the model gets its line in random_faults.cpp.
[[nodiscard]] std::span<const FaultSwitch> fault_switches();

// "name" or "name=value" of a switch that this part can have beside the faults drawn before; empty
// when several draws did not fit.
[[nodiscard]] std::string draw_fault(Dice &dice, const FaultContext &context);

}  // namespace flashhost::testing
