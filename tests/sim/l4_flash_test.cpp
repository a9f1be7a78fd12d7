// The flash controller of the L4 and of those like it: keys, programming, erasing, banks.
#include "l4_bench.hpp"
#include "snippets.hpp"

#include <gmock/gmock.h>

namespace sim_test::l4::flash_rules {
namespace {

using testing::AllOf;
using testing::Ge;
using testing::Le;

constexpr std::uint32_t kib = 1024;

TEST(L4Flash, EachSeriesProgramsAndErases) {
  for (const char *part :
       {"STM32G071RB", "STM32L476RG", "STM32G474RE", "STM32G0B1RE", "STM32L432KC", "STM32L4R5ZI",
        "STM32C031K6", "STM32U083RC", "STM32WB55RG", "STM32WLE5JC"}) {
    SCOPED_TRACE(part);
    Board board(part);
    board.unlock();
    EXPECT_EQ(board.get(cr) & lock, 0U);
    board.program(place, 0x12345678, 0x9ABCDEF0);
    EXPECT_EQ(board.get(sr) & all_flags, 0U);
    EXPECT_EQ(board.read(place), 0x12345678U);
    EXPECT_EQ(board.read(place + 4), 0x9ABCDEF0U);
    const std::uint32_t page =
        std::string(part).starts_with("STM32L4R") || std::string(part).starts_with("STM32WB55") ? 4
                                                                                                : 8;
    EXPECT_THAT(board.erase(per | pnb(page)), AllOf(Ge(22ms), Le(23ms)));
    EXPECT_EQ(board.read(place), erased);
    EXPECT_EQ(board.get(sr) & all_flags, 0U);
    EXPECT_EQ(board.notes(), 0U);
  }
}

TEST(L4Flash, NeedsBothKeysInOrder) {
  Board board;
  EXPECT_EQ(board.get(cr), lock | optlock);
  EXPECT_EQ(board.try_write(board.at(keyr), 0xCDEF89AB), Ack::fault);
  board.target.clear_sticky_error();
  EXPECT_EQ(board.try_write(board.at(keyr), 0x45670123), Ack::fault) << "until reset";
  board.target.clear_sticky_error();
  board.system_reset();
  board.unlock();
  EXPECT_EQ(board.get(cr), optlock);
  EXPECT_EQ(board.try_write(board.at(keyr), 0x45670123), Ack::fault) << "unlocked already";
  board.target.clear_sticky_error();
  EXPECT_EQ(board.get(cr), lock | optlock);
}

TEST(L4Flash, OptionKeysNeedTheFlashUnlocked) {
  Board board;
  EXPECT_EQ(board.try_write(board.at(optkeyr), 0x08192A3B), Ack::fault);
  board.target.clear_sticky_error();
  board.system_reset();
  board.unlock_options();
  EXPECT_EQ(board.get(cr), 0U);
}

TEST(L4Flash, LockingLocksTheOptionsToo) {
  Board board;
  board.unlock_options();
  board.set(cr, optlock);
  EXPECT_EQ(board.get(cr), optlock);
  board.set(optkeyr, 0x08192A3B);
  board.set(optkeyr, 0x4C5D6E7F);
  board.set(cr, lock);
  EXPECT_EQ(board.get(cr), lock | optlock);
}

TEST(L4Flash, IgnoresItsControlRegisterWhileLocked) {
  Board board;
  board.set(cr, pg);
  EXPECT_EQ(board.get(cr), lock | optlock);
  board.write(place, 0);
  EXPECT_EQ(board.get(sr), pgserr);
  EXPECT_EQ(board.read(place), erased);
}

TEST(L4Flash, AStoreWithoutPgOrAmidAnEraseIsASequenceError) {
  for (const std::uint32_t control : {0U, per, pg | per}) {
    Board board;
    board.unlock();
    board.set(cr, control);
    board.write(place, 0);
    EXPECT_EQ(board.get(sr), pgserr) << control;
    board.write(place + 4, 0);
    board.wait();
    EXPECT_EQ(board.read(place), erased);
  }
  Board board;
  board.unlock();
  board.set(cr, pg | per | strt);
  EXPECT_EQ(board.get(sr), pgserr);
}

TEST(L4Flash, TheFirstWordWaitsForTheSecond) {
  Board board;
  board.unlock();
  board.set(cr, pg);
  board.write(place, 0x11111111);
  EXPECT_EQ(board.get(sr), cfgbsy);
  board.target.advance(10ms);
  EXPECT_EQ(board.get(sr), cfgbsy);
  EXPECT_EQ(board.read(place), erased);
  board.write(place + 4, 0x22222222);
  EXPECT_EQ(board.get(sr), cfgbsy | bsy);
  board.wait();
  EXPECT_EQ(board.get(sr), 0U);
  EXPECT_EQ(board.read(place), 0x11111111U);
  EXPECT_EQ(board.target.statistics().programmed_units, 1U);
}

TEST(L4Flash, ALoneWordKeepsTheControllerBusyUntilReset) {
  Board board;
  board.unlock();
  board.set(cr, pg);
  board.write(place, 0x11111111);
  EXPECT_EQ(board.try_write(board.at(cr), 0), Ack::fault);
  board.target.clear_sticky_error();
  EXPECT_EQ(board.get(sr), cfgbsy);
  board.system_reset();
  EXPECT_EQ(board.get(sr), 0U);
  EXPECT_EQ(board.read(place), erased);
  board.unlock();
  board.program(place, 1, 2);
  EXPECT_EQ(board.read(place), 1U);
}

TEST(L4Flash, AnL4HasNoConfigurationBusy) {
  Board board("STM32L476RG");
  board.unlock();
  board.set(cr, pg);
  board.write(place, 0x11111111);
  EXPECT_EQ(board.get(sr), 0U);
  EXPECT_EQ(board.try_write(board.at(cr), pg), Ack::ok);
}

TEST(L4Flash, WordsOfTwoDoubleWordsAreAnAlignmentError) {
  Board board;
  board.unlock();
  board.set(cr, pg);
  board.write(place + 4, 0);
  board.write(place + 8, 0);
  EXPECT_EQ(board.get(sr), pgaerr);
  EXPECT_EQ(board.read(place + 4), erased);
  EXPECT_EQ(board.read(place + 8), erased);
}

TEST(L4Flash, BytesAndHalfwordsAreASizeError) {
  Board board;
  board.unlock();
  board.set(cr, pg);
  for (std::uint32_t i = 0; i < 4; ++i) board.write16(place + 2 * i, 0);
  EXPECT_EQ(board.get(sr), sizerr | pgaerr | pgserr);
  board.clear_flags();
  EXPECT_EQ(board.try_write(place, 0, 1), Ack::ok);
  EXPECT_EQ(board.get(sr), sizerr | pgaerr);
  EXPECT_EQ(board.read(place), erased);
}

TEST(L4Flash, OnlyErasedDoubleWordsAreProgrammed) {
  Board board;
  board.unlock();
  board.program(place, 0xFFFFFFF0, 0xFFFFFFFF);
  board.program(place, 0xFFFFFF00, 0xFFFFFFFF);
  EXPECT_EQ(board.get(sr), progerr);
  EXPECT_EQ(board.read(place), 0xFFFFFFF0U);
}

TEST(L4Flash, ZerosCanBeProgrammedOverAnything) {
  Board board;
  board.unlock();
  board.program(place, 0x12345678, 0x12345678);
  board.program(place, 0, 0);
  EXPECT_EQ(board.get(sr), 0U);
  EXPECT_EQ(board.read(place), 0U);
}

TEST(L4Flash, ADoubleWordOfOnesIsProgrammedThoughItReadsAsErased) {
  for (const char *part : {"STM32G071RB", "STM32L476RG"}) {
    Board board(part);
    board.unlock();
    board.program(place, erased, erased);
    EXPECT_EQ(board.get(sr), 0U);
    board.program(place, 0x12345678, 0);
    EXPECT_EQ(board.get(sr), progerr) << part;
    EXPECT_EQ(board.read(place), erased);
    board.clear_flags();
    board.erase(per | pnb(8));
    board.program(place, 0x12345678, 0);
    EXPECT_EQ(board.get(sr), 0U) << part;
  }
}

TEST(L4Flash, OnAG0ZerosOverProgrammedOnesFail) {
  for (const auto &[part, flags] : {std::pair{"STM32G071RB", progerr}, {"STM32G474RE", 0U}}) {
    Board board(part);
    board.unlock();
    board.program(place, erased, erased);
    board.program(place, 0, 0);
    EXPECT_EQ(board.get(sr), flags) << part;
  }
}

TEST(L4Flash, AnErrorBlocksWhatComesNextUntilItIsCleared) {
  Board board;
  board.unlock();
  board.write(place, 0);
  ASSERT_EQ(board.get(sr), pgserr);
  board.program(place, 0, 0);
  EXPECT_EQ(board.read(place), erased);
  EXPECT_LT(board.erase(per | pnb(8)), 1ms);
  EXPECT_EQ(board.target.statistics().page_erases, 0U);
  board.clear_flags();
  EXPECT_EQ(board.get(sr), 0U);
  board.program(place, 0, 0);
  EXPECT_EQ(board.read(place), 0U);
}

TEST(L4Flash, EopAndOperrAreShownWhereTheirInterruptsAreEnabled) {
  Board board;
  board.unlock();
  board.set(cr, eopie | per | pnb(8) | strt);
  board.wait(100us);
  EXPECT_EQ(board.get(sr), eop);
  board.set(sr, eop);
  board.erase(per | pnb(8));
  EXPECT_EQ(board.get(sr), 0U);
  board.set(cr, errie);
  board.write(place, 0);
  EXPECT_EQ(board.get(sr), pgserr | operr);
  board.clear_flags();
  board.set(cr, 0);
  board.write(place, 0);
  EXPECT_EQ(board.get(sr), pgserr);
}

TEST(L4Flash, TakesTheTimesOfItsSeries) {
  struct Row {
    const char *part;
    std::vector<std::string> faults;
    Nanoseconds program, erase;
  };
  for (const Row &row :
       {Row{"STM32G071RB", {}, 82us, 22ms}, Row{"STM32G071RB", {"flash_time=maximum"}, 125us, 40ms},
        Row{"STM32L476RG", {"flash_time=maximum"}, 91us, 24'500us}}) {
    Board board(row.part, row.faults);
    board.unlock();
    board.set(cr, pg);
    board.write(place, 1);
    board.write(place + 4, 2);
    EXPECT_THAT(board.wait(), AllOf(Ge(row.program), Le(row.program + 2us))) << row.part;
    EXPECT_THAT(board.erase(per | pnb(8)), AllOf(Ge(row.erase), Le(row.erase + 1ms))) << row.part;
    EXPECT_THAT(board.erase(mer1), AllOf(Ge(row.erase), Le(row.erase + 1ms))) << row.part;
  }
}

TEST(L4Flash, ReadsStallWhileItIsBusyAndSoDoesItsControlRegister) {
  Board board;
  board.unlock();
  board.set(cr, per | pnb(8) | strt);
  EXPECT_EQ(board.try_read(address::flash), Ack::wait);
  EXPECT_EQ(board.try_write(address::flash, 0), Ack::wait);
  EXPECT_EQ(board.try_write(board.at(cr), 0), Ack::wait);
  board.target.advance(23ms);
  EXPECT_EQ(board.try_read(address::flash), Ack::ok);
  EXPECT_EQ(board.try_write(board.at(cr), 0), Ack::ok);
}

TEST(L4Flash, ReadsOneBankWhileTheOtherIsBusy) {
  Board board("STM32L476RG");
  board.unlock();
  board.set(cr, per | bker11 | strt);
  EXPECT_EQ(board.try_read(address::flash), Ack::ok);
  EXPECT_EQ(board.try_read(address::flash + 512 * kib), Ack::wait);
}

TEST(L4Flash, ErasesThePageOfThatNumberInItsBank) {
  struct Row {
    const char *part;
    std::uint32_t control, offset, size;
  };
  for (const Row &row : {Row{"STM32L476RG", pnb(3), 3 * 2 * kib, 2 * kib},
                         Row{"STM32L476RG", pnb(255) | bker11, 1022 * kib, 2 * kib},
                         Row{"STM32G0B1RE", pnb(127) | bker13, 510 * kib, 2 * kib},
                         Row{"STM32G0B1RC", pnb(1) | bker13, 130 * kib, 2 * kib},
                         Row{"STM32G474RE", pnb(127) | bker11, 510 * kib, 2 * kib},
                         Row{"STM32L4R5ZI", pnb(255) | bker11, 2044 * kib, 4 * kib},
                         Row{"STM32L4P5ZG", pnb(1) | bker11, 516 * kib, 4 * kib},
                         Row{"STM32G491RE", pnb(255), 510 * kib, 2 * kib},
                         Row{"STM32WB15CC", pnb(159), 318 * kib, 2 * kib}}) {
    SCOPED_TRACE(row.part + std::to_string(row.offset));
    Board board(row.part);
    board.fill(0, static_cast<std::uint32_t>(board.flash.size()), 0);
    board.unlock();
    board.erase(per | row.control);
    EXPECT_EQ(std::ranges::count(board.flash, 0xFF), row.size);
    EXPECT_EQ(board.flash[row.offset], 0xFF);
    EXPECT_EQ(board.flash[row.offset + row.size - 1], 0xFF);
    EXPECT_EQ(board.notes(), 0U);
  }
}

TEST(L4Flash, OnAG0B1TheUsualBankBitErasesAPageOfBankOneWithoutAnError) {
  Board board("STM32G0B1RE");
  board.fill(0, static_cast<std::uint32_t>(board.flash.size()), 0);
  board.unlock();
  board.erase(per | pnb(5) | bker11);
  EXPECT_EQ(board.get(sr), 0U);
  EXPECT_EQ(board.flash[10 * kib], 0xFF);
  EXPECT_EQ(board.flash[266 * kib], 0);
}

TEST(L4Flash, ANumberThatNoPageHasErasesAnotherPage) {
  Board board;
  board.fill(0, 128 * kib, 0);
  board.unlock();
  board.erase(per | pnb(64 + 3));
  EXPECT_EQ(board.get(sr), 0U);
  EXPECT_EQ(board.flash[6 * kib], 0xFF);
  EXPECT_EQ(board.notes(), 1U);
}

TEST(L4Flash, WithOneBankPagesAreTwiceAsLarge) {
  for (const auto &[part, page] : {std::pair{"STM32G474RE", 4 * kib}, {"STM32L4R5ZI", 8 * kib}}) {
    Board board(part, {"single_bank"});
    board.fill(0, static_cast<std::uint32_t>(board.flash.size()), 0);
    board.unlock();
    board.erase(per | pnb(100));
    EXPECT_EQ(std::ranges::count(board.flash, 0xFF), page) << part;
    EXPECT_EQ(board.flash[100 * page], 0xFF) << part;
  }
  Board board("STM32L476RE", {"single_bank"});
  board.fill(0, 512 * kib, 0);
  board.unlock();
  board.erase(per | pnb(255));
  EXPECT_EQ(board.flash[510 * kib], 0xFF);
  EXPECT_EQ(std::ranges::count(board.flash, 0xFF), 2 * kib);
}

TEST(L4Flash, AMassEraseIsOfOneBank) {
  for (const auto &[part, second] :
       {std::pair{"STM32L476RG", 512 * kib}, {"STM32G0B1RE", 256 * kib}}) {
    Board board(part);
    board.fill(0, static_cast<std::uint32_t>(board.flash.size()), 0);
    board.unlock();
    board.erase(mer2);
    EXPECT_EQ(board.flash[second - 1], 0) << part;
    EXPECT_EQ(board.flash[second], 0xFF) << part;
    board.erase(mer1);
    EXPECT_EQ(std::ranges::count(board.flash, 0xFF), 2 * second) << part;
    board.fill(0, 2 * second, 0);
    board.erase(mer1 | mer2);
    EXPECT_EQ(std::ranges::count(board.flash, 0xFF), 2 * second) << part;
    EXPECT_EQ(board.target.statistics().mass_erases, 3U);
  }
}

TEST(L4Flash, WithOneBankOfDoublePagesAMassEraseNeedsBothBits) {
  Board board("STM32G474RE", {"single_bank"});
  board.fill(0, 512 * kib, 0);
  board.unlock();
  board.erase(mer1);
  EXPECT_EQ(board.get(sr), pgserr);
  board.clear_flags();
  board.erase(mer1 | mer2);
  EXPECT_EQ(std::ranges::count(board.flash, 0xFF), 512 * kib);
}

// What a part of its line with less flash lacks.
TEST(L4Flash, AHoleIsBetweenTheBanksOfATrimmedG47) {
  constexpr std::uint32_t second = 256 * kib, page = 2 * kib;
  for (const auto &[part, bank] :
       {std::pair{"STM32G474RC", 128 * kib}, {"STM32G473CB", 64 * kib}}) {
    SCOPED_TRACE(part);
    Board board(part);
    board.fill(0, second + bank, 0);
    for (const std::uint32_t absent : {bank, second - 4, second + bank}) {
      EXPECT_EQ(board.try_read(address::flash + absent), Ack::fault) << absent;
      board.target.clear_sticky_error();
    }
    EXPECT_EQ(board.read(address::flash + bank - 4), 0U);
    board.unlock();
    board.erase(per | bker11 | pnb(1));
    EXPECT_EQ(std::ranges::count(board.flash, 0xFF), page);
    EXPECT_EQ(board.read(address::flash + second + page), erased);
    board.program(address::flash + second + page, 1, 2);
    EXPECT_EQ(board.read(address::flash + second + page + 4), 2U);
    board.erase(mer2);
    EXPECT_EQ(std::ranges::count(board.flash, 0xFF), bank);
    EXPECT_EQ(board.flash[second + bank - 1], 0xFF);
    board.erase(mer1 | mer2);
    EXPECT_EQ(std::ranges::count(board.flash, 0xFF), 2 * bank) << "nothing in the hole";
    EXPECT_EQ(board.notes(), 0U);
  }
}

TEST(L4Flash, WithOneBankATrimmedG47HasAllOfItInOnePiece) {
  Board board("STM32G474RC", {"single_bank"});
  board.fill(0, 384 * kib, 0);
  EXPECT_EQ(board.read(address::flash + 256 * kib - 4), 0U);
  EXPECT_EQ(board.try_read(address::flash + 256 * kib), Ack::fault);
  board.target.clear_sticky_error();
  board.unlock();
  board.erase(per | pnb(63));
  EXPECT_EQ(std::ranges::count(board.flash, 0xFF), 4 * kib);
  EXPECT_EQ(board.flash[256 * kib - 1], 0xFF);
  board.erase(mer1 | mer2);
  EXPECT_EQ(std::ranges::count(board.flash, 0xFF), 256 * kib);
}

TEST(L4Flash, TheSecondBankOfAG0B1IsBusyInABitOfItsOwn) {
  Board board("STM32G0B1RE");
  board.unlock();
  board.set(cr, per | bker13 | strt);
  EXPECT_EQ(board.get(sr), bsy2);
  board.wait();
  board.set(cr, per | strt);
  EXPECT_EQ(board.get(sr), bsy);
  board.wait();
  board.set(cr, mer1 | mer2 | strt);
  EXPECT_EQ(board.get(sr), bsy | bsy2);
}

TEST(L4Flash, OtpTakesEachDoubleWordOnce) {
  constexpr std::uint32_t otp = 0x1FFF7000;
  Board board;
  board.unlock();
  board.program(otp, 0x12345678, 0);
  EXPECT_EQ(board.read(otp), 0x12345678U);
  board.program(otp, 0, 0);
  EXPECT_EQ(board.get(sr), progerr);
  EXPECT_EQ(board.read(otp), 0x12345678U);
  board.clear_flags();
  board.program(otp - 8, 0, 0);
  EXPECT_EQ(board.get(sr), wrperr) << "system memory";
}

TEST(L4Flash, ForgetsLockControlAndStatusAtReset) {
  Board board("STM32G071RB", {"stale_control_bits", "stale_errors"});
  EXPECT_EQ(board.get(cr), pg | per | mer1 | pnb(5) | optlock);
  EXPECT_EQ(board.get(sr), all_flags);
  board.system_reset();
  EXPECT_EQ(board.get(cr), lock | optlock);
  EXPECT_EQ(board.get(sr), 0U);
}

TEST(L4Flash, CanBeLeftWithASequenceErrorOrLocked) {
  Board stale("STM32L476RG", {"stale_pgserr"});
  EXPECT_EQ(stale.get(sr), pgserr);
  Board locked("STM32L476RG", {"fpec_locked_until_reset"});
  EXPECT_EQ(locked.try_write(locked.at(keyr), 0x45670123), Ack::fault);
}

TEST(L4Flash, TooFewWaitStatesAreNoted) {
  Board board("STM32L476RG");
  board.write(0x40021000, 0x100 | 1);  // HSI16
  board.write(0x40021008, 1);
  ASSERT_EQ(board.read(0x40021008) & 0xC, 4U);
  (void)board.read(address::flash);
  EXPECT_EQ(board.notes(), 0U);
  board.write(0x40021000, 1 | 8 | 9U << 4);  // MSI, 24 MHz
  board.write(0x40021008, 0);
  board.set(acr, 1);
  (void)board.read(address::flash);
  EXPECT_EQ(board.notes(), 0U);
  board.set(acr, 0);
  (void)board.read(address::flash);
  EXPECT_EQ(board.notes(), 1U);
}

TEST(L4Flash, StrtAloneIsNoted) {
  Board board;
  board.unlock();
  board.set(cr, strt);
  EXPECT_EQ(board.notes(), 1U);
}

TEST(L4Flash, TheSecondCoreCanHoldAnOperationUp) {
  Board board("STM32WB55RG", {"suspended=100"});
  EXPECT_EQ(board.get(sr), pesd);
  board.unlock();
  EXPECT_THAT(board.erase(per | pnb(3)), AllOf(Ge(121ms), Le(123ms)));
  EXPECT_EQ(board.get(sr), 0U);
}

TEST(L4Flash, WhatBelongsToTheSecondCoreIsRefused) {
  Board board("STM32WB55RG", {"secure_from=244"});
  board.unlock();
  board.erase(per | pnb(243));
  EXPECT_EQ(board.get(sr), 0U);
  board.erase(per | pnb(244));
  EXPECT_EQ(board.get(sr), wrperr);
  board.clear_flags();
  board.erase(mer1);
  EXPECT_EQ(board.get(sr), wrperr);
  EXPECT_EQ(board.get(0x80) & 0x1FF, 244U);
  EXPECT_EQ(board.try_read(address::flash + 244 * 4 * kib), Ack::fault);
}

TEST(L4Flash, OnAG0B1PrefetchFromBankToBankIsNoted) {
  for (const auto &[prefetch, notes] : {std::pair{0U, 0U}, {1U << 8, 1U}}) {
    Board board("STM32G0B1RE", {},
                {{0x100, snippet::null_call}, {256 * kib + 0x100, snippet::breakpoint}});
    board.halt();
    board.set(acr, 0x600 | 1U << 18 | prefetch);
    board.prepare(address::flash + 0x100);
    board.write(address::dhcsr, 0xA05F0005);  // one step
    board.target.advance(10us);
    board.set_reg(core::pc, address::flash + 256 * kib + 0x100);
    ASSERT_TRUE(board.run_to_halt());
    EXPECT_EQ(board.notes(), notes);
  }
}

}  // namespace
}  // namespace sim_test::l4::flash_rules
