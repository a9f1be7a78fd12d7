// Programs for simulated boards, and what they leave in SRAM when they run.
#pragma once

#include "pattern.hpp"

#include <flashhost/machine/target.hpp>
#include <flashhost/types.hpp>

#include <cstdint>

namespace flashhost::testing {

inline constexpr std::uint32_t flash_base = 0x08000000;

// A pattern with a program at its beginning that stores `marker` and then does nothing for ever.
// At least smallest_firmware bytes.
inline constexpr std::size_t smallest_firmware = 0x114;
[[nodiscard]] Bytes firmware(std::size_t size, std::uint32_t seed, std::uint32_t marker = 0);

// Switches the board off and on, lets it start, and says which marker was stored; without one,
// what happened to be there.
[[nodiscard]] std::uint32_t marker_after_power_cycle(machine::Target &board);

// Whether a core that starts here executes a firmware().
[[nodiscard]] bool starts_firmware(const Bytes &flash);

}  // namespace flashhost::testing
