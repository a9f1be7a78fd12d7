// What an action costs, counted, not timed: the blocks of the code under test that run (the
// compiler calls a function of ours in each of them) and the memory that is in use at most.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <stop_token>

namespace flashhost::testing {

struct Cost {
  std::uint64_t steps = 0;
  std::size_t peak = 0;  // bytes allocated at once, beyond those before
};
[[nodiscard]] Cost cost_of(const std::function<void()> &action);

// The steps that action takes from its step `at` on, where a stop is asked for, until it ends,
// which may be by Errc::interrupted.
[[nodiscard]] std::uint64_t steps_after_stop(
    std::uint64_t at, const std::function<void(const std::stop_token &)> &action);

// Four times the input costs at most about four times as much, in steps and in memory.
inline void expect_near_linear(const std::function<Cost(std::size_t)> &cost_for, std::size_t size) {
  const Cost one = cost_for(size);
  const Cost four = cost_for(4 * size);
  EXPECT_GT(one.steps, size / 4) << "the code under test is not counted";
  EXPECT_LT(four.steps, 5 * one.steps);
  EXPECT_LT(four.peak, 5 * one.peak + 4096);
}

// Wherever in its work it is, after a stop action does a small part of it, and less than a
// million steps, which take a few milliseconds.
inline void expect_to_stop_soon(const std::function<void(const std::stop_token &)> &action) {
  const std::uint64_t all = cost_of([&] { action({}); }).steps;
  const std::uint64_t most = std::min<std::uint64_t>(all / 3, 1'000'000);
  for (std::uint64_t part = 0; part < 20; ++part) {
    EXPECT_LT(steps_after_stop(all / 20 * part + 1, action), most) << part << " of 20";
  }
}

}  // namespace flashhost::testing
