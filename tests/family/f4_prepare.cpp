#include "f4_sim_board.hpp"
#include "thrown.hpp"

#include <gmock/gmock.h>

namespace {

using namespace flashhost;
using namespace flashhost::test;

TEST(F4PrepareModel, OpensTheControllerAndRestoreLocksItAgain) {
  F4SimBoard board("STM32F407VG");
  board.prepare_after_reset();
  EXPECT_EQ(board.probe.read_word(f4::flash_cr), 0U);
  EXPECT_EQ(board.probe.read_word(f4::dbgmcu_cr) & 7, 7U);
  EXPECT_EQ(board.probe.read_word(f4::dbgmcu_apb1_fz) & 0x1800, 0x1800U);
  EXPECT_EQ(cortex_m::restore(board.probe, board.undo, false), "");
  EXPECT_EQ(board.probe.read_word(f4::flash_cr), f4::cr_lock);
  EXPECT_EQ(board.probe.read_word(f4::dbgmcu_cr), 0U);
  EXPECT_EQ(board.probe.read_word(f4::dbgmcu_apb1_fz), 0U);
  EXPECT_EQ(board.probe.state(), CoreState::halted);
}

// What old firmware or another tool may have left, where no reset is made.
class F4PrepareByHand : public testing::TestWithParam<std::string> {};

TEST_P(F4PrepareByHand, RecoversWithoutAReset) {
  F4SimBoard board("STM32F407VG", {GetParam()});
  board.prepare();
  EXPECT_EQ(board.probe.read_word(f4::flash_cr), 0U);
  EXPECT_EQ(board.probe.read_word(f4::flash_sr), 0U);
  EXPECT_EQ(board.probe.read_word(f4::rcc_cr) & 3, 3U);
  EXPECT_EQ(board.probe.read_word(f4::rcc_cfgr), 0U);
  EXPECT_EQ(board.probe.read_word(f4::rcc_ahb1enr) & f4::ahb1_masters, 0U);
  f4::erase_sector(board.host, board.probe, board.chip, board.chip.sectors[1]);
  f4::program(board.host, board.probe, board.chip, board.chip.sectors[1].address, Bytes{1, 2, 3, 4},
              Width::word);
  EXPECT_EQ(board.read(board.chip.sectors[1].address, 4), (Bytes{1, 2, 3, 4}));
}

INSTANTIATE_TEST_SUITE_P(Rows, F4PrepareByHand,
                         testing::Values("stale_control_bits", "stale_errors", "hsi_off",
                                         "dma_writes", "iwdg=100"));

TEST(F4PrepareModel, RestoreGivesTheClocksBack) {
  F4SimBoard board("STM32F407VG");
  board.probe.halt();
  Probe &probe = board.probe;
  probe.write_word(f4::flash_acr, 0x705);
  probe.write_word(f4::rcc_pllcfgr, 0x24002A08);  // 16 MHz / 8 * 168 / 2
  probe.write_word(f4::rcc_cr, probe.read_word(f4::rcc_cr) | stm32::pllon);
  probe.write_word(f4::rcc_cfgr, 0x940A);
  probe.sleep(std::chrono::milliseconds(1));
  ASSERT_EQ(probe.read_word(f4::rcc_cfgr), 0x940AU);
  const std::uint32_t control = probe.read_word(f4::rcc_cr);
  board.prepare();
  EXPECT_EQ(probe.read_word(f4::rcc_cfgr), 0U);
  EXPECT_EQ(probe.read_word(f4::flash_acr), 5U);
  // As a loader would leave it that lost its way.
  probe.write_word(f4::rcc_cr, control & ~stm32::pllon);
  probe.write_word(f4::rcc_pllcfgr, 0x24011808);
  probe.write_word(f4::rcc_cr, control);
  probe.write_word(f4::rcc_cfgr, 0x1002);
  probe.sleep(std::chrono::milliseconds(1));
  EXPECT_EQ(cortex_m::restore(probe, board.undo, false), "");
  probe.sleep(std::chrono::milliseconds(1));
  EXPECT_EQ(probe.read_word(f4::rcc_pllcfgr), 0x24002A08U);
  EXPECT_EQ(probe.read_word(f4::rcc_cfgr), 0x940AU);
  EXPECT_EQ(probe.read_word(f4::rcc_cr), control);
  EXPECT_EQ(probe.read_word(f4::flash_acr), 0x705U);
}

TEST(F4PrepareModel, AControllerLockedUntilResetNeedsOne) {
  F4SimBoard board("STM32F407VG", {"fpec_locked_until_reset"});
  EXPECT_THAT(bench::text_and_hint_of(Errc::target, [&] { board.prepare(); }),
              testing::HasSubstr("until the next reset"));
  board.undo.clear();
  board.prepare_after_reset();
  EXPECT_EQ(board.probe.read_word(f4::flash_cr), 0U);
}

TEST(F4PrepareModel, AHardwareWatchdogDoesNotBiteWhileTheCoreIsHalted) {
  F4SimBoard board("STM32F407VG", {"hardware_iwdg"});
  board.prepare_after_reset();
  (void)board.probe.read_word(cortex_m::dhcsr);
  board.probe.sleep(std::chrono::seconds(60));
  EXPECT_EQ(board.probe.read_word(cortex_m::dhcsr) & cortex_m::dhcsr_s_reset, 0U);
}

TEST(F4PrepareModel, AWindowWatchdogOfTheFirmwareStands) {
  F4SimBoard board("STM32F407VG");
  board.probe.halt();
  board.probe.write_word(f4::rcc_apb1enr, stm32::apb1_wwdg);
  board.probe.write_word(f4::dbgmcu_apb1_fz, f4::dbgmcu_wwdg_stop);
  board.probe.write_word(stm32::wwdg_cr, 0xFF);
  (void)board.probe.read_word(cortex_m::dhcsr);
  board.prepare();
  EXPECT_EQ(board.probe.read_word(f4::rcc_apb1enr), 0U);
  board.probe.sleep(std::chrono::seconds(1));
  EXPECT_EQ(board.probe.read_word(cortex_m::dhcsr) & cortex_m::dhcsr_s_reset, 0U);
}

}  // namespace
