// All limits of this transport: times and numbers of attempts.
#pragma once

#include <flashhost/types.hpp>

namespace flashhost::stlink {

using namespace std::chrono_literals;

// A healthy probe answers within milliseconds. A memory block at 5 kHz takes longer, so the time
// for its bits on SWD is added.
inline constexpr Nanoseconds reply_limit = 1s;
// How long to read leftover data from the pipe after a reply went missing.
inline constexpr Nanoseconds flush_limit = 20ms;
inline constexpr int most_flushes = 16;
// Late replies to earlier commands that may come before the expected one.
inline constexpr int most_late_replies = 4;

// How often a reply of one command may be lost, if the command may be sent again.
inline constexpr int most_losses = 3;
// While the target answers WAIT: pauses double up to the longest.
inline constexpr Nanoseconds wait_first = 1ms, wait_longest = 16ms, wait_limit = 500ms;
// SWD errors of one command; SWD errors at one clock before a slower one is chosen.
inline constexpr int most_line_errors = 8, line_errors_per_clock = 3;
// Clocks to try when connecting.
inline constexpr int most_connect_clocks = 4;

// How long NRST is held low at least, and how long a chip may need to come out of reset.
inline constexpr Nanoseconds nrst_low = 2ms;

}  // namespace flashhost::stlink
