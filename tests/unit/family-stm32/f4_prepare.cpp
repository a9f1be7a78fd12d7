#include "f4_board.hpp"

#include <gmock/gmock.h>

namespace {

using namespace flashhost;
using testing::ElementsAre;

TEST(F4Prepare, SwitchesTheCachesOffBeforeItResetsThem) {
  fake::F4Board board;
  board.probe.poke(f4::flash_acr, 0x705);
  board.prepare();
  EXPECT_THAT(board.written(f4::flash_acr), ElementsAre(5U, 0x1805U, 5U));
  EXPECT_EQ(cortex_m::restore(board.probe, board.undo, false), "");
  EXPECT_EQ(board.probe.peek(f4::flash_acr), 0x705U);
}

}  // namespace
