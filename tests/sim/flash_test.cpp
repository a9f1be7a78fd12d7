// The flash controller of the STM32F1, as a debugger sees it.
#include "bench.hpp"
#include "snippets.hpp"

#include <gmock/gmock.h>

namespace sim_test::flash_rules {
namespace {

using testing::AllOf;
using testing::Ge;
using testing::Le;

constexpr std::uint32_t page = address::flash + 0x4000;

TEST(Flash, ProgramsAHalfwordAndEndsWithEop) {
  Bench board;
  board.unlock();
  board.program(page, 0x1234);
  EXPECT_EQ(board.read(address::flash_sr), sr::eop);
  EXPECT_EQ(board.read16(page), 0x1234U);
  EXPECT_EQ(board.flash[0x4000], 0x34);
  EXPECT_EQ(board.target.statistics().programmed_units, 1U);
}

TEST(Flash, StaysLockedUntilTheNextResetAfterAWrongKey) {
  Bench board;
  EXPECT_EQ(board.try_write(address::flash_keyr, 0x11111111), Ack::fault);
  board.target.clear_sticky_error();
  EXPECT_EQ(board.try_write(address::flash_keyr, 0x45670123), Ack::fault);
  board.target.clear_sticky_error();
  EXPECT_NE(board.read(address::flash_cr) & cr::lock, 0U);
  board.system_reset();
  board.unlock();
  EXPECT_EQ(board.read(address::flash_cr) & cr::lock, 0U);
}

TEST(Flash, TakesAWrongSecondKeyForAWrongSequence) {
  Bench board;
  board.write(address::flash_keyr, 0x45670123);
  EXPECT_EQ(board.try_write(address::flash_keyr, 0x45670123), Ack::fault);
}

TEST(Flash, IgnoresItsControlRegisterWhileLocked) {
  Bench board;
  board.write(address::flash_cr, cr::pg);
  EXPECT_EQ(board.read(address::flash_cr), cr::lock);
  EXPECT_EQ(board.try_write(page, 0x1234, 2), Ack::fault);
}

TEST(Flash, LocksAgainWhenAsked) {
  Bench board;
  board.unlock();
  board.write(address::flash_cr, cr::lock);
  EXPECT_EQ(board.read(address::flash_cr), cr::lock);
}

TEST(Flash, RefusesToProgramWhatIsNotErased) {
  Bench board;
  board.unlock();
  board.program(page, 0x1234);
  board.clear_errors();
  board.program(page, 0x1200);
  EXPECT_EQ(board.read(address::flash_sr), sr::pgerr);
  EXPECT_EQ(board.read16(page), 0x1234U);
}

TEST(Flash, AlwaysProgramsZero) {
  Bench board;
  board.unlock();
  board.program(page, 0x1234);
  board.clear_errors();
  board.program(page, 0);
  EXPECT_EQ(board.read(address::flash_sr), sr::eop);
  EXPECT_EQ(board.read16(page), 0U);
}

TEST(Flash, TakesHalfwordsOnly) {
  Bench board;
  board.unlock();
  board.write(address::flash_cr, cr::pg);
  EXPECT_EQ(board.try_write(page, 0x12345678, 4), Ack::fault);
  board.target.clear_sticky_error();
  EXPECT_EQ(board.try_write(page, 0x12, 1), Ack::fault);
  board.target.clear_sticky_error();
  EXPECT_EQ(board.read(page), 0xFFFFFFFFU);
}

TEST(Flash, TakesTheTypicalTimes) {
  Bench board;
  board.unlock();
  board.write(address::flash_cr, cr::pg);
  board.write16(page, 0);
  EXPECT_THAT(board.busy_time(), AllOf(Ge(52us), Le(54us)));
  board.write(address::flash_cr, cr::per);
  board.write(address::flash_ar, page);
  board.write(address::flash_cr, cr::per | cr::strt);
  EXPECT_THAT(board.busy_time(), AllOf(Ge(19'999us), Le(20'002us)));
  board.write(address::flash_cr, cr::mer | cr::strt);
  EXPECT_THAT(board.busy_time(), AllOf(Ge(19'999us), Le(20'002us)));
  EXPECT_EQ(board.target.statistics().busy, 52'500ns + 40ms);
  EXPECT_EQ(board.target.statistics().page_erases, 1U);
  EXPECT_EQ(board.target.statistics().mass_erases, 1U);
}

TEST(Flash, ErasesOnePage) {
  Bench board;
  board.unlock();
  board.program(page - 2, 1);
  board.program(page, 2);
  board.program(page + 1022, 3);
  board.program(page + 1024, 4);
  board.clear_errors();
  board.erase_page(page + 100);
  EXPECT_EQ(board.read(address::flash_sr), sr::eop);
  EXPECT_EQ(board.read16(page - 2), 1U);
  EXPECT_EQ(board.read16(page), 0xFFFFU);
  EXPECT_EQ(board.read16(page + 1022), 0xFFFFU);
  EXPECT_EQ(board.read16(page + 1024), 4U);
}

TEST(Flash, ShowsBusyOneCycleAfterTheStart) {
  Bench board;
  board.halt();
  board.unlock();
  board.write(address::flash_cr, cr::per);
  board.write(address::flash_ar, page);
  board.set_reg(0, 0x40022000);
  board.set_reg(1, cr::per | cr::strt);
  ASSERT_TRUE(board.execute(snippet::strt_then_read));
  EXPECT_EQ(board.reg(2) & sr::bsy, 0U);
  EXPECT_EQ(board.reg(3) & sr::bsy, 1U);
}

TEST(Flash, LetsTheDebuggerWaitWhileBusy) {
  Bench board;
  board.unlock();
  board.write(address::flash_cr, cr::per);
  board.write(address::flash_ar, page);
  board.write(address::flash_cr, cr::per | cr::strt);
  EXPECT_EQ(board.try_read(address::flash), Ack::wait);
  board.target.advance(20ms);
  EXPECT_EQ(board.try_read(address::flash), Ack::ok);
}

TEST(Flash, StallsTheCoreThatReadsItWhileBusy) {
  Bench board;
  board.halt();
  board.unlock();
  board.program(page, 0x5A5A);
  board.write(address::flash_cr, cr::per);
  board.write(address::flash_ar, page);
  board.load(snippet::load_word);
  board.prepare(address::sram);
  board.set_reg(0, page);
  board.write(address::flash_cr, cr::per | cr::strt);
  const Nanoseconds start = board.target.now();
  ASSERT_TRUE(board.run_to_halt());
  EXPECT_GE(board.target.now() - start, 20ms);
  EXPECT_EQ(board.reg(2), 0xFFFFFFFFU);
}

TEST(Flash, StallsTheCoreThatRunsInItWhileBusy) {
  Bench board(config(), {{0x100, snippet::two_moves}});
  board.halt();
  board.unlock();
  board.write(address::flash_cr, cr::per);
  board.write(address::flash_ar, page);
  board.prepare(address::flash + 0x100);
  board.write(address::flash_cr, cr::per | cr::strt);
  const Nanoseconds start = board.target.now();
  ASSERT_TRUE(board.run_to_halt());
  EXPECT_GE(board.target.now() - start, 20ms);
  EXPECT_EQ(board.reg(1), 2U);
}

TEST(Flash, LosesAControlWriteWhileBusyAndNotesIt) {
  Bench board;
  board.unlock();
  board.write(address::flash_cr, cr::pg);
  board.write16(page, 0x1234);
  board.write(address::flash_cr, cr::per);
  EXPECT_EQ(board.read(address::flash_cr) & cr::per, 0U);
  EXPECT_EQ(board.target.statistics().notes.size(), 1U);
}

TEST(Flash, NeedsTheInternalOscillator) {
  Bench board(config("STM32F103CB", {"hsi_off"}));
  board.unlock();
  board.write(address::flash_cr, cr::pg);
  board.write16(page, 0x1234);
  board.target.advance(10ms);
  EXPECT_EQ(board.read(address::flash_sr), sr::bsy);
  board.write(address::rcc, board.read(address::rcc) | 1U);
  board.target.advance(1ms);
  EXPECT_EQ(board.read(address::flash_sr), sr::eop);
}

TEST(Flash, KeepsErrorsUntilTheyAreCleared) {
  Bench board;
  board.unlock();
  board.program(page, 0x1234);
  board.program(page, 0x1111);
  board.program(page + 2, 0x4321);
  EXPECT_EQ(board.read(address::flash_sr), sr::pgerr | sr::eop);
  board.write(address::flash_sr, sr::pgerr);
  EXPECT_EQ(board.read(address::flash_sr), sr::eop);
}

TEST(Flash, ForgetsLockControlAndStatusAtReset) {
  Bench board(config("STM32F103CB", {"stale_control_bits", "stale_errors"}));
  EXPECT_EQ(board.read(address::flash_cr), cr::pg | cr::per | cr::mer);
  EXPECT_EQ(board.read(address::flash_sr), sr::pgerr | sr::wrprterr | sr::eop);
  board.system_reset();
  EXPECT_EQ(board.read(address::flash_cr), cr::lock);
  EXPECT_EQ(board.read(address::flash_sr), 0U);
}

TEST(Flash, LeavesUndefinedContentWhenResetDuringAnErase) {
  Bench board;
  board.unlock();
  for (std::uint32_t i = 0; i < 32; i += 2) board.program(page + i, 0);
  board.write(address::flash_cr, cr::per);
  board.write(address::flash_ar, page);
  board.write(address::flash_cr, cr::per | cr::strt);
  board.target.advance(10ms);
  board.system_reset();
  unsigned neither = 0;
  for (std::uint32_t i = 0; i < 32; ++i) {
    const std::uint8_t byte = board.flash[0x4000 + i];
    if (byte != 0 && byte != 0xFF) ++neither;
  }
  EXPECT_GT(neither, 10U);
  EXPECT_EQ(board.flash[0x4000 + 1024], 0xFF);
}

TEST(Flash, LeavesUndefinedContentWhenPowerFailsDuringAProgram) {
  unsigned whole = 0;
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    Config seeded = config();
    seeded.seed = seed;
    Bench board(seeded);
    board.unlock();
    board.write(address::flash_cr, cr::pg);
    board.write16(page, 0);
    board.target.power_cycle();
    board.target.advance(5ms);
    const std::uint32_t value = board.read16(page);
    if (value == 0 || value == 0xFFFF) ++whole;
  }
  EXPECT_LT(whole, 4U);
}

TEST(Flash, HasABankOfItsOwnAboveHalfAMegabyte) {
  Bench board(config("STM32F103RG"));
  constexpr std::uint32_t bank2 = address::flash + 0x80000;
  board.unlock();
  EXPECT_EQ(board.read(address::flash_cr + 0x40), cr::lock);
  board.write(address::flash_cr, cr::pg);
  EXPECT_EQ(board.try_write(bank2, 0x1234, 2), Ack::fault);
  board.target.clear_sticky_error();
  board.write(address::flash_keyr + 0x40, 0x45670123);
  board.write(address::flash_keyr + 0x40, 0xCDEF89AB);
  board.write(address::flash_cr + 0x40, cr::pg);
  board.write16(bank2, 0x1234);
  EXPECT_EQ(board.read(address::flash_sr + 0x40), sr::bsy);
  EXPECT_EQ(board.read(address::flash_sr), 0U);
  board.target.advance(60us);
  EXPECT_EQ(board.read16(bank2), 0x1234U);
}

TEST(Flash, ReadsOneBankWhileTheOtherIsBusy) {
  Bench board(config("STM32F103RG"));
  board.unlock();
  board.write(address::flash_cr, cr::mer | cr::strt);
  EXPECT_EQ(board.try_read(address::flash), Ack::wait);
  EXPECT_EQ(board.try_read(address::flash + 0x80000), Ack::ok);
}

TEST(Flash, ProgramsFromCodeInSram) {
  Bench board;
  board.halt();
  board.unlock();
  board.write(address::flash_cr, cr::pg);
  for (std::uint32_t i = 0; i < 64; ++i) board.write(address::sram + 0x400 + 4 * i, 0x01010101 * i);
  board.set_reg(0, address::sram + 0x400);
  board.set_reg(1, page);
  board.set_reg(2, 128);
  board.set_reg(3, 0x40022000);
  ASSERT_TRUE(board.execute(snippet::program_halfwords));
  EXPECT_EQ(board.reg(core::pc), address::sram + 24);
  EXPECT_EQ(board.reg(1), page + 256);
  for (std::uint32_t i = 0; i < 64; ++i) EXPECT_EQ(board.read(page + 4 * i), 0x01010101 * i);
}

TEST(Flash, FaultsAWordStoreOfTheCore) {
  Bench board;
  board.halt();
  board.unlock();
  board.write(address::flash_cr, cr::pg);
  board.write(address::demcr, 0x01000400);
  board.set_reg(0, page);
  ASSERT_TRUE(board.execute(snippet::write_flash_word));
  EXPECT_EQ(board.read(address::bfar), page);
  EXPECT_EQ(board.read(address::cfsr), 0x8200U);
  EXPECT_EQ(board.read(page), 0xFFFFFFFFU);
}

TEST(Flash, KeepsTheWritebackOfAProgrammingStore) {
  Bench board;
  board.halt();
  board.unlock();
  board.write(address::flash_cr, cr::pg);
  board.set_reg(0, page);
  board.set_reg(1, 0xBEEF);
  ASSERT_TRUE(board.execute(snippet::post_store));
  EXPECT_EQ(board.reg(0), page + 2);
  EXPECT_EQ(board.reg(2), 0xBEEFU);
}

TEST(PowerLoss, StopsTheChipInTheMiddleOfTheOperation) {
  Bench board;
  board.halt();
  board.unlock();
  board.target.lose_power_at(2);
  board.program(address::flash, 0x1234);
  board.write(address::flash_cr, cr::pg);
  board.write16(address::flash + 2, 0);
  EXPECT_TRUE(board.target.powered());
  board.target.advance(1ms);
  EXPECT_FALSE(board.target.powered());
  EXPECT_EQ(board.target.connect(), Ack::no_response);
  EXPECT_EQ(board.try_read(address::flash_sr), Ack::no_response);
  EXPECT_EQ(board.target.statistics().programmed_units, 1U);
  board.target.power_cycle();
  board.target.advance(10ms);
  EXPECT_EQ(board.read16(address::flash), 0x1234U);
  EXPECT_NE(board.read16(address::flash + 2), 0U);
  EXPECT_NE(board.read16(address::flash + 2), 0xFFFFU);
}

}  // namespace
}  // namespace sim_test::flash_rules
