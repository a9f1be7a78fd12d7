#include "app/stop_on_signal.hpp"

#include <flashhost/error.hpp>

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

// Signals as a shell gives them, whatever the test was started with.
class Signals : public ::testing::Test {
 protected:
  Signals() {
    ::testing::FLAGS_gtest_death_test_style = "threadsafe";
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
      std::signal(signal, SIG_DFL);
      sigaddset(&set, signal);
    }
    ::pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
  }
};
using SignalsDeathTest = Signals;

std::string_view what_became() {
  return "Something is left.";
}

void say_nothing(StopReason /*reason*/) {}

void say_bye(StopReason reason) {
  static_cast<void>(reason == StopReason::time_limit ? ::write(STDERR_FILENO, "late", 4)
                                                     : ::write(STDERR_FILENO, "bye", 3));
}

TEST_F(Signals, AskToStopOnceWorkHasBegun) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    StopOnSignal signals(say_nothing, {}, what_became);
    signals.begin_work();
    EXPECT_FALSE(signals.token().stop_requested());
    ASSERT_EQ(::kill(::getpid(), signal), 0);
    wait_for_stop(signals.token());
    EXPECT_TRUE(signals.token().stop_requested());
  }
}

TEST_F(Signals, ThatNeverComeLetItEnd) {
  const StopOnSignal signals(say_nothing, {}, what_became);
  EXPECT_FALSE(signals.token().stop_requested());
}

TEST_F(Signals, LetItEndByItselfBeforeWorkHasBegun) {
  const StopOnSignal signals([](StopReason /*reason*/) { ADD_FAILURE() << "it was ended"; }, {},
                             what_became);
  ::kill(::getpid(), SIGTERM);
  wait_for_stop(signals.token());
}

TEST_F(Signals, KeepWorkFromBeginning) {
  StopOnSignal signals(say_nothing, {}, what_became);
  ::kill(::getpid(), SIGTERM);
  wait_for_stop(signals.token());
  EXPECT_THROW(signals.begin_work(), Error);
}

TEST_F(Signals, ThatAreIgnoredStayIgnored) {
  std::signal(SIGINT, SIG_IGN);
  std::signal(SIGHUP, SIG_IGN);
  StopOnSignal signals(say_nothing, {}, what_became);
  signals.begin_work();
  ::kill(::getpid(), SIGINT);
  ::kill(::getpid(), SIGHUP);
  sigset_t pending;
  ::sigpending(&pending);
  EXPECT_EQ(::sigismember(&pending, SIGINT) + ::sigismember(&pending, SIGHUP), 0);
  ::kill(::getpid(), SIGTERM);
  wait_for_stop(signals.token());
}

TEST_F(SignalsDeathTest, EndAtOnceOnTheSecondOne) {
  EXPECT_EXIT(
      {
        StopOnSignal signals(say_nothing, {}, what_became);
        signals.begin_work();
        ::kill(::getpid(), SIGINT);
        wait_for_stop(signals.token());
        ::kill(::getpid(), SIGINT);
        for (;;) ::pause();
      },
      ::testing::ExitedWithCode(130), "left at once, the core may be halted. Something is left.");
}

TEST_F(SignalsDeathTest, EndWhatHangsBeforeWorkHasBegunWithItsLastWords) {
  EXPECT_EXIT(
      {
        const StopOnSignal signals(say_bye, {}, what_became);
        ::kill(::getpid(), SIGINT);
        for (;;) ::pause();
      },
      ::testing::ExitedWithCode(130), "^bye$");
}

TEST_F(SignalsDeathTest, EndWhatHangsAfterItsWorkWithTheExitCodeThatItHas) {
  EXPECT_EXIT(
      {
        StopOnSignal signals(say_bye, {}, what_became);
        signals.begin_work();
        signals.end_work(9);
        ::kill(::getpid(), SIGINT);
        for (;;) ::pause();
      },
      ::testing::ExitedWithCode(9), "^$");
}

constexpr std::chrono::milliseconds soon{50};
constexpr std::chrono::hours never{1};

TEST_F(Signals, ATimeLimitAsksToStop) {
  StopOnSignal signals(say_nothing, TimeLimit{soon, never}, what_became);
  signals.begin_work();
  EXPECT_EQ(signals.reason(), StopReason::none);
  wait_for_stop(signals.token());
  EXPECT_EQ(signals.reason(), StopReason::time_limit);
}

TEST_F(Signals, ATimeLimitThatIsNotReachedDoesNothing) {
  StopOnSignal signals(say_nothing, TimeLimit{never}, what_became);
  signals.begin_work();
  EXPECT_FALSE(signals.token().stop_requested());
  ::kill(::getpid(), SIGTERM);
  wait_for_stop(signals.token());
  EXPECT_EQ(signals.reason(), StopReason::signal);
}

TEST_F(SignalsDeathTest, ATimeLimitEndsWhatDoesNotStop) {
  EXPECT_EXIT(
      {
        StopOnSignal signals(say_nothing, TimeLimit{soon, soon}, what_became);
        signals.begin_work();
        for (;;) ::pause();
      },
      ::testing::ExitedWithCode(11),
      "the time limit is over, the target is being left safe\n\nflashhost: left at once");
}

TEST_F(SignalsDeathTest, ATimeLimitEndsWhatHangsBeforeWorkHasBegun) {
  EXPECT_EXIT(
      {
        const StopOnSignal signals(say_bye, TimeLimit{soon}, what_became);
        for (;;) ::pause();
      },
      ::testing::ExitedWithCode(11), "^late$");
}

TEST_F(SignalsDeathTest, AfterASignalATimeLimitOnlyBoundsTheStop) {
  EXPECT_EXIT(
      {
        StopOnSignal signals(say_nothing, TimeLimit{soon, soon}, what_became);
        signals.begin_work();
        ::kill(::getpid(), SIGINT);
        for (;;) ::pause();
      },
      ::testing::ExitedWithCode(130), "once more to leave at once.\n\nflashhost: left at once");
}

}  // namespace
}  // namespace flashhost
