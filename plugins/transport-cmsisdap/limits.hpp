// All limits of this transport: times and numbers of attempts.
#pragma once

#include <flashhost/types.hpp>

namespace flashhost::cmsisdap {

using namespace std::chrono_literals;

// A healthy probe answers within milliseconds.
inline constexpr Nanoseconds reply_limit = 1s;
// A transfer may have to wait: for the target, or for a host controller that stalls all its devices
// for some seconds when one of them fails. The time for its bits on SWD is added.
inline constexpr Nanoseconds transfer_limit = 4s;
// How long to wait once more for a response that did not come in time.
inline constexpr Nanoseconds late_limit = 500ms;
// How long to wait for a stale response, also where one is owed by an earlier session, and how many
// of them a probe may have kept. Those that come later than that are told from new ones, too: all
// of our own, and so many of another program.
inline constexpr Nanoseconds drain_limit = 10ms, careful_drain_limit = 100ms;
inline constexpr int most_stale = 64;
inline constexpr std::size_t most_foreign = 8;
// How often a probe is asked for something before it counts as out of step.
inline constexpr int most_step_tries = 2;

// Requests that may be outstanding, whatever the probe says: more gains nothing.
inline constexpr std::size_t most_in_flight = 8;
// Packet sizes that a probe may have; the specification's largest, and what the longest command
// needs.
inline constexpr std::size_t least_packet = 48, largest_packet = 32768;

// How long the probe repeats an operation that is answered WAIT.
inline constexpr Nanoseconds wait_limit = 20ms;
// The SWD clock until another is set. Every target manages it.
inline constexpr std::uint32_t first_clock_hz = 1'000'000;

}  // namespace flashhost::cmsisdap
