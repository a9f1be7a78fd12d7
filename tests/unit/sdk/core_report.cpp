#include "fake_probe.hpp"

#include <gmock/gmock.h>

namespace {

using namespace flashhost;
namespace cm = flashhost::cortex_m;
using testing::HasSubstr;

// A core that vector catch stopped at its fault handler, with its frame at 0x20000F00.
cm::CoreReport faulted() {
  cm::CoreReport report;
  report.before = CoreState::halted;
  report.pc = 0x20000010;
  report.interrupted_pc = 0x20000124;
  report.xpsr = 0x01000003;
  report.dfsr = 8;
  report.cfsr = 0x8200;
  report.hfsr = 0x40000000;
  report.bfar = 0x40022100;
  return report;
}

TEST(CoreReport, AFaultIsNamedWithPlaceAndAddress) {
  EXPECT_EQ(cm::describe(faulted()),
            "HardFault at 0x20000124: precise bus fault accessing 0x40022100");
}

TEST(CoreReport, AnInterruptOfTheOldFirmwareIsNamed) {
  cm::CoreReport report;
  report.pc = 0x080049D2;
  report.xpsr = 0x0100000F;
  EXPECT_EQ(cm::describe(report),
            "the core left the loader: IPSR 15 SysTick, PC 0x080049d2, in flash");
  report.xpsr = 0x01000010 + 37;
  EXPECT_THAT(cm::describe(report), HasSubstr("IPSR 53 interrupt 37"));
}

TEST(CoreReport, ThreadModeInFlashIsNamed) {
  cm::CoreReport report;
  report.pc = 0x08000200;
  report.xpsr = 0x01000000;
  EXPECT_EQ(cm::describe(report), "the core left the loader: thread mode, PC 0x08000200, in flash");
}

TEST(CoreReport, AResetIsNamedBeforeAnythingElse) {
  cm::CoreReport report = faulted();
  report.was_reset = true;
  EXPECT_THAT(cm::describe(report), HasSubstr("the chip was reset meanwhile (a watchdog"));
}

TEST(CoreReport, LockupIsNamedWithItsCause) {
  cm::CoreReport report = faulted();
  report.before = CoreState::lockup;
  EXPECT_EQ(cm::describe(report),
            "the core was in lockup, a fault inside a fault handler: precise bus fault accessing "
            "0x40022100");
}

TEST(CoreReport, AClearThumbBitIsNamed) {
  cm::CoreReport report;
  report.pc = 0x20000200;
  EXPECT_THAT(cm::describe(report), HasSubstr("Thumb bit is clear"));
}

TEST(CoreReport, ACoreThatIsWellIsSaidToBe) {
  cm::CoreReport report;
  report.pc = 0x20000200;
  report.xpsr = 0x01000000;
  EXPECT_EQ(cm::describe(report), "the core was running, without a fault, at 0x20000200, in RAM");
  report.before = CoreState::halted;
  report.dfsr = 2;
  EXPECT_EQ(cm::describe(report), "the core stopped at the breakpoint at 0x20000200, in RAM");
}

TEST(CoreReport, RamMayBeBelowTheUsualAddress) {
  constexpr MemoryRange ram{0x1FFFF000, 0x4000};
  cm::CoreReport report;
  report.pc = 0x1FFFF010;
  report.xpsr = 0x01000000;
  EXPECT_EQ(cm::describe(report, ram),
            "the core was running, without a fault, at 0x1ffff010, in RAM");
  report.pc = 0x00000200;
  EXPECT_EQ(cm::describe(report, ram),
            "the core left the loader: thread mode, PC 0x00000200, in flash");
}

TEST(CoreReport, EveryFaultBitHasWords) {
  for (const unsigned bit :
       {0U, 1U, 3U, 4U, 5U, 8U, 9U, 10U, 11U, 12U, 13U, 16U, 17U, 18U, 19U, 24U, 25U}) {
    cm::CoreReport report = faulted();
    report.cfsr = 1U << bit;
    report.hfsr = 0;
    EXPECT_THAT(cm::describe(report), testing::Not(HasSubstr("no fault status"))) << bit;
  }
  for (const unsigned bit : {1U, 30U, 31U}) {
    cm::CoreReport report = faulted();
    report.cfsr = 0;
    report.hfsr = 1U << bit;
    EXPECT_THAT(cm::describe(report), testing::Not(HasSubstr("no fault status"))) << bit;
  }
}

TEST(CoreReport, TheDumpNamesEachBit) {
  cm::CoreReport report = faulted();
  report.special = 0x03010001;
  const std::string text = cm::dump(report);
  EXPECT_THAT(text, HasSubstr("PRECISERR (precise bus fault)"));
  EXPECT_THAT(text, HasSubstr("FORCED (escalated to HardFault)"));
  EXPECT_THAT(text, HasSubstr("VCATCH (vector catch)"));
  EXPECT_THAT(text, HasSubstr("CONTROL 3 FAULTMASK 1 BASEPRI 0 PRIMASK 1"));
  EXPECT_THAT(text, HasSubstr("BFAR 0x40022100"));
  EXPECT_THAT(text, HasSubstr("MMFAR 0x00000000 (not valid)"));
}

TEST(Observe, ReadsTheCoreAndHaltsIt) {
  fake::Probe probe;
  probe.registers.at(15) = 0x080049D2;
  probe.registers.at(16) = 0x01000000;
  probe.halt_reason = 8;
  const cm::CoreReport report = cm::observe(probe);
  EXPECT_EQ(report.before, CoreState::running);
  EXPECT_EQ(report.pc, 0x080049D2U);
  EXPECT_EQ(report.dfsr, 8U) << "what the halt itself adds is no finding";
  EXPECT_TRUE(probe.halted);
}

TEST(Observe, FindsTheInterruptedInstructionOnTheStack) {
  fake::Probe probe;
  probe.add_region(0x20000000, 0x1000, 0);
  probe.halted = probe.debug_enabled = true;
  probe.registers.at(13) = 0x20000F00;
  probe.registers.at(14) = 0xFFFFFFF9;
  probe.registers.at(16) = 0x01000003;
  probe.poke(0x20000F18, 0x20000124);
  probe.poke(0x20000F1C, 0x01000000);
  EXPECT_EQ(cm::observe(probe).interrupted_pc, 0x20000124U);
  probe.poke(0x20000F1C, 0);
  EXPECT_EQ(cm::observe(probe).interrupted_pc, 0U) << "no frame without a Thumb bit";
  probe.registers.at(13) = 0x30000000;
  EXPECT_EQ(cm::observe(probe).interrupted_pc, 0U) << "a wild stack pointer is no frame";
}

TEST(Observe, AsksForTheFaultRegistersInOneRun) {
  fake::Probe probe;
  probe.poke(cm::hfsr, 0x40000000);
  probe.poke(cm::bfar, 0x40022100);
  const cm::CoreReport report = cm::observe(probe);
  EXPECT_EQ(probe.run_sizes, (std::vector<std::size_t>{3, 3, 3, 3, 3, 4}));
  EXPECT_EQ(report.hfsr, 0x40000000U);
  EXPECT_EQ(report.bfar, 0x40022100U);
}

TEST(Observe, KeepsTheResetFlagThatReadingClears) {
  fake::Probe probe;
  probe.reset_seen = true;
  const cm::CoreReport report = cm::observe(probe);
  EXPECT_TRUE(report.was_reset);
  EXPECT_EQ(report.before, CoreState::running);
}

}  // namespace
