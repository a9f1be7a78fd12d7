#include "fake_probe.hpp"

#include <gmock/gmock.h>

namespace {

using namespace flashhost;
namespace cm = flashhost::cortex_m;

TEST(DebugProbe, HaltingSetsDebugEnableAndHalt) {
  fake::Probe probe;
  probe.halt();
  EXPECT_TRUE(probe.halted);
  EXPECT_EQ(probe.written(cm::dhcsr), 0xA05F0003U);
  EXPECT_EQ(probe.state(), CoreState::halted);
}

TEST(DebugProbe, HaltingAHaltedCoreWritesNothing) {
  fake::Probe probe;
  probe.halted = probe.debug_enabled = true;
  probe.halt();
  EXPECT_THAT(probe.writes, testing::IsEmpty());
}

TEST(DebugProbe, HaltingDoesNotChangeInterruptMaskingInTheSameWrite) {
  fake::Probe probe;
  probe.debug_enabled = probe.masked = true;
  probe.halt();
  EXPECT_EQ(probe.written(cm::dhcsr), 0xA05F000BU);
}

TEST(DebugProbe, ACoreThatDoesNotHaltIsNamedWithinHalfASecond) {
  fake::Probe probe;
  probe.refuses_to_halt = true;
  try {
    probe.halt();
    FAIL() << "halted";
  } catch (const Error &error) {
    EXPECT_EQ(error.code(), Errc::timeout);
    EXPECT_THAT(error.what(), testing::HasSubstr("did not halt within 500 ms"));
    EXPECT_THAT(error.hint(), testing::HasSubstr("under-reset"));
  }
  EXPECT_LT(probe.clock, std::chrono::milliseconds(600));
}

TEST(DebugProbe, ResumingClearsTheHaltReasonAndUnmasksInterruptsWhileStillHalted) {
  fake::Probe probe;
  probe.halted = probe.debug_enabled = probe.masked = true;
  probe.halt_reason = 0x1F;
  probe.resume();
  EXPECT_EQ(probe.halt_reason, 0U);
  EXPECT_THAT(probe.writes,
              testing::ElementsAre(fake::Write{cm::dfsr, 0x1F}, fake::Write{cm::dhcsr, 0xA05F0003},
                                   fake::Write{cm::dhcsr, 0xA05F0001}));
}

TEST(DebugProbe, RegistersAreReachedThroughTheSelector) {
  fake::Probe probe;
  probe.halt();
  probe.write_register(CoreRegister::control_faultmask_basepri_primask, 1);
  EXPECT_EQ(probe.registers.at(20), 1U);
  probe.registers.at(15) = 0x08001234;
  EXPECT_EQ(probe.read_register(CoreRegister::pc), 0x08001234U);
}

TEST(DebugProbe, ARegisterTakesTwoTripsToTheProbe) {
  fake::Probe probe;
  probe.halt();
  probe.write_register(CoreRegister::pc, 0x20000000);
  EXPECT_EQ(probe.read_register(CoreRegister::pc), 0x20000000U);
  EXPECT_THAT(probe.run_sizes,
              testing::ElementsAre(3, 3));  // each after a look whether it is halted
}

TEST(DebugProbe, ARegisterThatIsNotReadyAtOnceIsWaitedFor) {
  fake::Probe probe;
  probe.halt();
  probe.registers.at(15) = 0x08001234;
  int answers = 0;
  probe.late_registers = [&] { return ++answers < 4; };
  EXPECT_EQ(probe.read_register(CoreRegister::pc), 0x08001234U);
  answers = 0;
  probe.write_register(CoreRegister::pc, 0x20000000);
  EXPECT_EQ(answers, 4);
  EXPECT_EQ(probe.registers.at(15), 0x20000000U);
}

TEST(DebugProbe, ARegisterThatNeverGetsReadyIsAnError) {
  fake::Probe probe;
  probe.halt();
  probe.late_registers = [] { return true; };
  EXPECT_THROW((void)probe.read_register(CoreRegister::pc), Error);
  EXPECT_THROW(probe.write_register(CoreRegister::pc, 0), Error);
}

TEST(DebugProbe, ARegisterOfARunningCoreIsAnError) {
  fake::Probe probe;
  EXPECT_THROW((void)probe.read_register(CoreRegister::pc), Error);
}

TEST(DebugProbe, StatesAreToldApart) {
  fake::Probe probe;
  EXPECT_EQ(probe.state(), CoreState::running);
  probe.asleep = true;
  EXPECT_EQ(probe.state(), CoreState::sleeping);
  probe.locked_up = true;
  EXPECT_EQ(probe.state(), CoreState::lockup);
  probe.held_in_reset = true;
  EXPECT_EQ(probe.state(), CoreState::in_reset);
}

TEST(DebugProbe, AResetThatIsOverIsNotReportedAsHeld) {
  fake::Probe probe;
  probe.reset_seen = true;
  EXPECT_EQ(probe.state(), CoreState::running);
}

TEST(DebugProbe, ASystemResetIsAskedForThroughAircr) {
  fake::Probe probe;
  probe.reset(ResetMode::system);
  EXPECT_EQ(probe.resets, 1);
  EXPECT_EQ(probe.written(cm::aircr), 0x05FA0004U);
}

}  // namespace
