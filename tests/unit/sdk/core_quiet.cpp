#include "fake_probe.hpp"

#include <gmock/gmock.h>

#include <algorithm>

namespace {

using namespace flashhost;
namespace cm = flashhost::cortex_m;

const UndoStep *step_for(const UndoLog &undo, std::uint32_t address) {
  const auto found = std::ranges::find(undo, address, &UndoStep::address);
  return found == undo.end() ? nullptr : &*found;
}

TEST(Quiesce, LeavesThreadModeWithInterruptsMasked) {
  fake::Probe probe;
  probe.registers.at(16) = 0x0600FC0F;
  probe.registers.at(20) = 0x03010100;
  UndoLog undo;
  cm::quiesce(probe, undo);
  EXPECT_TRUE(probe.halted);
  EXPECT_EQ(probe.registers.at(16), 0x01000000U);
  EXPECT_EQ(probe.registers.at(20), 1U);
}

TEST(Quiesce, ClearsActiveExceptionsOnlyWhileHaltedAndKeepsThePriorityGrouping) {
  fake::Probe probe;
  probe.poke(cm::aircr, 0xFA050300);
  UndoLog undo;
  cm::quiesce(probe, undo);
  EXPECT_EQ(probe.written(cm::aircr), 0x05FA0302U);
  const auto halt = std::ranges::find(probe.writes, cm::dhcsr, &fake::Write::address);
  const auto clear = std::ranges::find(probe.writes, cm::aircr, &fake::Write::address);
  EXPECT_LT(halt, clear);
}

TEST(Quiesce, TurnsOffWhatDisturbsAndLogsHowItWas) {
  fake::Probe probe;
  probe.poke(cm::syst_csr, 0x00010007);
  probe.poke(cm::mpu_ctrl, 5);
  probe.poke(cm::ccr, 0x208);
  probe.poke(cm::shcsr, 0x00070803);
  probe.poke(cm::fp_ctrl, 0x261);
  probe.poke(cm::vtor, 0x08004000);
  UndoLog undo;
  cm::quiesce(probe, undo);
  EXPECT_EQ(probe.peek(cm::syst_csr), 0U);
  EXPECT_EQ(probe.peek(cm::mpu_ctrl), 0U);
  EXPECT_EQ(probe.peek(cm::ccr), 0x200U);
  EXPECT_EQ(probe.peek(cm::shcsr), 0U);
  EXPECT_EQ(probe.written(cm::fp_ctrl), 2U);
  ASSERT_NE(step_for(undo, cm::syst_csr), nullptr);
  EXPECT_EQ(step_for(undo, cm::syst_csr)->value, 7U);
  EXPECT_EQ(step_for(undo, cm::mpu_ctrl)->value, 5U);
  EXPECT_EQ(step_for(undo, cm::ccr)->value, 0x208U);
  EXPECT_EQ(step_for(undo, cm::shcsr)->value, 0x00070000U);
  EXPECT_EQ(step_for(undo, cm::fp_ctrl)->value, 3U);
  EXPECT_TRUE(step_for(undo, cm::fp_ctrl)->survives_reset);
  EXPECT_EQ(step_for(undo, cm::vtor)->value, 0x08004000U);
}

TEST(Quiesce, MasksOnlyTheInterruptWordsThatExist) {
  fake::Probe probe;
  probe.poke(0xE000E004, 1);  // two words
  probe.poke(cm::nvic_iser, 0x5);
  probe.poke(cm::nvic_iser + 8, 0x7);  // beyond: not there
  UndoLog undo;
  cm::quiesce(probe, undo);
  EXPECT_EQ(probe.peek(cm::nvic_icer), 0xFFFFFFFFU);
  EXPECT_EQ(probe.peek(cm::nvic_icer + 4), 0xFFFFFFFFU);
  EXPECT_EQ(probe.peek(cm::nvic_icer + 8), 0U);
  EXPECT_EQ(probe.peek(cm::nvic_icpr + 4), 0xFFFFFFFFU);
  EXPECT_EQ(probe.peek(cm::nvic_icpr + 8), 0U);
  EXPECT_EQ(step_for(undo, cm::nvic_iser)->value, 5U);
  EXPECT_EQ(step_for(undo, cm::nvic_iser + 4), nullptr);
}

TEST(Quiesce, ClearsFaultsThatTheOldFirmwareLeft) {
  fake::Probe probe;
  probe.poke(cm::cfsr, 0x8200);
  probe.poke(cm::hfsr, 0x40000000);
  probe.halt_reason = 9;
  UndoLog undo;
  cm::quiesce(probe, undo);
  EXPECT_EQ(probe.written(cm::cfsr), 0xFFFFFFFFU);
  EXPECT_EQ(probe.written(cm::hfsr), 0xFFFFFFFFU);
  EXPECT_EQ(probe.halt_reason, 0U);
}

TEST(Quiesce, RightAfterAResetNeedsNoUndoButTheVectorTable) {
  fake::Probe probe;
  UndoLog undo;
  cm::quiesce(probe, undo);
  ASSERT_EQ(undo.size(), 1U);
  EXPECT_EQ(undo.front().address, cm::vtor);
}

TEST(Quiesce, AsksForItsRegistersInOneRun) {
  fake::Probe probe;
  UndoLog undo;
  cm::save_debug_state(probe, undo);
  cm::quiesce(probe, undo);
  EXPECT_THAT(probe.run_sizes, testing::ElementsAre(4, 7, 3, 3));
}

TEST(Quiesce, WhatAResetHasDoneIsNotDoneOnceMore) {
  fake::Probe probe;
  (void)cm::reset_and_halt(probe);
  probe.writes.clear();
  UndoLog undo;
  cm::quiesce(probe, undo, cm::Found::just_reset);
  EXPECT_TRUE(probe.halted);
  EXPECT_EQ(std::ranges::count(probe.writes, cm::aircr, &fake::Write::address), 0);
  EXPECT_EQ(std::ranges::count(probe.writes, cm::nvic_icer, &fake::Write::address), 0);
  ASSERT_EQ(undo.size(), 1U);
  EXPECT_EQ(undo.front().address, cm::vtor);
}

TEST(Quiesce, BreakpointsThatAResetLeavesAreTurnedOff) {
  fake::Probe probe;
  probe.poke(cm::fp_ctrl, 0x261);
  UndoLog undo;
  cm::quiesce(probe, undo, cm::Found::just_reset);
  EXPECT_EQ(probe.written(cm::fp_ctrl), 2U);
  ASSERT_NE(step_for(undo, cm::fp_ctrl), nullptr);
  EXPECT_TRUE(step_for(undo, cm::fp_ctrl)->survives_reset);
}

TEST(Quiesce, ACoreThatDoesNotLookResetIsPutRightAsAnyOther) {
  const std::pair<std::uint32_t, std::uint32_t> signs[] = {
      {cm::icsr, 1U << 26}, {cm::icsr, 0x10}, {cm::shcsr, 1U << 16},
      {cm::cfsr, 0x8200},   {cm::hfsr, 2},    {cm::ccr, 8}};
  for (const auto &[address, value] : signs) {
    fake::Probe probe;
    probe.poke(address, value);
    UndoLog undo;
    cm::quiesce(probe, undo, cm::Found::just_reset);
    EXPECT_TRUE(probe.halted);
    EXPECT_EQ(probe.written(cm::aircr).value_or(0) & 0xFFFF0002, 0x05FA0002U)
        << std::hex << address;
    EXPECT_EQ(probe.peek(cm::nvic_icer), 0xFFFFFFFFU) << std::hex << address;
  }
}

TEST(Start, SetsEverythingThatALoaderStandsOn) {
  fake::Probe probe;
  probe.halt();
  cm::start(probe,
            {.pc = 0x20000201, .stack = 0x20001004, .vectors = 0x20000000, .r0 = 1, .r9 = 2});
  EXPECT_FALSE(probe.halted);
  EXPECT_TRUE(probe.debug_enabled);
  EXPECT_EQ(probe.registers.at(0), 1U);
  EXPECT_EQ(probe.registers.at(9), 2U);
  EXPECT_EQ(probe.registers.at(15), 0x20000200U);
  EXPECT_EQ(probe.registers.at(16), 0x01000000U);
  EXPECT_EQ(probe.registers.at(17), 0x20001000U);
  EXPECT_EQ(probe.registers.at(20), 1U);
  EXPECT_EQ(probe.peek(cm::vtor), 0x20000000U);
  EXPECT_EQ(probe.debug_control, 0x01000501U);
}

TEST(Start, LeavesRegistersAloneThatTheCodeDoesNotNeed) {
  fake::Probe probe;
  probe.halt();
  probe.registers.at(0) = 0x1234;
  probe.registers.at(9) = 0x5678;
  cm::start(probe, {0x20000201, 0x20001004, 0, {}, {}});
  EXPECT_EQ(probe.registers.at(0), 0x1234U);
  EXPECT_EQ(probe.registers.at(9), 0x5678U);
}

TEST(Restore, AppliesStepsInReverse) {
  fake::Probe probe;
  probe.add_region(0x40021000, 0x100, 0);
  const UndoLog undo{{0x40021000, 1, false, "first"}, {0x40021000, 2, false, "second"}};
  EXPECT_EQ(cm::restore(probe, undo, false), "");
  EXPECT_EQ(probe.peek(0x40021000), 1U);
}

TEST(Restore, AfterAResetAppliesOnlyWhatSurvivesOne) {
  fake::Probe probe;
  probe.add_region(0x40021000, 0x100, 0);
  const UndoLog undo{{0x40021000, 1, false, "clocks"}, {0x40021004, 2, true, "debug unit"}};
  EXPECT_EQ(cm::restore(probe, undo, true), "");
  EXPECT_EQ(probe.peek(0x40021000), 0U);
  EXPECT_EQ(probe.peek(0x40021004), 2U);
}

TEST(Restore, SaysWhatCouldNotBeWrittenAndGoesOn) {
  fake::Probe probe;
  probe.add_region(0x40021000, 0x100, 0);
  const UndoLog undo{{0x40021000, 1, false, "clocks"}, {0x50000000, 2, false, "nothing there"}};
  EXPECT_THAT(cm::restore(probe, undo, false),
              testing::StartsWith("nothing there (0x50000000): refused access"));
  EXPECT_EQ(probe.peek(0x40021000), 1U);
}

TEST(Restore, StopsWhenTheConnectionIsGone) {
  fake::Probe probe;
  probe.failure = Error(Errc::probe, "unplugged");
  const UndoLog undo{{0x1000, 1, false, "a"}, {0x1004, 1, false, "b"}, {0x1008, 2, false, "c"}};
  EXPECT_EQ(cm::restore(probe, undo, false), "c (0x00001008): unplugged; 2 more not tried");
}

TEST(Restore, PutsTheDebugRegistersBackAndLeavesAHaltedCoreHalted) {
  fake::Probe probe;
  probe.debug_control = 0x01000000;
  probe.poke(cm::fp_ctrl, 0x261);
  UndoLog undo;
  cm::save_debug_state(probe, undo);
  cm::quiesce(probe, undo);
  probe.write_word(cm::demcr, 0x01000501);
  EXPECT_EQ(cm::restore(probe, undo, true), "");
  EXPECT_EQ(probe.debug_control, 0x01000000U);
  EXPECT_EQ(probe.peek(cm::fp_ctrl), 3U);
  EXPECT_TRUE(probe.halted);
}

TEST(Restore, TakesTheDebuggerOffARunningCore) {
  fake::Probe probe;
  UndoLog undo;
  cm::save_debug_state(probe, undo);
  probe.halt();
  probe.resume();
  EXPECT_EQ(cm::restore(probe, undo, true), "");
  EXPECT_FALSE(probe.debug_enabled);
  EXPECT_EQ(probe.writes.back().address, cm::dhcsr);
}

TEST(Release, LetsAHaltedCoreRunWithoutADebugger) {
  fake::Probe probe;
  probe.halted = probe.debug_enabled = probe.masked = true;
  cm::release(probe);
  EXPECT_FALSE(probe.halted);
  EXPECT_FALSE(probe.debug_enabled);
  EXPECT_THAT(
      probe.writes,
      testing::ElementsAre(fake::Write{cm::dfsr, 0x1F}, fake::Write{cm::dhcsr, 0xA05F0003},
                           fake::Write{cm::dhcsr, 0xA05F0001}, fake::Write{cm::dhcsr, 0xA05F0000}));
}

}  // namespace
