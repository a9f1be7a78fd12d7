// The probe's clock.
#include "transport/transport_suite.hpp"

#include <algorithm>
#include <chrono>

namespace flashhost::conformance {

using namespace std::chrono_literals;

TEST_P(TransportConformance, ClockIsMonotonicAndSleepPassesThatTime) {
  FLASHHOST_PROMISE("probe.hpp, now and sleep: the probe's clock, monotonic");
  const auto probe = attached();
  Nanoseconds last = probe->now();
  for (const Nanoseconds time : {0ns, 1000ns, 3'000'000ns, 20'000'000ns}) {
    probe->sleep(time);
    const Nanoseconds passed = probe->now() - last;
    EXPECT_GE(passed, time);
    EXPECT_LT(passed, time + 1s) << "a sleep of " << time.count() << " ns";
    last += passed;
  }
  for (int i = 0; i < 100; ++i) {
    const Nanoseconds next = probe->now();
    ASSERT_GE(next, last);
    last = next;
  }
}

TEST_P(TransportConformance, TheTargetsTimePassesWithTheClock) {
  FLASHHOST_PROMISE("probe.hpp, sleep: all waiting goes through the probe's clock");
  const auto probe = halted();
  load_program(*probe, scratch(), programs::count);
  probe->resume();
  const auto turns_in = [&](Nanoseconds time) {
    const std::uint32_t before = counter(*probe, scratch());
    probe->sleep(time);
    return counter(*probe, scratch()) - before;
  };
  // Both counts include the time of the calls themselves; the computer may have been busy.
  std::uint32_t at_once = turns_in(0ms), later = 0;
  for (int i = 0; i < 5; ++i) at_once = std::min(at_once, turns_in(0ms));
  for (int i = 0; i < 3; ++i) later = std::max(later, turns_in(100ms));
  EXPECT_GT(later, 3 * at_once) << "while the probe slept, the target hardly ran";
  EXPECT_EQ(probe->state(), CoreState::running);
}

}  // namespace flashhost::conformance
