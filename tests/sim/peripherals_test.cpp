// Watchdogs, resets and their causes, CRC, DMA, GPIO, clocks.
#include "bench.hpp"
#include "snippets.hpp"

#include <gmock/gmock.h>

namespace sim_test::peripherals_rules {
namespace {

using testing::AllOf;
using testing::Each;
using testing::Field;
using testing::Ge;
using testing::Le;
using testing::SizeIs;

constexpr std::uint32_t csr = address::rcc + 0x24;
constexpr std::uint32_t ahbenr = address::rcc + 0x14;
constexpr std::uint32_t apb1enr = address::rcc + 0x1C;

void start_iwdg(Bench &board, std::uint32_t reload) {  // in steps of 0.1 ms
  board.write(address::iwdg, 0x5555);
  board.write(address::iwdg + 8, reload - 1);
  board.write(address::iwdg, 0xCCCC);
}

TEST(Watchdog, ResetsWhenItIsNotFed) {
  Bench board;
  start_iwdg(board, 100);
  board.target.advance(9'900us);
  EXPECT_EQ(board.target.statistics().system_resets, 0U);
  board.target.advance(200us);
  EXPECT_EQ(board.target.statistics().system_resets, 1U);
  EXPECT_NE(board.read(csr) & 1U << 29, 0U);
  board.target.advance(1s);
  EXPECT_EQ(board.target.statistics().system_resets, 1U);  // the reset stopped it
}

TEST(Watchdog, StaysQuietWhileItIsFed) {
  Bench board;
  board.halt();
  start_iwdg(board, 100);
  board.set_reg(0, address::iwdg);
  board.load(snippet::feed);
  board.prepare(address::sram);
  board.resume();
  board.target.advance(50ms);
  EXPECT_EQ(board.target.statistics().system_resets, 0U);
}

TEST(Watchdog, IsFrozenWhileHaltedWithItsDebugBit) {
  Bench board;
  board.halt();
  board.write(address::dbgmcu, 1U << 8);
  start_iwdg(board, 100);
  board.target.advance(1s);
  EXPECT_EQ(board.target.statistics().system_resets, 0U);
}

TEST(Watchdog, IsNotFrozenWhileHaltedWithoutItsDebugBit) {
  Bench board;
  board.halt();
  start_iwdg(board, 100);
  board.target.advance(50ms);
  EXPECT_EQ(board.target.statistics().system_resets, 1U);
}

TEST(Watchdog, IsNotFrozenWhileTheCoreRuns) {
  Bench board;
  board.halt();
  board.write(address::dbgmcu, 1U << 8);
  start_iwdg(board, 100);
  board.load(snippet::forever);
  board.prepare(address::sram);
  board.resume();
  board.target.advance(50ms);
  EXPECT_EQ(board.target.statistics().system_resets, 1U);
}

TEST(Watchdog, GoesOnWhereItStoodWhenFrozen) {
  Bench board;
  board.halt();
  board.write(address::dbgmcu, 1U << 8);
  board.load(snippet::forever);
  board.prepare(address::sram);
  start_iwdg(board, 100);
  board.resume();
  board.target.advance(6ms);
  board.halt();
  board.target.advance(1s);
  board.resume();
  board.target.advance(3ms);
  EXPECT_EQ(board.target.statistics().system_resets, 0U);
  board.target.advance(2ms);
  EXPECT_EQ(board.target.statistics().system_resets, 1U);
}

TEST(Watchdog, RunsFromResetWhenTheOptionByteSaysSo) {
  Bench board(config("STM32F103CB", {"hardware_iwdg"}));
  EXPECT_EQ(board.read(address::flash_obr) & 4U, 0U);
  board.target.advance(450ms);
  EXPECT_GE(board.target.statistics().system_resets, 1U);
  const auto resets = board.target.statistics().system_resets;
  board.target.advance(450ms);
  EXPECT_GT(board.target.statistics().system_resets, resets);
}

TEST(WindowWatchdog, ResetsAtTheEndOfItsPeriod) {
  Bench board;
  board.write(apb1enr, 1U << 11);
  board.write(address::wwdg, 0xFF);  // 64 * 4096 / 8 MHz = 32.8 ms
  board.target.advance(32ms);
  EXPECT_EQ(board.target.statistics().system_resets, 0U);
  board.target.advance(1ms);
  EXPECT_EQ(board.target.statistics().system_resets, 1U);
  EXPECT_NE(board.read(csr) & 1U << 30, 0U);
}

TEST(WindowWatchdog, ResetsWhenFedTooEarly) {
  Bench board;
  board.write(apb1enr, 1U << 11);
  board.write(address::wwdg + 4, 0x50);
  board.write(address::wwdg, 0xFF);
  board.target.advance(1ms);
  board.write(address::wwdg, 0xFF);
  board.target.advance(1ms);
  EXPECT_EQ(board.target.statistics().system_resets, 1U);
}

TEST(Reset, LeavesItsCauseUntilCleared) {
  Bench board;
  EXPECT_EQ(board.read(csr), 1U << 27 | 1U << 26);
  board.write(csr, 1U << 24);
  EXPECT_EQ(board.read(csr), 0U);
  board.system_reset();
  EXPECT_EQ(board.read(csr), 1U << 28 | 1U << 26);
  board.write(csr, 1U << 24);
  board.target.set_nrst(0);
  board.target.advance(1ms);
  board.target.set_nrst(1);
  board.target.advance(1ms);
  EXPECT_EQ(board.read(csr), 1U << 26);
}

TEST(Reset, DoesNotTouchTheDebugControlRegister) {
  Bench board;
  board.write(address::dbgmcu, 0x307);
  board.system_reset();
  EXPECT_EQ(board.read(address::dbgmcu), 0x307U);
  board.target.power_cycle();
  board.target.advance(5ms);
  EXPECT_EQ(board.read(address::dbgmcu), 0U);
}

TEST(Reset, KeepsSramButNotPowerOn) {
  Bench board;
  board.write(address::sram + 0x100, 0x12345678);
  board.system_reset();
  EXPECT_EQ(board.read(address::sram + 0x100), 0x12345678U);
  board.target.power_cycle();
  board.target.advance(5ms);
  EXPECT_NE(board.read(address::sram + 0x100), 0x12345678U);
}

TEST(Reset, LeavesRegistersOutOfReachForAMoment) {
  Bench board;
  board.write(address::aircr, 0x05FA0004);
  EXPECT_EQ(board.try_read(address::sram), Ack::wait);
  EXPECT_EQ(board.try_read(address::dhcsr), Ack::ok);
  board.target.advance(30us);
  EXPECT_EQ(board.try_read(address::sram), Ack::ok);
}

TEST(Crc, ComputesTheUnitsPolynomial) {
  Bench board;
  board.write(ahbenr, board.read(ahbenr) | 1U << 6);
  board.write(address::crc + 8, 1);
  board.write(address::crc, 0x12345678);
  EXPECT_EQ(board.read(address::crc), 0xDF8A8A2BU);
  board.write(address::crc + 8, 1);
  EXPECT_EQ(board.read(address::crc), 0xFFFFFFFFU);
}

TEST(Crc, DoesNothingWithoutItsClock) {
  Bench board;
  board.write(address::crc, 0x12345678);
  EXPECT_EQ(board.read(address::crc), 0U);
  board.write(ahbenr, board.read(ahbenr) | 1U << 6);
  EXPECT_EQ(board.read(address::crc), 0xFFFFFFFFU);
}

TEST(Crc, IsFedByTheCore) {
  Bench board;
  board.halt();
  board.write(ahbenr, board.read(ahbenr) | 1U << 6);
  board.write(address::sram + 0x400, 0x12345678);
  board.write(address::crc + 8, 1);
  board.set_reg(0, address::sram + 0x400);
  board.set_reg(1, 1);
  board.set_reg(2, address::crc);
  ASSERT_TRUE(board.execute(snippet::crc_words));
  EXPECT_EQ(board.reg(3), 0xDF8A8A2BU);
}

TEST(Dma, WritesIntoSramUntilItsClockIsOff) {
  Bench board(config("STM32F103CB", {"dma_writes"}));
  const auto sum = [&] {
    std::uint32_t total = 0;
    for (std::uint32_t i = 0; i < 0x5000; i += 4)
      total = total * 31 + board.read(address::sram + i);
    return total;
  };
  const std::uint32_t before = sum();
  board.target.advance(10ms);
  const std::uint32_t later = sum();
  EXPECT_NE(before, later);
  board.write(ahbenr, board.read(ahbenr) & ~1U);
  board.target.advance(100us);
  const std::uint32_t off = sum();
  board.target.advance(10ms);
  EXPECT_EQ(sum(), off);
}

TEST(Dma, IsStoppedByAReset) {
  Bench board(config("STM32F103CB", {"dma_writes"}));
  EXPECT_NE(board.read(address::dma1 + 8), 0U);
  board.system_reset();
  board.write(ahbenr, board.read(ahbenr) | 1U);
  EXPECT_EQ(board.read(address::dma1 + 8), 0U);
}

TEST(Gpio, RecordsTheEdgesOfABlinkingPin) {
  Config runs = config();
  runs.firmware_runs = true;
  constexpr std::uint16_t systick_vector[] = {0x0081, 0x0800};
  Bench board(runs, {{0x3C, systick_vector}, {0x40, snippet::blink}, {0x80, snippet::toggle}},
              address::flash + 0x40);
  board.target.clear_pin_edges();
  board.target.advance(10ms);
  const auto &edges = board.target.pin_edges();
  ASSERT_THAT(edges, SizeIs(10));
  EXPECT_THAT(edges, Each(Field(&flashhost::machine::PinEdge::pin, "PC13")));
  for (std::size_t i = 1; i < edges.size(); ++i) {
    EXPECT_THAT(edges[i].time - edges[i - 1].time, AllOf(Ge(999us), Le(1001us)));
    EXPECT_NE(edges[i].level, edges[i - 1].level);
  }
}

TEST(Gpio, NeedsItsClock) {
  Bench board;
  board.write(0x40011004, 0x44244444);
  EXPECT_EQ(board.read(0x40011004), 0U);
  board.write(address::rcc + 0x18, 1U << 4);
  board.write(0x40011004, 0x44244444);
  EXPECT_EQ(board.read(0x40011004), 0x44244444U);
  board.write(0x40011010, 1U << 13);
  board.write(0x40011014, 1U << 13);
  EXPECT_THAT(board.target.pin_edges(), SizeIs(2));
}

TEST(Swd, GoesSilentWhenFirmwareTakesItsPins) {
  Bench board;
  board.write(address::rcc + 0x18, 1);
  board.write(0x40010004, 4U << 24);
  EXPECT_EQ(board.try_read(address::sram), Ack::no_response);
  EXPECT_EQ(board.target.connect(), Ack::no_response);
  board.target.set_nrst(0);
  EXPECT_EQ(board.target.connect(), Ack::ok);
}

}  // namespace
}  // namespace sim_test::peripherals_rules
