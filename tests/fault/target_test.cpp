// How a Target is left: by release, by abandon or by the destructor, after each thing that can have
// been done to it.
#include "job_on_board.hpp"

#include <flashhost/cortex_m.hpp>

#include <gmock/gmock.h>

#include <algorithm>

namespace flashhost::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

using Body = std::function<void(Target &)>;
const Body halt_for_reading = [](Target &target) { target.halt_for_reading(); };
const Body prepare = [](Target &target) { target.prepare(); };

enum class Exit : std::uint8_t { release, abandon, destructor };

class LeavingATarget : public JobOnBoard {
 protected:
  // Connects, does this with the target, and lets it go.
  JobResult use(const Body &body, Fault fault = {}) {
    const Work work = [&](Target &target, Observer &) {
      body(target);
      return FlashReport{};
    };
    return testing::run(board(), {work, {fault}, {}, scenario_.target});
  }
  // How many calls of the probe there are until then.
  std::uint64_t calls_until_left(const Body &body) {
    start_anew();
    return use(body).calls;
  }

  static void leave(Target &target, Exit exit) {
    if (exit == Exit::release) target.release();
    if (exit == Exit::abandon) target.abandon();
  }

  // On a new board, whose core runs or was halted by somebody before.
  void start_with(CoreState core) {
    start_anew();
    if (core == CoreState::running) return;
    const auto probe = board().probe();
    probe->attach(AttachMode::attach);
    probe->halt();
  }

  CoreState core() {
    const Registers now = read_registers(board().target());
    return (now.at("DHCSR") & cortex_m::dhcsr_s_halt) != 0 ? CoreState::halted : CoreState::running;
  }

  static constexpr Exit exits[] = {Exit::release, Exit::abandon, Exit::destructor};
};

TEST_F(LeavingATarget, AfterConnectingTheCoreIsAsItWas) {
  for (const Exit exit : exits) {
    for (const CoreState before : {CoreState::running, CoreState::halted}) {
      start_with(before);
      const auto resets = board().target().statistics().system_resets;
      EXPECT_TRUE(use([&](Target &target) { leave(target, exit); }).good);
      EXPECT_EQ(core(), before);
      EXPECT_EQ(board().target().statistics().system_resets, resets);
    }
  }
}

TEST_F(LeavingATarget, AfterConnectingUnderResetTheCoreRuns) {
  scenario_.target.connect = Connect::under_reset;
  for (const Exit exit : exits) {
    start_anew();
    EXPECT_TRUE(use([&](Target &target) {
                  EXPECT_EQ(target.probe().state(), CoreState::halted);
                  leave(target, exit);
                }).good);
    EXPECT_EQ(left_behind(), "");
  }
}

TEST_F(LeavingATarget, AfterReadingTheCoreGoesOnIfItRanBefore) {
  for (const Exit exit : exits) {
    for (const CoreState before : {CoreState::running, CoreState::halted}) {
      start_with(before);
      const auto resets = board().target().statistics().system_resets;
      EXPECT_TRUE(use([&](Target &target) {
                    target.halt_for_reading();
                    EXPECT_EQ(target.probe().state(), CoreState::halted);
                    leave(target, exit);
                  }).good);
      EXPECT_EQ(core(), before);
      EXPECT_EQ(board().target().statistics().system_resets, resets);
    }
  }
}

TEST_F(LeavingATarget, AfterReadingTheCoreRunsWhereConnectingHadHaltedIt) {
  scenario_.target.connect = Connect::under_reset;
  for (const Exit exit : exits) {
    start_with(CoreState::halted);
    EXPECT_TRUE(use([&](Target &target) {
                  target.halt_for_reading();
                  leave(target, exit);
                }).good);
    EXPECT_EQ(core(), CoreState::running);
  }
}

TEST_F(LeavingATarget, AfterPreparingTheCoreIsWhereTheOptionsWantIt) {
  for (const Connect connect : {Connect::attach, Connect::under_reset}) {
    for (const ResetAfter reset : {ResetAfter::run, ResetAfter::halt, ResetAfter::none}) {
      for (const Exit exit : exits) {
        scenario_.target.connect = connect;
        scenario_.target.reset = reset;
        start_anew();
        EXPECT_TRUE(use([&](Target &target) {
                      target.prepare();
                      leave(target, exit);
                    }).good);
        EXPECT_EQ(left_behind(), "");
      }
    }
  }
}

