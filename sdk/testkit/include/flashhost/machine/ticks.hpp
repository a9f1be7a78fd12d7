// Virtual time inside the machine. A tick is 1 / 100.8 GHz, so the common clocks (8, 24, 72, 84,
// 168, 180 MHz, 40 kHz ...) have a whole number of ticks per cycle, and nothing drifts.
#pragma once

#include <flashhost/machine/target.hpp>

#include <cstdint>
#include <limits>

namespace flashhost::machine {

using Ticks = std::int64_t;

inline constexpr Ticks ticks_per_second = 100'800'000'000;
inline constexpr Ticks ticks_per_microsecond = 100'800;
inline constexpr Ticks ticks_per_millisecond = 100'800'000;
inline constexpr Ticks never = std::numeric_limits<Ticks>::max();

constexpr Ticks to_ticks(Nanoseconds time) {
  return time.count() / 5 * 504 + time.count() % 5 * 504 / 5;
}
constexpr Nanoseconds to_nanoseconds(Ticks ticks) {
  return Nanoseconds{ticks / 504 * 5 + ticks % 504 * 5 / 504};
}
constexpr Ticks period_of(std::int64_t hertz) {
  return ticks_per_second / hertz;
}

}  // namespace flashhost::machine
