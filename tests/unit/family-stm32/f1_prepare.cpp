#include "f1_board.hpp"

namespace {

using namespace flashhost;

TEST(F1Prepare, UndoPutsEverythingBackInOrder) {
  fake::F1Board board;
  board.probe.poke(f1::dbgmcu_cr, 0x20);
  board.probe.poke(f1::rcc_ahbenr, 0x1D57);
  board.probe.poke(f1::rcc_cr, 0x03030082 | f1::rcc_pllon);
  board.probe.poke(f1::rcc_cfgr, 0x001D840A);
  board.probe.poke(f1::flash_acr, 0x32);
  board.prepare();
  EXPECT_EQ(board.probe.peek(f1::rcc_ahbenr) & 3, 0U);
  EXPECT_EQ(board.probe.peek(f1::rcc_cfgr), 0x001D8400U & ~f1::rcc_prescalers);
  EXPECT_EQ(board.probe.peek(f1::rcc_cr) & 3, 3U) << "HSI on and ready";
  // As a loader would leave it that lost its way.
  board.probe.poke(f1::flash_acr, 0);
  board.probe.poke(f1::rcc_cfgr, 0x00100000);
  EXPECT_EQ(cortex_m::restore(board.probe, board.undo, false), "");
  EXPECT_EQ(board.probe.peek(f1::dbgmcu_cr), 0x20U);
  EXPECT_EQ(board.probe.peek(f1::rcc_ahbenr), 0x1D57U);
  EXPECT_EQ(board.probe.peek(f1::flash_acr), 0x32U);
  EXPECT_EQ(board.probe.peek(f1::rcc_cfgr) & 0x001D8403, 0x001D8402U);
  EXPECT_EQ(board.controller.control, f1::cr_lock);
  const auto at = [&](std::uint32_t address, std::uint32_t value) {
    return std::ranges::find(board.probe.writes.rbegin(), board.probe.writes.rend(),
                             fake::Write{address, value});
  };
  EXPECT_GT(at(f1::flash_acr, 0x32), at(f1::rcc_cfgr, 0x001D840A))
      << "wait states before the clock goes up";
}

TEST(F1Prepare, OpensBothBanksOfTheXlLine) {
  fake::F1Board board("STM32F103ZG");
  board.prepare();
  EXPECT_EQ(board.controller.control, 0U);
  EXPECT_EQ(board.second_bank.control, 0U);
  EXPECT_EQ(cortex_m::restore(board.probe, board.undo, false), "");
  EXPECT_EQ(board.controller.control, f1::cr_lock);
  EXPECT_EQ(board.second_bank.control, f1::cr_lock);
}

}  // namespace
