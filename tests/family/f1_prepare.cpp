#include "f1_sim_board.hpp"
#include "thrown.hpp"

#include <gmock/gmock.h>

namespace {

using namespace flashhost;
using namespace flashhost::test;

constexpr std::uint32_t crlock = f1::cr_lock;

class F1PrepareOnTheModel : public testing::TestWithParam<std::string> {};

TEST_P(F1PrepareOnTheModel, OpensEveryBankAndRestoreLocksItAgain) {
  SimBoard board(GetParam());
  board.prepare_after_reset();
  const bool two = f1::line_of(board.chip).banks > 1;
  EXPECT_EQ(board.probe.read_word(f1::flash_cr), 0U);
  if (two) {
    EXPECT_EQ(board.probe.read_word(f1::flash_cr + f1::bank2_offset), 0U);
  }
  EXPECT_EQ(board.probe.read_word(f1::dbgmcu_cr) & 0x307, 0x307U);
  EXPECT_EQ(cortex_m::restore(board.probe, board.undo, false), "");
  EXPECT_EQ(board.probe.read_word(f1::flash_cr), crlock);
  if (two) {
    EXPECT_EQ(board.probe.read_word(f1::flash_cr + f1::bank2_offset), crlock);
  }
  EXPECT_EQ(board.probe.read_word(f1::dbgmcu_cr), 0U);
  EXPECT_EQ(board.probe.state(), CoreState::halted);
}

INSTANTIATE_TEST_SUITE_P(Lines, F1PrepareOnTheModel,
                         testing::Values("STM32F103C4", "STM32F103CB", "STM32F103RE", "STM32F103RG",
                                         "STM32F107RC", "STM32F100CB", "STM32F100RE"),
                         [](const auto &name) { return name.param; });

// What old firmware or another tool may have left, where no reset is made.
class F1PrepareByHand : public testing::TestWithParam<std::string> {};

TEST_P(F1PrepareByHand, RecoversWithoutAReset) {
  SimBoard board("STM32F103CB", {GetParam()});
  board.prepare();
  EXPECT_EQ(board.probe.read_word(f1::flash_cr), 0U);
  EXPECT_EQ(board.probe.read_word(f1::flash_sr), 0U);
  EXPECT_EQ(board.probe.read_word(f1::rcc_cr) & 3, 3U);
  EXPECT_EQ(board.probe.read_word(f1::rcc_cfgr) & 0x3FFF, 0U);
  EXPECT_EQ(board.probe.read_word(f1::rcc_ahbenr) & 3, 0U);
  f1::erase_sector(board.host, board.probe, board.chip, board.chip.sectors[5]);
  f1::program(board.host, board.probe, board.chip, board.chip.sectors[5].address, Bytes{1, 2});
  EXPECT_EQ(board.read(board.chip.sectors[5].address, 2), (Bytes{1, 2}));
}

INSTANTIATE_TEST_SUITE_P(Rows, F1PrepareByHand,
                         testing::Values("stale_control_bits", "stale_errors", "hsi_off",
                                         "dma_writes", "iwdg=100"));

TEST(F1PrepareModel, RestoreAfterHsiWasOffGivesTheClocksBack) {
  SimBoard board("STM32F103CB", {"hsi_off"});
  board.probe.halt();
  const std::uint32_t control = board.probe.read_word(f1::rcc_cr);
  const std::uint32_t configuration = board.probe.read_word(f1::rcc_cfgr);
  board.prepare();
  EXPECT_NE(board.probe.read_word(f1::rcc_cr), control);
  EXPECT_EQ(cortex_m::restore(board.probe, board.undo, false), "");
  EXPECT_EQ(board.probe.read_word(f1::rcc_cr), control);
  EXPECT_EQ(board.probe.read_word(f1::rcc_cfgr), configuration);
}

TEST(F1PrepareModel, AControllerLockedUntilResetNeedsOne) {
  SimBoard board("STM32F103CB", {"fpec_locked_until_reset"});
  EXPECT_THAT(bench::text_and_hint_of(Errc::target, [&] { board.prepare(); }),
              testing::HasSubstr("until the next reset"));
  board.undo.clear();
  board.prepare_after_reset();
  EXPECT_EQ(board.probe.read_word(f1::flash_cr), 0U);
}

TEST(F1PrepareModel, ResetWorksWithAndWithoutTheResetWire) {
  SimBoard wired("STM32F103CB");
  EXPECT_EQ(cortex_m::reset_and_halt(wired.probe), cortex_m::ResetWay::pin);
  SimBoard loose("STM32F103CB", {"nrst_not_wired"});
  EXPECT_EQ(cortex_m::reset_and_halt(loose.probe), cortex_m::ResetWay::system);
  EXPECT_EQ(loose.probe.state(), CoreState::halted);
}

TEST(F1PrepareModel, AHardwareWatchdogDoesNotBiteWhileTheCoreIsHalted) {
  SimBoard board("STM32F103CB", {"hardware_iwdg"});
  board.prepare_after_reset();
  (void)board.probe.read_word(cortex_m::dhcsr);
  board.probe.sleep(std::chrono::seconds(60));
  EXPECT_EQ(board.probe.read_word(cortex_m::dhcsr) & cortex_m::dhcsr_s_reset, 0U);
}

}  // namespace
