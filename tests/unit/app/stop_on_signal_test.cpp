#include "app/stop_on_signal.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <condition_variable>
#include <csignal>
#include <mutex>

namespace flashhost {
namespace {

// Returns when the token's stop has been requested; the test's time limit ends it otherwise.
void wait_for_stop(const std::stop_token &token) {
  std::mutex mutex;
  std::condition_variable_any changed;
  std::unique_lock lock(mutex);
  changed.wait(lock, token, [] { return false; });
}

TEST(StopOnSignal, AsksToStopOnEachOfItsSignals) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    const StopOnSignal signals;
    EXPECT_FALSE(signals.token().stop_requested());
    ASSERT_EQ(::kill(::getpid(), signal), 0);
    wait_for_stop(signals.token());
    EXPECT_TRUE(signals.token().stop_requested());
  }
}

TEST(StopOnSignal, EndsWithoutASignal) {
  const StopOnSignal signals;
  EXPECT_FALSE(signals.token().stop_requested());
}

TEST(StopOnSignalDeathTest, LeavesAtOnceOnTheSecondSignal) {
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_EXIT(
      {
        const StopOnSignal signals;
        ::kill(::getpid(), SIGINT);
        wait_for_stop(signals.token());
        ::kill(::getpid(), SIGINT);
        for (;;) ::pause();
      },
      ::testing::ExitedWithCode(130), "left at once; the target may be half-written");
}

}  // namespace
}  // namespace flashhost
