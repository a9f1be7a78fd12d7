// Every bound of this transport: how long, how often.
#pragma once

#include <flashhost/types.hpp>

namespace flashhost::stlink {

using namespace std::chrono_literals;

// A probe that is well answers within milliseconds; a memory block at 5 kHz takes longer, so the
// time that its bits take on SWD is added.
inline constexpr Nanoseconds reply_limit = 1s;
// What is left in the pipe after a reply went missing.
inline constexpr Nanoseconds flush_limit = 20ms;
inline constexpr int most_flushes = 16;
// Replies to earlier commands that may come before the one that is waited for.
inline constexpr int most_late_replies = 4;

// One command whose reply was lost, where it may be sent again.
inline constexpr int most_losses = 3;
// The target answers WAIT: pauses double up to the longest.
inline constexpr Nanoseconds wait_first = 1ms, wait_longest = 16ms, wait_limit = 500ms;
// SWD errors of one command, and of one clock before a slower one is taken.
inline constexpr int most_line_errors = 8, line_errors_per_clock = 3;
// Clocks tried when connecting.
inline constexpr int most_connect_clocks = 4;

// NRST is held low at least this long, and a chip may need this long to come out of reset.
inline constexpr Nanoseconds nrst_low = 2ms;

// A probe that was lost may come back: after a bad USB contact or a restart of its own.
inline constexpr Nanoseconds return_limit = 4s, return_interval = 100ms;

}  // namespace flashhost::stlink
