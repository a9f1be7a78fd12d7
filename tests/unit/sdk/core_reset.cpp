#include "fake_probe.hpp"

#include <gmock/gmock.h>

namespace {

using namespace flashhost;
namespace cm = flashhost::cortex_m;

TEST(ResetAndHalt, StopsAtTheResetVectorThroughTheResetPin) {
  fake::Probe probe;
  EXPECT_EQ(cm::reset_and_halt(probe), cm::ResetWay::pin);
  EXPECT_TRUE(probe.halted);
  EXPECT_EQ(probe.resets, 1);
  EXPECT_EQ(probe.debug_control & cm::demcr_vc_corereset, cm::demcr_vc_corereset);
}

TEST(ResetAndHalt, UsesASystemResetWhenThePinIsNotWired) {
  fake::Probe probe;
  probe.pin_wired = false;
  EXPECT_EQ(cm::reset_and_halt(probe), cm::ResetWay::system);
  EXPECT_TRUE(probe.halted);
  EXPECT_EQ(probe.resets, 1);
}

TEST(ResetAndHalt, IsNotFooledByAResetThatHappenedBefore) {
  fake::Probe probe;
  probe.pin_wired = false;
  probe.reset_seen = true;
  EXPECT_EQ(cm::reset_and_halt(probe), cm::ResetWay::system);
}

TEST(ResetAndHalt, IsNotFooledByAVectorCatchThatHappenedBefore) {
  fake::Probe probe;
  probe.halt_reason = 8;
  probe.catch_works = false;
  EXPECT_THROW((void)cm::reset_and_halt(probe), Error);
}

TEST(ResetAndHalt, TakesTheVectorCatchAsEvidenceWhenSomebodyElseHasReadTheResetFlag) {
  fake::Probe probe;
  probe.reset_seen_by_another = true;
  EXPECT_EQ(cm::reset_and_halt(probe), cm::ResetWay::pin);
  EXPECT_EQ(probe.resets, 1);
  probe.pin_wired = false;
  EXPECT_EQ(cm::reset_and_halt(probe), cm::ResetWay::system);
  EXPECT_EQ(probe.resets, 2);
}

TEST(ResetAndHalt, IsNotFooledByAnOldVectorCatchWhenSomebodyElseHasReadTheResetFlag) {
  fake::Probe probe;
  probe.reset_seen_by_another = true;
  probe.halt_reason = 8;
  probe.pin_wired = false;
  probe.ignores_system_reset = true;
  EXPECT_THROW((void)cm::reset_and_halt(probe), Error);
}

TEST(ResetAndHalt, ArmsTheCatchBeforeItResets) {
  fake::Probe probe;
  probe.pin_wired = false;
  (void)cm::reset_and_halt(probe);
  std::size_t armed = 0;
  std::size_t reset = 0;
  for (std::size_t i = 0; i < probe.writes.size(); ++i) {
    if (probe.writes[i].address == cm::demcr && armed == 0) armed = i;
    if (probe.writes[i].address == cm::aircr) reset = i;
  }
  EXPECT_LT(armed, reset);
}

TEST(ResetAndHalt, CatchesACoreInLockup) {
  fake::Probe probe;
  probe.locked_up = true;
  (void)cm::reset_and_halt(probe);
  EXPECT_EQ(probe.state(), CoreState::halted);
}

TEST(ResetAndHalt, ToleratesADebugPortThatNeedsAMomentAfterReset) {
  fake::Probe probe;
  probe.on_reset = [&] {
    probe.failure = Error(Errc::probe, "no answer");
    probe.failures_left = 5;
  };
  EXPECT_EQ(cm::reset_and_halt(probe), cm::ResetWay::pin);
}

TEST(ResetAndHalt, WaitsLongerForADebugPortThatStaysAwayWithTheReset) {
  fake::Probe probe;
  probe.on_reset = [&] {
    probe.failure = Error(Errc::target, "no answer");
    probe.failures_left = 250;
  };
  EXPECT_EQ(cm::reset_and_halt(probe), cm::ResetWay::pin);
  EXPECT_GT(probe.clock, std::chrono::milliseconds(200));
}

TEST(ResetAndHalt, SaysWhenTheProbeIsGoneForGood) {
  fake::Probe probe;
  probe.on_reset = [&] { probe.failure = Error(Errc::probe, "the probe is gone"); };
  try {
    (void)cm::reset_and_halt(probe);
    FAIL() << "worked";
  } catch (const Error &error) {
    EXPECT_EQ(error.code(), Errc::probe);
    EXPECT_STREQ(error.what(), "the probe is gone");
  }
}

TEST(ResetAndHalt, SaysWhenNeitherWayWorks) {
  fake::Probe probe;
  probe.pin_wired = false;
  probe.ignores_system_reset = true;
  try {
    (void)cm::reset_and_halt(probe);
    FAIL() << "worked";
  } catch (const Error &error) {
    EXPECT_EQ(error.code(), Errc::target);
    EXPECT_THAT(error.what(), testing::HasSubstr("neither a pulse on NRST nor a system reset"));
    EXPECT_THAT(error.hint(), testing::Not(testing::IsEmpty()));
  }
  EXPECT_LT(probe.clock, std::chrono::milliseconds(700));
}

}  // namespace
