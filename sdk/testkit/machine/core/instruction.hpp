// Decodes Thumb-2 instructions as far as the machine needs it: how many cycles, and what kind.
#pragma once

#include "core/core_facts.hpp"

#include <cstdint>

namespace flashhost::machine {

struct InstructionKind {
  std::uint8_t cycles = 1;  // without the cost of taken branches, wait states and stalls
  std::uint8_t flags = 0;
};

namespace instruction {
inline constexpr std::uint8_t store = 1;
inline constexpr std::uint8_t special =
    2;  // BKPT, SVC, CPS, MRS, MSR, WFI, WFE, SEV: the model executes it
inline constexpr std::uint8_t if_then = 4;
inline constexpr std::uint8_t wide = 8;       // 32 bits: ask wide_kind
inline constexpr std::uint8_t multiple = 16;  // LDM, STM, PUSH, POP
inline constexpr std::uint8_t missing = 32;   // this core does not have it
}  // namespace instruction

// Indexed by the first halfword.
[[nodiscard]] const InstructionKind *narrow_kinds(Architecture architecture);
[[nodiscard]] InstructionKind wide_kind(Architecture architecture, std::uint16_t first,
                                        std::uint16_t second);
[[nodiscard]] constexpr bool is_wide(std::uint16_t first) {
  return first >= 0xE800;
}
[[nodiscard]] bool condition_holds(unsigned condition, std::uint32_t xpsr);

}  // namespace flashhost::machine
