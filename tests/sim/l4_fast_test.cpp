// Fast programming of an L4's flash and of those like it, row by row.
#include "l4_bench.hpp"

#include <gmock/gmock.h>

namespace sim_test::l4::fast_rules {
namespace {

using testing::AllOf;
using testing::Ge;
using testing::Le;

constexpr std::uint32_t row = 256;
constexpr std::uint32_t miserr = 256;

class L4Fast : public testing::Test {
 protected:
  L4Fast() { board.unlock(); }
  // One double word, as soon as the one before is done.
  void next(std::uint32_t at, std::uint32_t value = 0x600DF00D) {
    while ((board.get(sr) & bsy) != 0) board.target.advance(1us);
    board.write(at, value);
    board.write(at + 4, ~value);
  }
  void mass_erase() {
    board.erase(mer1);
    board.set(cr, fstpg);
  }
  Board board;
};

TEST_F(L4Fast, ARowTakesLessThanItsDoubleWordsOneByOne) {
  mass_erase();
  const Nanoseconds start = board.target.now();
  for (std::uint32_t at = place; at < place + row; at += 8) next(at, at);
  board.wait();
  EXPECT_THAT(board.target.now() - start, AllOf(Ge(1700us), Le(1800us)));
  board.target.advance(1ms);
  EXPECT_EQ(board.get(sr), 0U);
  EXPECT_EQ(board.read(place + row - 8), place + row - 8);
  EXPECT_EQ(board.target.statistics().programmed_units, 32U);
  next(place + row);
  board.wait();
  EXPECT_EQ(board.read(place + row), 0x600DF00DU);
  EXPECT_EQ(board.notes(), 0U);
}

TEST_F(L4Fast, NeedsAMassEraseBefore) {
  board.erase(per | pnb(8));
  board.set(cr, fstpg);
  board.write(place, 0);
  EXPECT_EQ(board.get(sr), pgserr);
  Board c0("STM32C031K6");
  c0.unlock();
  c0.erase(per | pnb(8));
  c0.set(cr, fstpg);
  c0.write(place, 0);
  EXPECT_EQ(c0.get(sr), cfgbsy) << "a page erase will do";
}

TEST_F(L4Fast, StartsWithARowAndStaysInIt) {
  mass_erase();
  board.write(place + 8, 0);
  EXPECT_EQ(board.get(sr), pgaerr);
  board.clear_flags();
  next(place);
  board.wait();
  board.write(place + 16, 0);
  EXPECT_EQ(board.get(sr), pgaerr);
}

TEST_F(L4Fast, APauseEndsTheRow) {
  mass_erase();
  next(place);
  board.wait();
  EXPECT_EQ(board.get(sr), 0U);
  board.target.advance(21us);
  EXPECT_EQ(board.get(sr), miserr);
  EXPECT_EQ(board.read(place), 0x600DF00DU);
}

TEST_F(L4Fast, AReadEndsTheRowWithoutAnError) {
  mass_erase();
  next(place);
  EXPECT_EQ(board.try_read(place), Ack::wait);
  for (std::uint32_t at = place + 8; at < place + row; at += 8) next(at);
  board.wait();
  EXPECT_EQ(board.get(sr), 0U);
  EXPECT_EQ(board.read(place), 0x600DF00DU);
  EXPECT_EQ(board.read(place + 8), erased);
  EXPECT_EQ(board.read(place + row - 8), erased);
}

TEST_F(L4Fast, DoesNotGoWithTheOtherWay) {
  mass_erase();
  board.set(cr, fstpg | pg);
  board.write(place, 0);
  EXPECT_EQ(board.get(sr), pgserr);
}

}  // namespace
}  // namespace sim_test::l4::fast_rules
