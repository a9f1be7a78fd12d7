// The caches in front of an L4's flash, which are on after a reset.
#include "l4_bench.hpp"
#include "snippets.hpp"

#include <gtest/gtest.h>

namespace sim_test::l4::cache_rules {
namespace {

constexpr std::uint32_t icen = 1U << 9, dcen = 1U << 10, icrst = 1U << 11, dcrst = 1U << 12;
constexpr std::uint32_t new_code = 0xBE002000;  // movs r0, #0 | bkpt #0
constexpr std::uint32_t old_code = 0x21022001;  // movs r0, #1 | movs r1, #2

class L4Cache : public testing::Test {
 protected:
  L4Cache() { board.halt(); }
  // Runs the function at `place`; r0 afterwards.
  std::uint32_t call() {
    board.prepare(place);
    board.set_reg(0, 99);
    EXPECT_TRUE(board.run_to_halt());
    return board.reg(0);
  }
  void replace_code() {
    board.unlock();
    board.erase(per | pnb(8));
    board.program(place, new_code, 0);
  }
  std::uint32_t load_by_core(std::uint32_t from) {
    board.set_reg(0, from);
    EXPECT_TRUE(board.execute(snippet::load_word));
    return board.reg(2);
  }
  void reset_caches() {
    board.set(acr, 0);
    board.set(acr, icrst | dcrst);
    board.set(acr, 0);
    board.set(acr, icen | dcen);
  }
  Board board{"STM32L476RG", {}, {{0x4000, snippet::two_moves}}};
};

TEST_F(L4Cache, OldCodeRunsUntilTheInstructionCacheIsReset) {
  EXPECT_EQ(board.get(acr), 0x600U);
  EXPECT_EQ(call(), 1U);
  replace_code();
  EXPECT_EQ(call(), 1U);
  reset_caches();
  EXPECT_EQ(call(), 0U);
}

TEST_F(L4Cache, CannotBeResetWhileItIsEnabled) {
  EXPECT_EQ(call(), 1U);
  replace_code();
  board.set(acr, icen | icrst);
  EXPECT_EQ(call(), 1U);
  EXPECT_EQ(board.notes(), 1U);
}

TEST_F(L4Cache, OldDataAreReadUntilTheDataCacheIsReset) {
  EXPECT_EQ(load_by_core(place), old_code);
  EXPECT_EQ(load_by_core(place + 64), erased);
  replace_code();
  board.program(place + 64, 1, 2);
  EXPECT_EQ(load_by_core(place), old_code);
  EXPECT_EQ(load_by_core(place + 64), erased);
  EXPECT_EQ(board.read(place), old_code) << "the debugger reads through it, too";
  reset_caches();
  EXPECT_EQ(load_by_core(place), new_code);
  EXPECT_EQ(load_by_core(place + 64), 1U);
}

TEST_F(L4Cache, AResetEmptiesThem) {
  EXPECT_EQ(call(), 1U);
  EXPECT_EQ(load_by_core(place), old_code);
  replace_code();
  board.system_reset();
  board.halt();
  EXPECT_EQ(call(), 0U);
  EXPECT_EQ(load_by_core(place), new_code);
}

TEST_F(L4Cache, ThePrefetchBufferHoldsTheLineAfterTheOneThatRuns) {
  board.set(acr, 1U << 8);
  EXPECT_EQ(call(), 1U);
  const std::uint32_t next = place + 16;
  board.unlock();
  board.program(next, new_code, 0);
  const auto first_half = [&] {
    board.prepare(next);
    board.set_reg(0, 99);
    board.write(address::dhcsr, 0xA05F0005);  // one step
    board.target.advance(10us);
    return board.reg(0);
  };
  EXPECT_EQ(first_half(), 99U) << "0xFFFF is no instruction";
  board.set(acr, 0);
  EXPECT_EQ(first_half(), 0U);
}

TEST(L4CacheFault, CachesCanBeLeftFull) {
  Board board("STM32L476RG", {"caches_on"});
  EXPECT_EQ(board.get(acr) & 0x700, 0x700U);
  board.flash[0] = 1;
  EXPECT_EQ(board.read(address::flash), erased);
  Board g0;
  g0.set(acr, 0x40700);
  EXPECT_EQ(g0.get(acr) & 0x700, 0x300U) << "an M0+ has no data cache";
}

}  // namespace
}  // namespace sim_test::l4::cache_rules
