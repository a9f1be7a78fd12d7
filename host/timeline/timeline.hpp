// Timeline: where the time of a job went. A plain value; Recorder makes it, json and svg write it.
// docs/timeline.md says what the words mean.
#pragma once

#include <flashhost/types.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace flashhost::timeline {

// At each moment one of wire, usb, host and idle goes on, or the job does nothing but wait for the
// flash. The flash works beside them.
enum class Lane : std::uint8_t { flash, wire, usb, host, idle };
inline constexpr std::size_t lane_count = 5;
struct LaneText {
  std::string_view name;     // "usb": in JSON
  std::string_view meaning;  // a sentence without its full stop
};
[[nodiscard]] LaneText text_of(Lane lane);

struct Sums {
  // flash_only + wire + usb + host + idle is all the time; flash_only is the part of flash_busy
  // during which the job did nothing but wait for it.
  Nanoseconds flash_busy{}, flash_only{}, wire{}, usb{}, host{}, idle{};
  std::uint64_t calls = 0;  // of the probe
  std::uint64_t bytes = 0;  // of the target's memory that they read and wrote

  Sums &operator+=(const Sums &other);
  friend bool operator==(const Sums &, const Sums &) = default;
};

struct Step {
  std::string name;
  Nanoseconds begin{}, end{};
  Sums sums;
};

// busy is less than end - begin where it stands for several, with pauses between them.
struct Interval {
  Nanoseconds begin{}, end{}, busy{};
  friend bool operator==(const Interval &, const Interval &) = default;
};

// Ascending, not overlapping. Those that begin within the same `grain` are one interval; a grain of
// zero: each stands for itself.
struct Intervals {
  Nanoseconds grain{};
  std::vector<Interval> all;
};

// Times are from the moment when the probe was open. The steps follow each other without gaps.
struct Timeline {
  Nanoseconds total{};
  Nanoseconds flash_expected{};  // of the commands that the flash got, by the datasheet's typical
  bool complete = true;          // false: memory ran out before the job ended
  std::vector<Step> steps;
  std::array<Intervals, lane_count> lanes;

  [[nodiscard]] const Intervals &lane(Lane which) const {
    return lanes[static_cast<std::size_t>(which)];
  }
  [[nodiscard]] Sums sums() const;
};

// What else the picture and the file say about the job. Nothing here is private.
struct About {
  std::string flashhost;  // its version
  std::string verb;
  int exit_code = 0;
  std::string chip;   // empty: none was identified
  std::string probe;  // its product; empty: none was connected to a chip
  std::string firmware;
  std::optional<std::uint32_t> swd_hz;  // empty: not known
  Nanoseconds
      before{};  // by the computer's clock, from the program's start until the probe was open
};

}  // namespace flashhost::timeline
