#include "l4_sim_board.hpp"
#include "sdk/fake_probe.hpp"
#include "thrown.hpp"

#include <gmock/gmock.h>

#include <algorithm>

namespace {

using namespace flashhost;
using namespace flashhost::test;
using bench::text_and_hint_of;
using testing::AllOf;
using testing::HasSubstr;

constexpr std::uint32_t locked = l4::cr_lock | l4::cr_optlock;
const Bytes program_start{0, 0x10, 0, 0x20, 9, 0, 0, 8};

std::string restored(L4SimBoard &board) {
  return cortex_m::restore(board.probe, board.undo, false);
}

class L4PrepareOnTheModel : public testing::TestWithParam<std::string> {};

TEST_P(L4PrepareOnTheModel, OpensTheControllerAndRestoreLocksItAgain) {
  L4SimBoard board(GetParam());
  const l4::SeriesFacts &facts = l4::facts_of(board.chip);
  const std::uint32_t debug = facts.dbgmcu + l4::dbgmcu_cr, freeze = facts.dbgmcu + facts.freeze;
  board.prepare_after_reset();
  EXPECT_EQ(board.controller(l4::flash_cr), l4::cr_optlock);
  EXPECT_EQ(board.probe.read_word(debug), facts.low_power_debug);
  EXPECT_EQ(board.probe.read_word(freeze) & 0x1800, 0x1800U);
  EXPECT_EQ(restored(board), "");
  EXPECT_EQ(board.controller(l4::flash_cr), locked);
  EXPECT_EQ(board.probe.read_word(debug), 0U);
  EXPECT_EQ(board.probe.read_word(freeze), 0U);
  EXPECT_EQ(board.probe.state(), CoreState::halted);
}

TEST_P(L4PrepareOnTheModel, RestoreGivesClocksAndCachesBack) {
  L4SimBoard board(GetParam());
  board.leave_firmware();
  const auto registers = [&] {
    return std::vector{board.clocks(l4::rcc_cr), board.clocks(l4::rcc_cfgr),
                       board.clocks(l4::facts_of(board.chip).ahb),
                       board.clocks(l4::facts_of(board.chip).apb1),
                       board.controller(l4::flash_acr)};
  };
  const auto before = registers();
  board.prepare();
  EXPECT_NE(registers(), before);
  EXPECT_EQ(board.controller(l4::flash_acr) & 0x700, 0U);
  EXPECT_EQ(restored(board), "");
  board.probe.sleep(std::chrono::milliseconds(1));
  EXPECT_EQ(registers(), before);
}

// What old firmware or another tool may have left, where no reset is made.
TEST_P(L4PrepareOnTheModel, RecoversWithoutAReset) {
  for (const char *fault : {"stale_control_bits", "stale_errors", "stale_pgserr", "hsi_off",
                            "dma_writes", "iwdg=100"}) {
    SCOPED_TRACE(fault);
    L4SimBoard board(GetParam(), {fault});
    const l4::SeriesFacts &facts = l4::facts_of(board.chip);
    board.prepare();
    EXPECT_EQ(board.controller(l4::flash_cr), l4::cr_optlock);
    EXPECT_EQ(board.controller(l4::flash_sr) & (l4::sr_errors | l4::sr_eop), 0U);
    EXPECT_NE(board.clocks(l4::rcc_cr) & l4::rcc_hsirdy, 0U);
    EXPECT_EQ(board.clocks(facts.ahb) & facts.masters, 0U);
    const std::uint32_t page = board.chip.sectors[1].address;
    board.erase(board.chip.sectors[1]);
    board.program(page, program_start);
    EXPECT_EQ(board.read(page, 8), program_start);
  }
}

INSTANTIATE_TEST_SUITE_P(Parts, L4PrepareOnTheModel,
                         testing::Values("STM32G071RB", "STM32G0B1RE", "STM32L432KC", "STM32L476RG",
                                         "STM32G474RE", "STM32C031K6", "STM32U083RC", "STM32WB55RG",
                                         "STM32WLE5JC"),
                         [](const auto &name) { return name.param; });

// Chips that look at power-on whether the flash is empty.
class L4EmptyCheck : public testing::TestWithParam<std::string> {
 protected:
  [[nodiscard]] bool takes_it_for_empty() {
    const bool in_acr = l4::line_of(board.chip).empty == l4::Empty::acr;
    return in_acr ? (board.controller(l4::flash_acr) & l4::acr_empty) != 0
                  : (board.controller(l4::flash_sr) & l4::sr_bit17) != 0;
  }
  L4SimBoard board{GetParam()};
};

TEST_P(L4EmptyCheck, KnowsOfTheFirstFirmwareAfterTheJob) {
  EXPECT_TRUE(takes_it_for_empty());
  board.prepare_after_reset();
  board.program(board.chip.flash.address, program_start);
  l4::finish(board.host, board.probe, board.chip);
  EXPECT_FALSE(takes_it_for_empty());
  EXPECT_EQ(restored(board), "");
  EXPECT_FALSE(takes_it_for_empty()) << "by the undo steps";
  static_cast<void>(cortex_m::reset_and_halt(board.probe));
  EXPECT_FALSE(takes_it_for_empty());
  // Once more: nothing may be turned over a second time.
  board.prepare_again();
  l4::finish(board.host, board.probe, board.chip);
  EXPECT_EQ(restored(board), "");
  EXPECT_FALSE(takes_it_for_empty());
}

TEST_P(L4EmptyCheck, HasItsCachesBackThatTheLoaderSwitchedOff) {
  constexpr std::uint32_t caches = 0x700;
  const std::uint32_t acr = l4::facts_of(board.chip).flash + l4::flash_acr;
  static_cast<void>(cortex_m::reset_and_halt(board.probe));
  const std::uint32_t control = board.controller(l4::flash_acr);
  ASSERT_NE(control & caches, 0U);
  for (const bool programmed : {false, true}) {
    SCOPED_TRACE(programmed);
    board.prepare_again();
    if (programmed) board.program(board.chip.flash.address, program_start);
    board.probe.write_word(acr, board.controller(l4::flash_acr) & ~caches);
    l4::finish(board.host, board.probe, board.chip);
    EXPECT_EQ(restored(board), "");
    EXPECT_EQ(board.controller(l4::flash_acr) & caches, control & caches);
    EXPECT_EQ(takes_it_for_empty(), !programmed);
  }
}

TEST_P(L4EmptyCheck, StaysEmptyWhereNothingWasProgrammed) {
  static_cast<void>(cortex_m::reset_and_halt(board.probe));
  const std::uint32_t control = board.controller(l4::flash_acr);
  board.prepare();
  l4::finish(board.host, board.probe, board.chip);
  EXPECT_EQ(restored(board), "");
  EXPECT_EQ(board.controller(l4::flash_acr), control);
  EXPECT_TRUE(takes_it_for_empty());
  static_cast<void>(cortex_m::reset_and_halt(board.probe));
  EXPECT_TRUE(takes_it_for_empty());
}

INSTANTIATE_TEST_SUITE_P(Parts, L4EmptyCheck,
                         testing::Values("STM32G071RB", "STM32G0B1RE", "STM32C031K6", "STM32U083RC",
                                         "STM32WB55RG", "STM32WLE5JC", "STM32L412KB", "STM32L432KC",
                                         "STM32L452RE", "STM32L496ZG", "STM32L4R5ZI"),
                         [](const auto &name) { return name.param; });

TEST(L4PrepareModel, AControllerLockedUntilResetNeedsOne) {
  L4SimBoard board("STM32L476RG", {"fpec_locked_until_reset"});
  EXPECT_THAT(text_and_hint_of(Errc::target, [&] { board.prepare(); }),
              HasSubstr("until the next reset"));
  board.prepare_again();
  EXPECT_EQ(board.controller(l4::flash_cr), l4::cr_optlock);
}

TEST(L4PrepareModel, HalfADoubleWordLeftByAnotherToolNeedsAReset) {
  L4SimBoard board("STM32G071RB");
  board.probe.halt();
  board.unlock_by_hand();
  board.probe.write_word(l4::facts_of(board.chip).flash + l4::flash_cr, l4::cr_pg);
  board.probe.write_word(0x08001000, 0x12345678);
  ASSERT_EQ(board.controller(l4::flash_sr), l4::sr_cfgbsy);
  EXPECT_THAT(text_and_hint_of(Errc::flash, [&] { board.prepare(); }),
              AllOf(HasSubstr("CFGBSY: only half of a double word was written"),
                    HasSubstr("FLASH_SR 0x00040000"), HasSubstr("allow one (--reset run)")));
  board.prepare_again();
  EXPECT_EQ(board.controller(l4::flash_cr), l4::cr_optlock);
}

TEST(L4PrepareModel, AClosedSecuredAreaNeedsAReset) {
  L4SimBoard board("STM32G071RB");
  board.probe.halt();
  board.unlock_by_hand();
  board.probe.write_word(l4::facts_of(board.chip).flash + l4::flash_cr, 1U << 28);
  EXPECT_THAT(text_and_hint_of(Errc::refused, [&] { board.prepare(); }),
              AllOf(HasSubstr("SEC_PROT"), HasSubstr("--reset")));
  board.prepare_again();
  EXPECT_EQ(board.controller(l4::flash_cr), l4::cr_optlock);
}

TEST(L4PrepareModel, AFlashThatAllBelongsToTheSecondCoreIsRefused) {
  L4SimBoard board("STM32WB55RG", {"secure_from=0"});
  EXPECT_THAT(text_and_hint_of(Errc::refused, [&] { board.prepare_after_reset(); }),
              HasSubstr("belongs to the second core"));
}

TEST(L4PrepareModel, TheVoltageRangeInWhichFlashCanBeWrittenIsChosen) {
  constexpr std::uint32_t power = 0x40007000;
  L4SimBoard board("STM32L476RG");
  board.probe.halt();
  board.probe.write_word(power, 2U << 9);
  board.prepare();
  EXPECT_EQ(board.probe.read_word(power), 1U << 9);
  EXPECT_EQ(restored(board), "");
  EXPECT_EQ(board.probe.read_word(power), 2U << 9);
}

// DBG_SWEN of FLASH_ACR.
TEST(L4PrepareModel, ADamagedReadingDoesNotTurnTheDebugPortOff) {
  constexpr std::uint32_t rcc = 0x40021000, flash = 0x40022000;
  fake::Probe probe;
  for (const std::uint32_t block :
       {rcc, flash, l4::dbgmcu_m0, stm32::iwdg_kr, stm32::wwdg_cr, 0x40007000U}) {
    probe.add_region(block, 0x400, 0);
  }
  probe.poke(rcc, l4::rcc_hsion | l4::rcc_hsirdy);
  probe.poke(flash + l4::flash_acr, 0x600);
  probe.poke(flash + l4::flash_cr, l4::cr_lock);
  fake::LogHost host;
  UndoLog undo;
  const Chip chip = fake::described<fake::L4>("STM32G071RB");
  EXPECT_THROW(l4::prepare(host, probe, chip, undo), Error) << "nobody takes its keys";
  std::size_t written = 0;
  for (const fake::Write &write : probe.writes) {
    if (write.address != flash + l4::flash_acr) continue;
    ++written;
    EXPECT_NE(write.value & l4::acr_dbg_swen, 0U);
  }
  EXPECT_GT(written, 0U);
  EXPECT_NE(
      std::ranges::find(undo, flash + l4::flash_acr, &UndoStep::address)->value & l4::acr_dbg_swen,
      0U);
}

TEST(L4PrepareModel, LowPowerRunModeIsLeft) {
  for (const char *part : {"STM32L476RG", "STM32G071RB", "STM32U083RC"}) {
    constexpr std::uint32_t power = 0x40007000, low_power_run = 1U << 14 | 1U << 9;
    SCOPED_TRACE(part);
    L4SimBoard board(part);
    board.probe.halt();
    board.probe.write_word(power, low_power_run);
    board.prepare();
    EXPECT_EQ(board.probe.read_word(power), 1U << 9);
    EXPECT_EQ(restored(board), "");
    EXPECT_EQ(board.probe.read_word(power), low_power_run);
  }
}

TEST(L4PrepareModel, TheDividerOfTheSystemClockIsTakenOut) {
  constexpr std::uint32_t by_eight = 7U << 2;
  for (const char *part : {"STM32C051C8", "STM32C071RB", "STM32C092RC"}) {
    SCOPED_TRACE(part);
    L4SimBoard board(part);
    board.probe.halt();
    const std::uint32_t control = l4::facts_of(board.chip).rcc + l4::rcc_cr;
    const std::uint32_t found = board.probe.read_word(control) | by_eight;
    board.probe.write_word(control, found);
    board.prepare();
    EXPECT_EQ(board.clocks(l4::rcc_cr) & by_eight, 0U);
    EXPECT_EQ(restored(board), "");
    EXPECT_EQ(board.clocks(l4::rcc_cr), found);
  }
}

TEST(L4PrepareModel, AHardwareWatchdogDoesNotBiteWhileTheCoreIsHalted) {
  for (const char *part : {"STM32G071RB", "STM32L476RG", "STM32WB55RG"}) {
    L4SimBoard board(part, {"hardware_iwdg"});
    board.prepare_after_reset();
    (void)board.probe.read_word(cortex_m::dhcsr);
    board.probe.sleep(std::chrono::seconds(60));
    EXPECT_EQ(board.probe.read_word(cortex_m::dhcsr) & cortex_m::dhcsr_s_reset, 0U) << part;
  }
}

TEST(L4PrepareModel, AWindowWatchdogOfTheFirmwareStands) {
  for (const char *part : {"STM32G071RB", "STM32L476RG", "STM32WB55RG"}) {
    SCOPED_TRACE(part);
    L4SimBoard board(part);
    const l4::SeriesFacts &facts = l4::facts_of(board.chip);
    board.probe.halt();
    board.probe.write_word(facts.rcc + facts.apb1, stm32::apb1_wwdg);
    board.probe.write_word(facts.dbgmcu + facts.freeze, l4::dbgmcu_wwdg_stop);
    board.probe.write_word(stm32::wwdg_cr, 0xFF);
    (void)board.probe.read_word(cortex_m::dhcsr);
    board.prepare();
    EXPECT_EQ(board.clocks(facts.apb1) & stm32::apb1_wwdg, 0U);
    board.probe.sleep(std::chrono::seconds(1));
    EXPECT_EQ(board.probe.read_word(cortex_m::dhcsr) & cortex_m::dhcsr_s_reset, 0U);
  }
}

}  // namespace