TEST_F(LeavingATarget, ByResetTheCoreIsHaltedWhereTheOptionsSayNoReset) {
  for (const ResetAfter reset : {ResetAfter::run, ResetAfter::halt, ResetAfter::none}) {
    scenario_.target.reset = reset;
    start_anew();
    const auto resets = board().target().statistics().system_resets;
    EXPECT_TRUE(use([](Target &target) { target.reset(); }).good);
    EXPECT_GT(board().target().statistics().system_resets, resets);
    EXPECT_EQ(left_behind(), "");
  }
}

TEST_F(LeavingATarget, IsCompleteAlsoWhereACallWasRefusedWhileItWasGotReady) {
  for (const Body &body : {halt_for_reading, prepare}) {
    const std::uint64_t calls = calls_until_left(body);
    for (std::uint64_t call = 1; call <= calls; ++call) {
      SCOPED_TRACE(call);
      start_anew();
      const JobResult result = use(body, {FaultKind::refused, call});
      EXPECT_EQ(left_behind(), "") << result.what;
    }
  }
}

// What is done to the core afterwards is none of the target's business.
TEST_F(LeavingATarget, IsDoneOnce) {
  for (const Body &body : {halt_for_reading, prepare}) {
    for (const Exit exit : {Exit::release, Exit::abandon}) {
      start_anew();
      EXPECT_TRUE(use([&](Target &target) {
                    body(target);
                    leave(target, exit);
                    target.probe().halt();
                    target.abandon();
                  }).good);
      EXPECT_EQ(core(), CoreState::halted);
    }
  }
}

TEST_F(LeavingATarget, IsDoneOverANewConnectionWhereTheProbeIsLostMeanwhile) {
  for (const Connect connect : {Connect::attach, Connect::under_reset}) {
    scenario_.target.connect = connect;
    for (const Body &body : {halt_for_reading, prepare}) {
      const std::uint64_t calls = calls_until_left(body);
      start_anew();
      const JobResult result = use(
          [&](Target &target) {
            body(target);
            target.release();
          },
          {FaultKind::vanishes, calls + 1});
      EXPECT_TRUE(result.good) << result.what;
      EXPECT_THAT(result.messages, HasSubstr("trying again"));
      EXPECT_EQ(core(), CoreState::running);
    }
  }
}

TEST_F(LeavingATarget, ByAnExceptionSaysOnceWhatCouldNotBePutBackAndDoesNotThrow) {
  for (const Body &body : {halt_for_reading, prepare}) {
    const std::uint64_t calls = calls_until_left(body);
    start_anew();
    const JobResult result = use(
        [&](Target &target) {
          body(target);
          target.abandon();
          target.abandon();
        },
        {FaultKind::cut_off, calls + 1, for_good});
    EXPECT_TRUE(result.good) << result.what;
    EXPECT_THAT(result.messages, StartsWith("the target could not be put back as it was"));
    EXPECT_EQ(std::ranges::count(result.messages, '\n'), 1) << result.messages;
  }
}

// The probe is back, but on another chip, where the core is halted, too.
TEST_F(LeavingATarget, SendsNothingToATargetThatIsLost) {
  for (const Connect connect : {Connect::attach, Connect::under_reset}) {
    scenario_.target.connect = connect;
    for (const Body &body : {halt_for_reading, prepare}) {
      const std::uint64_t calls = calls_until_left(body);
      start_anew();
      const JobResult result = use(
          [&](Target &target) {
            body(target);
            EXPECT_FALSE(target.lost());
            EXPECT_THROW(target.reconnect(), Error);
            EXPECT_TRUE(target.lost());
            target.abandon();
            target.release();
            EXPECT_TRUE(target.lost());
          },
          {FaultKind::vanishes, calls + 1, 0, true});
      EXPECT_TRUE(result.good) << result.what;
      EXPECT_EQ(result.changes, 0U);
      EXPECT_EQ(core(), CoreState::halted);
    }
  }
}

}  // namespace
}  // namespace flashhost::testing
