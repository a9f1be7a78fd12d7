// Firmware that resets its chip again and again, and a supply that fails in the middle of a flash
// operation.
#include "bench.hpp"
#include "f4_bench.hpp"
#include "snippets.hpp"

#include <gmock/gmock.h>

#include <stdexcept>

namespace sim_test::power_rules {
namespace {

using testing::AllOf;
using testing::Ge;
using testing::Le;

constexpr std::uint32_t entry = address::flash + 0x40;
constexpr std::uint32_t vc_corereset = 1;

Bench looping() {
  Config chosen = config("STM32F103CB", {"reset_loop=1000"});
  chosen.firmware_runs = true;
  return Bench(chosen, {{0x40, snippet::forever}}, entry);
}

std::uint64_t resets(const Bench &board) {
  return board.target.statistics().system_resets;
}

TEST(ResetLoop, GoesRoundAsLongAsTheFirmwareRuns) {
  Bench board = looping();
  const auto before = resets(board);
  board.target.advance(100ms);
  EXPECT_THAT(resets(board) - before, AllOf(Ge(95U), Le(100U)));
}

TEST(ResetLoop, StandsStillWhileTheCoreIsHalted) {
  Bench board = looping();
  board.halt();
  const auto before = resets(board);
  board.target.advance(100ms);
  EXPECT_EQ(resets(board), before);
  board.resume();
  board.target.advance(10ms);
  EXPECT_GT(resets(board), before + 5);
}

TEST(ResetLoop, EndsWhenTheCoreIsCaughtAtItsResetVector) {
  Bench board = looping();
  board.write(address::dhcsr, 0xA05F0001);
  board.write(address::demcr, vc_corereset);
  board.target.advance(5ms);
  ASSERT_TRUE(board.halted());
  const auto before = resets(board);
  board.resume();
  board.target.advance(100ms);
  EXPECT_EQ(resets(board), before);
}

TEST(ResetLoop, DoesNotResetWhatADebuggerRunsInSram) {
  Bench board = looping();
  board.halt();
  const auto before = resets(board);
  board.load(snippet::forever);
  board.prepare(address::sram);
  board.resume();
  board.target.advance(100ms);
  EXPECT_EQ(resets(board), before);
}

TEST(ResetLoop, EndsWithTheFirmware) {
  Bench board = looping();
  board.halt();
  board.unlock();
  board.erase_page(address::flash);
  board.program(address::flash + 0, 0x1000);
  board.program(address::flash + 2, 0x2000);
  board.program(address::flash + 4, 0x0081);
  board.program(address::flash + 6, 0x0800);
  board.program(address::flash + 0x80, snippet::forever[0]);
  board.system_reset();
  const auto before = resets(board);
  board.target.advance(100ms);
  EXPECT_EQ(resets(board), before);
  EXPECT_EQ(board.read(address::dhcsr) & core::s_lockup, 0U);
}

TEST(PowerLoss, ComesInTheMiddleOfTheOperationOfThatNumber) {
  Bench board(config("STM32F103CB", {"power_loss_at=3"}));
  board.unlock();
  board.program(address::flash + 0x400, 0x1234);
  board.program(address::flash + 0x402, 0x5678);
  EXPECT_EQ(board.read(address::flash + 0x400), 0x56781234U);
  board.write(address::flash_cr, cr::per);
  board.write(address::flash_ar, address::flash + 0x400);
  board.write(address::flash_cr, cr::per | cr::strt);
  board.target.advance(9'900us);
  EXPECT_EQ(board.try_read(address::dhcsr), Ack::ok);
  board.target.advance(200us);
  EXPECT_EQ(board.try_read(address::dhcsr), Ack::no_response);
  EXPECT_FALSE(board.target.powered());
  EXPECT_EQ(board.target.millivolts(), 0);
  EXPECT_EQ(board.target.statistics().page_erases, 0U);
  // Cells in between: no bit has gone to zero.
  EXPECT_EQ(board.flash[0x400] & 0x34, 0x34);
  EXPECT_EQ(board.flash[0x401] & 0x12, 0x12);
}

TEST(PowerLoss, LastsWhateverTheProbeDoes) {
  Bench board(config("STM32F103CB", {"power_loss_at=1", "hardware_iwdg"}));
  board.unlock();
  board.write(address::flash_cr, cr::pg);
  board.write16(address::flash, 0);
  board.target.advance(1ms);
  board.target.set_nrst(0);
  EXPECT_EQ(board.target.connect(), Ack::no_response);
  board.target.set_nrst(1);
  board.target.advance(100s);
  EXPECT_EQ(board.target.connect(), Ack::no_response);
  EXPECT_EQ(board.target.statistics().system_resets, 0U);
}

TEST(PowerLoss, EndsAfterItsTimeAndTheChipStartsFromItsFlash) {
  Config chosen = config("STM32F103CB", {"power_loss_at=1:50", "stale_errors"});
  chosen.firmware_runs = true;
  Bench board(chosen, {{0x40, snippet::count_up}}, entry);
  EXPECT_NE(board.read(address::flash_sr), 0U);
  board.halt();
  board.write(address::sram + 0x100, 0x12345678);
  board.unlock();
  board.write(address::flash_cr, cr::per);
  board.write(address::flash_ar, address::flash + 0x800);
  board.write(address::flash_cr, cr::per | cr::strt);
  board.target.advance(59ms);
  EXPECT_EQ(board.target.connect(), Ack::no_response);
  board.target.advance(5ms);
  EXPECT_EQ(board.target.connect(), Ack::ok);
  EXPECT_FALSE(board.halted());
  EXPECT_EQ(board.read(address::flash_sr), 0U);
  EXPECT_EQ(board.read(address::flash_cr), cr::lock);
  EXPECT_NE(board.read(address::sram + 0x100), 0x12345678U);
  EXPECT_EQ(board.read(address::rcc + 0x24) & 1U << 27, 1U << 27);  // PORRSTF
  EXPECT_EQ(board.target.millivolts(), 3300);
  board.halt();
  EXPECT_GT(board.reg(0), 100U);
}

TEST(PowerLoss, HappensOnce) {
  Bench board(config("STM32F103CB", {"power_loss_at=1:1"}));
  board.unlock();
  board.write(address::flash_cr, cr::pg);
  board.write16(address::flash, 0);
  board.target.advance(10ms);
  board.unlock();
  board.program(address::flash + 0x400, 0x1234);
  board.program(address::flash + 0x402, 0x1234);
  EXPECT_EQ(board.read(address::flash + 0x400), 0x12341234U);
}

TEST(PowerLoss, CutsShortWhatAnF4Does) {
  f4::Board board("STM32F407VG", {"power_loss_at=2"});
  board.unlock();
  board.program_word(address::flash, 0x12345678);
  board.write(f4::cr, f4::x32 | f4::ser | f4::snb(0));
  board.write(f4::cr, f4::x32 | f4::ser | f4::snb(0) | f4::strt);
  board.target.advance(1s);
  EXPECT_EQ(board.try_read(address::dhcsr), Ack::no_response);
  EXPECT_EQ(board.target.statistics().page_erases, 0U);
  EXPECT_EQ(board.flash[0] & 0x78, 0x78);
}

TEST(PowerLoss, IsCountedFromOne) {
  for (const char *fault :
       {"power_loss_at=0", "power_loss_at=x", "power_loss_at=1:", "power_loss_at=1:0"}) {
    EXPECT_THROW(Bench(config("STM32F103CB", {fault})), std::invalid_argument) << fault;
  }
}

}  // namespace
}  // namespace sim_test::power_rules
