// Recorder: makes a Timeline of what the probe and the job tell it, as it happens. What it keeps is
// bounded, however long the job takes: see Intervals.
#pragma once

#include "timeline.hpp"

#include <array>
#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace flashhost::timeline {

inline constexpr std::size_t most_intervals = 4000;  // of a lane
inline constexpr std::size_t most_steps = 400;       // further ones are counted in the last

// What a call of the probe moved.
struct Traffic {
  std::uint64_t bytes = 0;      // of the target's memory
  std::uint64_t transfers = 0;  // on the wire, of one 32-bit word each; an estimate
};
// SWD clocks of one such transfer: request, acknowledge, data, parity, turnarounds.
inline constexpr std::uint64_t clocks_per_transfer = 46;

// One thread. All times are of the probe's clock. Before `begin` nothing is recorded but the name
// of the step. No function throws: when memory runs out, the recording ends there.
class Recorder {
 public:
  void begin(Nanoseconds now) noexcept;
  void step(std::string_view name) noexcept;
  // Of the wire; empty: not known.
  void speed(std::optional<std::uint32_t> hz) { speed_hz_ = hz; }
  void call(Nanoseconds begin, Nanoseconds end, const Traffic &traffic) noexcept;
  void sleep(Nanoseconds begin, Nanoseconds end) noexcept;
  // The host has worked until now.
  void at(Nanoseconds now) noexcept;

  // Observer: flash_given and flash_left. The last call of the probe is what they are about.
  void flash_given(Nanoseconds expected) noexcept;
  void flash_left(std::size_t count) noexcept;

  // What was recorded so far. The recording can go on.
  [[nodiscard]] Timeline timeline() const;

 private:
  // Waits for its end, which is known when somebody looked at the flash.
  struct Command {
    Nanoseconds given{};
    Nanoseconds expected{};  // zero: none of the flash
  };
  // Whether it was a wait for the flash is not known yet.
  struct Sleep {
    Nanoseconds begin{}, end{};
    Nanoseconds flash{};  // of it, so far
    std::size_t step = 0;
  };
  static constexpr std::size_t most_sleeps = 16;

  [[nodiscard]] Sums &sums() { return timeline_.steps.back().sums; }
  void advance(Nanoseconds now);
  void add(Lane lane, Nanoseconds begin, Nanoseconds end);
  void flash_was_busy(Nanoseconds begin, Nanoseconds end);
  void look(std::size_t left, Nanoseconds asked, Nanoseconds answered);
  void decide(const Sleep &sleep);
  void decide_sleeps_until(Nanoseconds time);
  void cut() noexcept;

  Timeline timeline_;  // total is up to date
  std::string first_step_ = "connecting";
  bool recording_ = false;
  Nanoseconds origin_{};
  std::optional<std::uint32_t> speed_hz_;
  Nanoseconds call_begin_{}, call_end_{};  // of the last one
  std::deque<Command> commands_;           // that were not seen done
  Nanoseconds flash_free_{};               // when the one before them was done
  Nanoseconds flash_known_{};              // the first of them is in the lane up to here
  std::array<Sleep, most_sleeps> sleeps_{};
  std::size_t sleep_count_ = 0;
};

}  // namespace flashhost::timeline
