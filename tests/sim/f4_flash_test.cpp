// The flash controller of the STM32F4, as a debugger sees it.
#include "f4_bench.hpp"
#include "snippets.hpp"

#include <gmock/gmock.h>

#include <algorithm>

namespace sim_test::f4::flash_rules {
namespace {

using testing::AllOf;
using testing::Ge;
using testing::IsEmpty;
using testing::Le;

constexpr std::uint32_t place = address::flash + 0x20000;  // sector 5
constexpr std::uint32_t bank2 = address::flash + 0x100000;

bool all_erased(const std::vector<std::uint8_t> &flash, std::size_t from, std::size_t size) {
  return std::all_of(flash.begin() + static_cast<std::ptrdiff_t>(from),
                     flash.begin() + static_cast<std::ptrdiff_t>(from + size),
                     [](std::uint8_t byte) { return byte == 0xFF; });
}

TEST(F4Flash, ProgramsAWordAndSaysNothingUnlessAsked) {
  Board board;
  board.unlock();
  board.program_word(place, 0x12345678);
  EXPECT_EQ(board.read(sr), 0U);
  EXPECT_EQ(board.read(place), 0x12345678U);
  EXPECT_EQ(board.flash[0x20000], 0x78);
  EXPECT_EQ(board.target.statistics().programmed_units, 1U);
  EXPECT_THAT(board.target.statistics().notes, IsEmpty());
}

TEST(F4Flash, EndsWithEopWhereItsInterruptIsEnabled) {
  Board board;
  board.unlock();
  board.write(cr, x32 | pg | eopie);
  board.write(place, 0);
  board.wait();
  EXPECT_EQ(board.read(sr), eop);
  board.write(sr, eop);
  EXPECT_EQ(board.read(sr), 0U);
}

TEST(F4Flash, StaysLockedUntilTheNextResetAfterAWrongKey) {
  Board board;
  EXPECT_EQ(board.try_write(keyr, 0x11111111), Ack::fault);
  board.target.clear_sticky_error();
  board.unlock();  // ignored
  EXPECT_EQ(board.read(cr), lock);
  board.system_reset();
  board.unlock();
  EXPECT_EQ(board.read(cr), 0U);
}

TEST(F4Flash, TakesAWrongSecondKeyForAWrongSequence) {
  Board board;
  board.write(keyr, 0x45670123);
  EXPECT_EQ(board.try_write(keyr, 0x45670123), Ack::fault);
}

TEST(F4Flash, IgnoresItsControlRegisterWhileLocked) {
  Board board;
  board.write(cr, x32 | pg);
  EXPECT_EQ(board.read(cr), lock);
  board.write(place, 0);
  EXPECT_EQ(board.read(sr), pgserr);
  EXPECT_EQ(board.read(place), 0xFFFFFFFFU);
}

TEST(F4Flash, LocksAgainWhenAsked) {
  Board board;
  board.unlock();
  board.write(cr, lock);
  EXPECT_EQ(board.read(cr), lock);
}

TEST(F4Flash, AStoreWithoutPgIsASequenceError) {
  Board board;
  board.unlock();
  board.write(place, 0);
  EXPECT_EQ(board.read(sr), pgserr);
  EXPECT_EQ(board.read(place), 0xFFFFFFFFU);
  board.write(sr, pgserr);
  board.write(cr, x32 | pg | ser);
  board.write(place, 0);
  board.wait();
  EXPECT_EQ(board.read(sr), 0U) << "what is left of an erase does no harm";
  EXPECT_EQ(board.read(place), 0U);
}

TEST(F4Flash, AnAccessOfAnotherWidthThanPsizeIsAParallelismError) {
  struct Row {
    std::uint32_t psize;
    unsigned width;
  };
  for (const Row &row : {Row{x8, 2}, Row{x8, 4}, Row{x16, 1}, Row{x16, 4}, Row{x32, 1}, Row{x32, 2},
                         Row{3U << 8, 4}}) {
    Board board;
    board.unlock();
    board.write(cr, row.psize | pg);
    EXPECT_EQ(board.try_write(place, 0, row.width), Ack::ok);
    EXPECT_EQ(board.read(sr), pgperr) << row.psize << ' ' << row.width;
    EXPECT_EQ(board.read(place), 0xFFFFFFFFU);
  }
}

TEST(F4Flash, ProgramsInEveryWidth) {
  Board board;
  board.unlock();
  board.write(cr, x8 | pg);
  EXPECT_EQ(board.try_write(place + 1, 0x12, 1), Ack::ok);
  board.wait();
  board.write(cr, x16 | pg);
  board.write16(place + 2, 0x3456);
  board.wait();
  EXPECT_EQ(board.read(place), 0x345612FFU);
}

TEST(F4Flash, AnAccessAcrossARowIsAnAlignmentError) {
  Board board;
  board.halt();
  board.unlock();
  board.write(cr, x32 | pg);
  board.set_reg(0, place + 14);
  board.set_reg(1, 0);
  ASSERT_TRUE(board.execute(snippet::write_flash_word));
  EXPECT_EQ(board.read(sr), pgaerr);
  EXPECT_TRUE(all_erased(board.flash, 0x20000, 32));
}

TEST(F4Flash, AnErrorBlocksWhatComesNextUntilItIsCleared) {
  Board board;
  board.unlock();
  board.write(place, 0);
  board.program_word(place, 0);
  EXPECT_EQ(board.read(place), 0xFFFFFFFFU);
  EXPECT_LT(board.erase(x32 | ser | snb(5)), 2ms);
  EXPECT_EQ(board.read(sr), pgserr);
  EXPECT_EQ(board.target.statistics().page_erases, 0U);
  board.write(sr, pgserr);
  board.program_word(place, 0);
  EXPECT_EQ(board.read(place), 0U);
}

TEST(F4Flash, TellsOfAnErrorByOperrWhereItsInterruptIsEnabled) {
  Board board;
  board.unlock();
  board.write(cr, errie);
  board.write(place, 0);
  EXPECT_EQ(board.read(sr), pgserr | operr);
}

TEST(F4Flash, OnlyClearsBits) {
  Board board;
  board.unlock();
  board.program_word(place, 0xFFFF00F0);
  board.program_word(place, 0x0F0FFFFF);
  EXPECT_EQ(board.read(place), 0x0F0F00F0U);
  EXPECT_EQ(board.read(sr), 0U);
}

TEST(F4Flash, TakesTheTypicalTimesOfItsPsize) {
  struct Row {
    std::uint32_t psize;
    std::int64_t small, middle, large;
  };
  for (const Row &row :
       {Row{x8, 400, 1200, 2000}, Row{x16, 300, 700, 1300}, Row{x32, 250, 550, 1000}}) {
    Board board;
    board.unlock();
    const auto near = [](std::int64_t time) {
      return AllOf(Ge(std::chrono::milliseconds(time)), Le(std::chrono::milliseconds(time + 2)));
    };
    EXPECT_THAT(board.erase(row.psize | ser | snb(0)), near(row.small));
    EXPECT_THAT(board.erase(row.psize | ser | snb(4)), near(row.middle));
    EXPECT_THAT(board.erase(row.psize | ser | snb(11)), near(row.large));
  }
  Board board;
  board.unlock();
  EXPECT_THAT(board.erase(x32 | mer), AllOf(Ge(8s), Le(8s + 2ms)));
  EXPECT_EQ(board.target.statistics().mass_erases, 1U);
  board.write(cr, x32 | pg);
  board.write(place, 0);
  EXPECT_THAT(board.wait(), AllOf(Ge(16us), Le(18us)));
}

TEST(F4Flash, TakesTheMaximumTimesWhenAFaultSaysSo) {
  Board board("STM32F407VG", {"flash_time=maximum"});
  board.unlock();
  EXPECT_THAT(board.erase(x32 | ser | snb(11)), AllOf(Ge(2s), Le(2s + 2ms)));
  board.write(cr, x32 | pg);
  board.write(place, 0);
  EXPECT_THAT(board.wait(), AllOf(Ge(100us), Le(102us)));
}

TEST(F4Flash, ErasesOneSector) {
  Board board;
  std::ranges::fill(board.flash, std::uint8_t{0});
  board.unlock();
  board.erase(x32 | ser | snb(4));
  EXPECT_EQ(board.read(sr), 0U);
  EXPECT_EQ(board.flash[0xFFFF], 0);
  EXPECT_TRUE(all_erased(board.flash, 0x10000, 0x10000));
  EXPECT_EQ(board.flash[0x20000], 0);
}

TEST(F4Flash, HasSectorsWithPlainNumbersInOneBank) {
  Board board("STM32F413ZH");
  std::ranges::fill(board.flash, std::uint8_t{0});
  board.unlock();
  board.erase(x32 | ser | snb(15));
  EXPECT_EQ(board.flash[0x15FFFF], 0);
  EXPECT_TRUE(all_erased(board.flash, 0x160000, 0x20000));
}

TEST(F4Flash, NumbersTheSectorsOfTheSecondBankFrom16) {
  Board board("STM32F429ZI");
  std::ranges::fill(board.flash, std::uint8_t{0});
  board.unlock();
  board.erase(x32 | ser | snb(0x10));
  EXPECT_TRUE(all_erased(board.flash, 0x100000, 0x4000));
  EXPECT_EQ(board.flash[0x104000], 0);
  board.erase(x32 | ser | snb(0x1B));
  EXPECT_TRUE(all_erased(board.flash, 0x1E0000, 0x20000));
  EXPECT_EQ(board.flash[0x1DFFFF], 0);
  EXPECT_EQ(board.flash[0xFFFFF], 0);
}

TEST(F4Flash, ANumberWithoutASectorIsRefused) {
  for (const std::uint32_t number : {12U, 15U, 28U}) {
    Board board("STM32F429ZI");
    board.unlock();
    board.erase(x32 | ser | snb(number));
    EXPECT_EQ(board.read(sr), wrperr) << number;
    EXPECT_EQ(board.notes(), 1U);
  }
}

TEST(F4Flash, AMegabyteInTwoBanksHasOtherSectors) {
  Board board("STM32F429ZG", {"dual_bank"});
  std::ranges::fill(board.flash, std::uint8_t{0});
  board.unlock();
  board.erase(x32 | ser | snb(0x10));
  EXPECT_TRUE(all_erased(board.flash, 0x80000, 0x4000));
  EXPECT_EQ(board.flash[0x84000], 0);
  board.erase(x32 | ser | snb(8));  // of one bank
  EXPECT_EQ(board.read(sr), wrperr);
  EXPECT_EQ(board.flash[0x90000], 0);
}

TEST(F4Flash, ErasesEachBankOrBoth) {
  Board board("STM32F429ZI");
  std::ranges::fill(board.flash, std::uint8_t{0});
  board.unlock();
  board.erase(x32 | mer2);
  EXPECT_EQ(board.flash[0xFFFFF], 0);
  EXPECT_TRUE(all_erased(board.flash, 0x100000, 0x100000));
  board.flash[0x123456] = 0;
  board.erase(x32 | mer);
  EXPECT_TRUE(all_erased(board.flash, 0, 0x100000));
  EXPECT_EQ(board.flash[0x123456], 0);
  board.erase(x32 | mer | mer2);
  EXPECT_EQ(board.flash[0x123456], 0xFF);
}

TEST(F4Flash, AProtectedSectorRefusesProgramAndErase) {
  Board board("STM32F407VG", {"write_protected=5"});
  board.unlock();
  board.program_word(place, 0);
  EXPECT_EQ(board.read(sr), wrperr);
  board.write(sr, wrperr);
  board.erase(x32 | ser | snb(5));
  EXPECT_EQ(board.read(sr), wrperr);
  board.write(sr, wrperr);
  board.erase(x32 | mer);
  EXPECT_EQ(board.read(sr), wrperr);
  board.write(sr, wrperr);
  board.erase(x32 | ser | snb(6));
  EXPECT_EQ(board.read(sr), 0U);
  EXPECT_EQ(board.target.statistics().page_erases, 1U);
}

TEST(F4Flash, LetsTheDebuggerWaitWhileBusy) {
  Board board;
  board.unlock();
  board.write(cr, x32 | ser | snb(5));
  board.write(cr, x32 | ser | snb(5) | strt);
  EXPECT_EQ(board.try_read(address::flash), Ack::wait);
  EXPECT_EQ(board.try_write(place, 0), Ack::wait);
  board.target.advance(1s);
  EXPECT_EQ(board.try_read(address::flash), Ack::ok);
}

TEST(F4Flash, AControlWriteWaitsForTheEndOfAnOperation) {
  Board board;
  board.unlock();
  board.write(cr, x32 | pg);
  board.write(place, 0);
  EXPECT_EQ(board.try_write(cr, lock), Ack::wait);
  EXPECT_EQ(board.read(cr), x32 | pg);
  board.target.advance(17us);
  EXPECT_EQ(board.try_write(cr, lock), Ack::ok);
}

TEST(F4Flash, TheCoreWaitsForTheEndOfAnOperationToo) {
  Board board;
  board.halt();
  board.unlock();
  board.write(cr, x32 | ser | snb(5));
  board.load(snippet::store_word);
  board.prepare(address::sram);
  board.set_reg(0, cr);
  board.set_reg(1, x16);
  board.write(cr, x32 | ser | snb(5) | strt);
  const Nanoseconds start = board.target.now();
  ASSERT_TRUE(board.run_to_halt(3s));
  EXPECT_GE(board.target.now() - start, 1s);
  EXPECT_EQ(board.read(cr), x16);
}

TEST(F4Flash, ReadsOneBankWhileTheOtherIsBusy) {
  Board board("STM32F429ZI");
  board.unlock();
  board.write(cr, x32 | ser | snb(0x10));
  board.write(cr, x32 | ser | snb(0x10) | strt);
  EXPECT_EQ(board.try_read(address::flash), Ack::ok);
  EXPECT_EQ(board.try_read(bank2), Ack::wait);
}

TEST(F4Flash, MoreAtATimeThanTheSupplyDrivesDoesNotHold) {
  struct Row {
    const char *voltage;
    std::uint32_t good, bad;
  };
  for (const Row &row : {Row{"voltage=2600", x16, x32}, Row{"voltage=1900", x8, x16}}) {
    Board board("STM32F407VG", {row.voltage});
    board.unlock();
    board.erase(row.good | ser | snb(4));
    EXPECT_EQ(board.notes(), 0U) << row.voltage;
    board.erase(row.bad | ser | snb(5));
    EXPECT_EQ(board.notes(), 1U) << row.voltage;
  }
  Board board("STM32F407VG", {"voltage=2600"});
  board.unlock();
  for (std::uint32_t i = 0; i < 64; ++i) board.program_word(place + 4 * i, 0);
  EXPECT_FALSE(std::all_of(board.flash.begin() + 0x20000, board.flash.begin() + 0x20100,
                           [](std::uint8_t byte) { return byte == 0; }));
}

TEST(F4Flash, TooFewWaitStatesAreNoted) {
  Board board;
  board.write(rcc_pllcfgr, 0x24012008 + (12U << 6));  // 16 MHz / 8 * 140 / 4
  board.write(rcc_cr, board.read(rcc_cr) | 1U << 24);
  board.target.advance(1ms);
  board.write(rcc_cfgr, 2);
  ASSERT_EQ(board.read(rcc_cfgr) & 0xC, 8U);
  board.write(acr, 2);
  (void)board.read(address::flash);
  EXPECT_EQ(board.notes(), 0U);
  board.write(acr, 1);
  (void)board.read(address::flash);
  EXPECT_EQ(board.notes(), 1U);
}

TEST(F4Flash, ForgetsLockControlAndStatusAtReset) {
  Board board("STM32F407VG", {"stale_control_bits", "stale_errors"});
  EXPECT_EQ(board.read(cr), pg | ser | mer | snb(5) | 3U << 8);
  EXPECT_EQ(board.read(sr), eop | operr | wrperr | pgaerr | pgperr | pgserr);
  board.system_reset();
  EXPECT_EQ(board.read(cr), lock);
  EXPECT_EQ(board.read(sr), 0U);
}

TEST(F4Flash, LeavesUndefinedContentWhenResetDuringAnErase) {
  Board board;
  std::fill_n(board.flash.begin() + 0x20000, 64, std::uint8_t{0});
  board.unlock();
  board.write(cr, x32 | ser | snb(5));
  board.write(cr, x32 | ser | snb(5) | strt);
  board.target.advance(500ms);
  board.system_reset();
  const auto neither = std::count_if(board.flash.begin() + 0x20000, board.flash.begin() + 0x20040,
                                     [](std::uint8_t byte) { return byte != 0 && byte != 0xFF; });
  EXPECT_GT(neither, 20);
  EXPECT_TRUE(all_erased(board.flash, 0x40000, 0x100));
}

TEST(F4Flash, OtpTakesBitsOnceAndItsBlocksCanBeLocked) {
  Board board;
  board.unlock();
  board.program_word(otp + 32, 0x12345678);
  EXPECT_EQ(board.read(otp + 32), 0x12345678U);
  board.program_word(otp + 32, 0xFFFFFFFF);
  EXPECT_EQ(board.read(otp + 32), 0x12345678U);
  board.write(cr, x8 | pg);
  EXPECT_EQ(board.try_write(otp + 0x200 + 1, 0, 1), Ack::ok);
  board.wait();
  board.program_word(otp + 36, 0);
  EXPECT_EQ(board.read(sr), wrperr);
  EXPECT_EQ(board.read(otp + 36), 0xFFFFFFFFU);
  board.write(sr, wrperr);
  board.program_word(otp + 64, 0);
  EXPECT_EQ(board.read(otp + 64), 0U);
}

TEST(F4Flash, SystemMemoryCannotBeProgrammed) {
  Board board;
  board.unlock();
  board.program_word(0x1FFF0100, 0);
  EXPECT_EQ(board.read(sr), wrperr);
}

TEST(F4Flash, StrtAloneIsNoted) {
  Board board;
  board.unlock();
  board.write(cr, strt);
  EXPECT_EQ(board.notes(), 1U);
}

}  // namespace
}  // namespace sim_test::f4::flash_rules
