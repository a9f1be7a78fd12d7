// The caches in front of an STM32F4's flash serve what they hold, right or not.
#include "f4_bench.hpp"
#include "snippets.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace sim_test::f4::cache_rules {
namespace {

constexpr std::uint32_t at = address::flash + 0x20000;  // sector 5
// movs r0, #0 | bkpt #0: what programming can make of two_moves' first instruction.
constexpr std::uint32_t new_code = 0xBE002000;
constexpr std::uint32_t old_code = 0x21022001;  // movs r0, #1 | movs r1, #2

// Runs the function at `at`; r0 afterwards.
std::uint32_t call(Board &board) {
  board.prepare(at);
  board.set_reg(0, 99);
  EXPECT_TRUE(board.run_to_halt());
  return board.reg(0);
}

class F4Cache : public testing::Test {
 protected:
  F4Cache() { board.halt(); }
  void replace_code() {
    board.unlock();
    board.erase(x32 | ser | snb(5));
    board.program_word(at, new_code);
  }
  std::uint32_t load_by_core(std::uint32_t from) {
    board.set_reg(0, from);
    EXPECT_TRUE(board.execute(snippet::load_word));
    return board.reg(2);
  }
  Board board{"STM32F407VG", {}, {{0x20000, snippet::two_moves}}};
};

TEST_F(F4Cache, WithoutItNewCodeRunsAtOnce) {
  EXPECT_EQ(call(board), 1U);
  replace_code();
  EXPECT_EQ(call(board), 0U);
}

TEST_F(F4Cache, OldCodeRunsUntilTheInstructionCacheIsReset) {
  board.write(acr, icen);
  EXPECT_EQ(call(board), 1U);
  replace_code();
  EXPECT_EQ(board.read(at), new_code);
  EXPECT_EQ(call(board), 1U);
  board.write(acr, 0);
  EXPECT_EQ(call(board), 0U) << "off, it serves nothing";
  board.write(acr, icen);
  EXPECT_EQ(call(board), 1U) << "on again, it still holds the old";
  board.write(acr, 0);
  board.write(acr, icrst);
  board.write(acr, 0);
  board.write(acr, icen);
  EXPECT_EQ(call(board), 0U);
}

TEST_F(F4Cache, TheOldCodeSurvivesASystemReset) {
  board.write(acr, icen);
  EXPECT_EQ(call(board), 1U);
  replace_code();
  board.system_reset();
  board.halt();
  EXPECT_EQ(board.read(acr), 0U);
  board.write(acr, icen);
  EXPECT_EQ(call(board), 1U);
  board.target.power_cycle();
  board.target.advance(5ms);
  board.halt();
  board.write(acr, icen);
  EXPECT_EQ(call(board), 0U);
}

TEST_F(F4Cache, CannotBeResetWhileItIsEnabled) {
  board.write(acr, icen | dcen);
  EXPECT_EQ(call(board), 1U);
  replace_code();
  board.write(acr, icen | icrst);
  board.write(acr, icen);
  EXPECT_EQ(call(board), 1U);
  EXPECT_EQ(board.notes(), 1U);
}

TEST_F(F4Cache, OldDataAreReadAfterAnEraseUntilTheDataCacheIsReset) {
  board.write(acr, dcen);
  EXPECT_EQ(load_by_core(at), old_code);
  board.unlock();
  board.erase(x32 | ser | snb(5));
  EXPECT_EQ(load_by_core(at), old_code);
  EXPECT_EQ(board.read(at), old_code) << "the debugger reads through it, too";
  EXPECT_EQ(board.flash[0x20000], 0xFF);
  board.write(acr, 0);
  board.write(acr, dcrst);
  board.write(acr, 0);
  board.write(acr, dcen);
  EXPECT_EQ(load_by_core(at), 0xFFFFFFFFU);
}

TEST_F(F4Cache, ProgrammingGoesThroughTheDataCache) {
  board.write(acr, dcen);
  EXPECT_EQ(load_by_core(at + 0x40), 0xFFFFFFFFU);
  board.unlock();
  board.program_word(at + 0x40, 0x12345678);
  EXPECT_EQ(load_by_core(at + 0x40), 0x12345678U);
}

TEST_F(F4Cache, DataAndInstructionsOfTheSameLineMayDiffer) {
  board.write(acr, icen | dcen);
  EXPECT_EQ(call(board), 1U);
  replace_code();
  EXPECT_EQ(load_by_core(at), new_code);
  EXPECT_EQ(call(board), 1U);
  EXPECT_EQ(load_by_core(at), new_code);
}

TEST_F(F4Cache, HoldsSixtyFourLines) {
  board.write(acr, icen);
  EXPECT_EQ(call(board), 1U);
  replace_code();
  std::vector<std::uint16_t> nops(1024, 0xBF00);
  nops.back() = 0xBE00;
  std::copy_n(reinterpret_cast<const std::uint8_t *>(nops.data()), 2048,
              board.flash.begin() + 0x40000);
  board.target.power_cycle();
  board.target.advance(5ms);
  board.halt();
  // A program of two kilobytes pushes everything else out.
  std::copy_n(reinterpret_cast<const std::uint8_t *>(&old_code), 4, board.flash.begin() + 0x20000);
  board.target.power_cycle();
  board.target.advance(5ms);
  board.halt();
  board.write(acr, icen);
  board.prepare(at);
  board.write(address::dhcsr, 0xA05F0005);  // one step: the line is held
  board.target.advance(10us);
  board.unlock();
  board.erase(x32 | ser | snb(5));
  board.program_word(at, new_code);
  board.prepare(address::flash + 0x40000);
  ASSERT_TRUE(board.run_to_halt());
  EXPECT_EQ(call(board), 0U);
}

TEST(F4Prefetch, HoldsTheLineAfterTheOneThatRuns) {
  // Stops in the first line; the second one is held by then.
  std::vector<std::uint16_t> code(16, 0xBF00);
  code[1] = 0xBE00;
  code[8] = 0x2001;  // movs r0, #1
  code[9] = 0xBE00;
  Board board("STM32F407VG", {}, {{0x20000, code}});
  board.halt();
  board.write(acr, prften);
  board.prepare(at);
  ASSERT_TRUE(board.run_to_halt());
  board.unlock();
  board.program_word(at + 16, 0xBE002000);
  const auto second = [&] {
    board.prepare(at + 16);
    board.set_reg(0, 99);
    EXPECT_TRUE(board.run_to_halt());
    return board.reg(0);
  };
  EXPECT_EQ(second(), 1U);
  board.write(acr, 0);
  EXPECT_EQ(second(), 0U);
}

}  // namespace
}  // namespace sim_test::f4::cache_rules
