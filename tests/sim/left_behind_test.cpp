// What firmware leaves behind in the peripherals, by the fault switches: there when a debugger
// comes, gone after a reset.
#include "left_behind.hpp"

#include <gmock/gmock.h>

#include <stdexcept>

namespace sim_test::left_behind_rules {
namespace {

using testing::AllOf;
using testing::Ge;
using testing::Le;

INSTANTIATE_TEST_SUITE_P(Series, LeftBehind, testing::Values("STM32F103RG", "STM32F407VG"),
                         [](const auto &part) { return part.param; });

TEST_P(LeftBehind, SysTickRunsWithItsInterrupt) {
  Bench board = running("systick=100");
  EXPECT_EQ(board.read(address::systick) & 7, 7U);
  const std::uint32_t cycles = f4() ? 1600 : 800;
  EXPECT_EQ(board.read(address::systick + 4), cycles - 1);
  board.halt();
  EXPECT_EQ(board.read(address::icsr) & 1U << 26, 0U);
  pulse_reset_pin(board);
  EXPECT_EQ(board.read(address::systick), 0U);
}

TEST_P(LeftBehind, SysTickInterruptsTheCoreAgainAndAgain) {
  Config chosen = config(GetParam(), {"systick=100"});
  chosen.firmware_runs = true;
  constexpr std::uint16_t vector[] = {0x0081, 0x0800};
  Bench board(chosen, {{0x3C, vector}, {0x40, snippet::count_up}, {0x80, snippet::systick_handler}},
              entry);
  board.write(address::sram + 0x800, 0);
  board.target.advance(10ms);
  EXPECT_THAT(board.read(address::sram + 0x800), AllOf(Ge(95U), Le(101U)));
}

TEST_P(LeftBehind, ALongSysTickCountsAnEighthOfTheClock) {
  Bench board = waiting("systick=5000000");
  EXPECT_EQ(board.read(address::systick) & 7, 3U);
}

TEST_P(LeftBehind, AnInterruptIsPendingAgainAsSoonAsItIsCleared) {
  Bench board = waiting("interrupt=37");
  constexpr std::uint32_t bit = 1U << 5;
  EXPECT_EQ(board.read(scs + 0x104), bit);
  EXPECT_EQ(board.read(scs + 0x204), bit);
  board.write(scs + 0x284, bit);
  EXPECT_EQ(board.read(scs + 0x204), bit);
  board.write(scs + 0x184, bit);
  EXPECT_EQ(board.read(scs + 0x104), 0U);
  board.system_reset();
  EXPECT_EQ(board.read(scs + 0x104) | board.read(scs + 0x204), 0U);
}

TEST_P(LeftBehind, AnInterruptIsTakenAgainAfterEachReturn) {
  Config chosen = config(GetParam(), {"interrupt=0"});
  chosen.firmware_runs = true;
  constexpr std::uint16_t vector[] = {0x0081, 0x0800};
  Bench board(chosen, {{0x40, vector}, {0x44, snippet::count_up}, {0x80, snippet::systick_handler}},
              address::flash + 0x44);
  board.write(address::sram + 0x800, 0);
  board.target.advance(1ms);
  EXPECT_GE(board.read(address::sram + 0x800), 100U);
}

TEST(LeftBehindBy, AnInterruptThatTheChipDoesNotHaveIsRefused) {
  EXPECT_THROW(Bench(config("STM32F103CB", {"interrupt=68"})), std::invalid_argument);
}

TEST_P(LeftBehind, TheWatchdogRunsFromTheShortestToTheLongestTime) {
  for (const auto &[ms, least, most] :
       {std::tuple{"0.1", 90us, 260us}, std::tuple{"20", 19'900us, 20'200us},
        std::tuple{"32800", 26'000'000us, 32'800'000us}}) {
    SCOPED_TRACE(ms);
    Bench board = waiting(std::string("iwdg=") + ms);
    (void)board.try_read(address::sram);
    board.target.advance(least);
    EXPECT_EQ(board.target.statistics().system_resets, 0U);
    board.target.advance(most - least);
    EXPECT_EQ(board.target.statistics().system_resets, 1U);
  }
}

TEST_P(LeftBehind, TheWindowWatchdogResetsAtItsTime) {
  Bench board = running("wwdg=20");
  (void)board.try_read(address::sram);
  board.target.advance(19ms);
  EXPECT_EQ(board.target.statistics().system_resets, 0U);
  board.target.advance(2ms);
  EXPECT_EQ(board.target.statistics().system_resets, 1U);
  board.target.advance(1s);
  EXPECT_EQ(board.target.statistics().system_resets, 1U);
}

TEST_P(LeftBehind, TheWindowWatchdogResetsWhenItIsFedBlindly) {
  Bench board = running("wwdg=20");
  board.target.advance(1ms);
  board.write(address::wwdg, 0xFF);
  board.target.advance(100us);
  EXPECT_EQ(board.target.statistics().system_resets, 1U);
}

TEST_P(LeftBehind, TheWindowWatchdogStandsStillWithoutItsClock) {
  Bench board = waiting("wwdg=20");
  board.write(f4() ? f4::rcc_apb1enr : address::rcc + 0x1C, 0);
  board.target.advance(1s);
  EXPECT_EQ(board.target.statistics().system_resets, 0U);
}

TEST_P(LeftBehind, TheRevisionIsWhateverAClonesIs) {
  Bench board = waiting("revision=beef");
  EXPECT_EQ(board.read(address::idcode) >> 16, 0xBEEFU);
  EXPECT_NE(board.read(address::idcode) & 0xFFF, 0U);
}

TEST_P(LeftBehind, DmaWritesWhereItIsTold) {
  Bench board = waiting("dma_writes=20000100");
  board.write(address::sram + 0x100, 0xFFFFFFFF);
  board.write(address::sram + 0x11C, 0xFFFFFFFF);
  board.write(address::sram + 0x120, 0xFFFFFFFF);
  board.target.advance(2ms);
  EXPECT_EQ(board.read(address::sram + 0x100) & 0xF000F000, 0U);
  EXPECT_EQ(board.read(address::sram + 0x11C) & 0xF000F000, 0U);
  EXPECT_EQ(board.read(address::sram + 0x120), 0xFFFFFFFFU);
  board.system_reset();
  board.write(address::sram + 0x100, 0xFFFFFFFF);
  board.target.advance(2ms);
  EXPECT_EQ(board.read(address::sram + 0x100), 0xFFFFFFFFU);
}

TEST(LeftBehindBy, AResetThatComesFirstNothingIsThere) {
  Bench board(config("STM32F103RG", {"mpu", "wwdg=20", "stale_errors", "left_halted=primask"}));
  board.target.set_nrst(0);
  board.target.advance(1ms);
  board.target.set_nrst(1);
  board.target.advance(1ms);
  EXPECT_EQ(board.read(scs + 0xD94), 0U);
  EXPECT_EQ(board.read(address::flash_sr), 0U);
  EXPECT_FALSE(board.halted());
  board.target.advance(1s);
  EXPECT_EQ(board.target.statistics().system_resets, 1U);
}

TEST(LeftBehindBy, AWatchdogIsFedUntilADebuggerComes) {
  Config chosen = config("STM32F103CB", {"iwdg=1"});
  chosen.firmware_runs = true;
  Bench board(chosen, {{0x40, snippet::forever}}, entry);
  board.target.advance(1s);
  EXPECT_EQ(board.target.statistics().system_resets, 0U);
}

TEST(LeftBehindBy, AnF1WithoutAnMpuOrCachesFaultsOfThoseAreRefused) {
  for (const char *fault : {"mpu", "caches_on", "dual_bank", "read_protected_for_ever"}) {
    EXPECT_THROW(Bench(config("STM32F103CB", {fault})), std::invalid_argument) << fault;
  }
}

TEST(LeftBehindBy, TheCachesOfAnF4HoldTheOldContentAfterAnErase) {
  f4::Board board("STM32F407VG", {"caches_on"}, {{0x40, snippet::three_adds}}, entry);
  EXPECT_EQ(board.read(f4::acr) & 0x700, f4::prften | f4::icen | f4::dcen);
  const std::uint32_t vector = board.read(address::flash + 4);
  board.unlock();
  board.erase(f4::x32 | f4::ser | f4::snb(0));
  EXPECT_EQ(board.read(address::flash + 4), vector);  // the data cache's
  EXPECT_EQ(board.flash[4], 0xFF);
  board.halt();
  board.prepare(entry);
  board.set_reg(0, 0);
  ASSERT_TRUE(board.run_to_halt());
  EXPECT_EQ(board.reg(0), 3U);  // the instruction cache's
  board.system_reset();
  EXPECT_EQ(board.read(f4::acr), 0U);
  EXPECT_EQ(board.read(address::flash + 4), 0xFFFFFFFFU);
}

}  // namespace
}  // namespace sim_test::left_behind_rules
