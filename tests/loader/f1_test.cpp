// The STM32F1 functions: clocks, keys, banks, the controller's errors, the watchdog.
#include "loaders/f1/f1.inc"

#include "loader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace loader_test {
namespace {

namespace f1_blob = flashhost::f1_blob;

constexpr std::uint32_t lock = 0x80, pgerr = 0x04, wrprterr = 0x10, pll_ready = 1U << 25,
                        hsi_ready = 1U << 1, iwdg_reset = 1U << 29;
constexpr std::uint32_t cfgr_pll_24mhz = 0x0010000A;

void finish_and_expect_locked(Board &board, Loader &loader, const char *where) {
  loader.send(finish());
  EXPECT_EQ(loader.wait_halt().state, FH_STATE_FINISHED) << where;
  EXPECT_EQ(board.word(flash_cr), lock) << where;
}

TEST(F1, InitRunsTheCoreAt24MegahertzFromHsiAndFinishUndoesIt) {
  Board board({});
  Loader loader(board);
  board.set_word(flash_acr, 0x32);  // two wait states, as firmware at 72 MHz leaves it
  board.set_word(rcc_ahbenr, 0x15);
  const std::uint32_t trim = board.word(rcc_cr) & 0xF8;
  loader.start();
  EXPECT_EQ(board.word(rcc_ahbenr), 0x55U);
  EXPECT_EQ(board.word(rcc_cr) & 0xF8, trim);
  EXPECT_EQ(board.word(rcc_cfgr), cfgr_pll_24mhz);
  EXPECT_EQ(board.word(rcc_cr) & (pll_ready | hsi_ready), pll_ready | hsi_ready);
  EXPECT_EQ(board.word(flash_acr) & 0x1F, 0x10U);
  finish_and_expect_locked(board, loader, "24 MHz");
  EXPECT_EQ(board.word(rcc_cfgr), 0U);
  EXPECT_EQ(board.word(rcc_cr) & (pll_ready | hsi_ready), hsi_ready);
}

TEST(F1, InitStaysAtHsiWhenAskedTo) {
  Board board({});
  Loader loader(board, {.clock_hz = 8'000'000});
  loader.start();
  EXPECT_EQ(board.word(rcc_cfgr), 0U);
  EXPECT_EQ(board.word(rcc_cr) & pll_ready, 0U);
  ASSERT_TRUE(loader.execute(program(flash_start, pattern(256))));
  EXPECT_EQ(board.read(flash_start, 256), pattern(256));
  finish_and_expect_locked(board, loader, "8 MHz");
}

TEST(F1, CheckAndInitTakeAMillisecond) {
  Board board({});
  Loader loader(board);
  loader.download();
  const auto from = board.target().now();
  loader.go();
  EXPECT_TRUE(
      board.wait_for([&] { return board.word(loader.mailbox_address()) == FH_LOADER_MAGIC; }));
  EXPECT_EQ(board.word(rcc_cfgr), cfgr_pll_24mhz);  // before it says that it is ready
  EXPECT_LT(board.target().now() - from, 1'250us);  // some of it for the debugger's own accesses
}

TEST(F1, InitTakesOverFromAPllOfTheFirmware) {
  Board board({});
  Loader loader(board);
  board.set_word(rcc_cfgr, 7U << 18);  // HSI / 2 x 9
  board.set_word(rcc_cr, board.word(rcc_cr) | 1U << 24);
  board.set_word(rcc_cfgr, 7U << 18 | 0x80 | 2);  // HCLK / 2, from PLL
  ASSERT_TRUE(board.wait_for([&] { return (board.word(rcc_cfgr) & 0xC) == 8; }));
  loader.start();
  EXPECT_EQ(board.word(rcc_cfgr), cfgr_pll_24mhz);
  const auto from = board.target().now();
  const std::uint32_t heartbeat = loader.mailbox().heartbeat;
  board.pass(20ms);
  const double beats = loader.mailbox().heartbeat - heartbeat;
  EXPECT_NEAR(beats, static_cast<double>((board.target().now() - from).count()) / 20'000, 50);
}

TEST(F1, InitWaitsForAnOperationOfTheFirmware) {
  Board board(with_fault("flash_time=6x"));
  Loader loader(board);
  loader.download();
  board.set_word(flash_keyr, 0x45670123);
  board.set_word(flash_keyr, 0xCDEF89AB);
  board.set_word(flash_cr, 4);
  board.set_word(flash_cr, 0x44);
  ASSERT_EQ(board.word(flash_sr) & 1, 1U);
  loader.go();
  EXPECT_FALSE(board.wait_for([&] { return loader.mailbox().magic == FH_LOADER_MAGIC; }, 20ms));
  EXPECT_TRUE(board.wait_for([&] { return loader.mailbox().magic == FH_LOADER_MAGIC; }));
  EXPECT_TRUE(loader.execute(program(flash_start, pattern(64))));
  EXPECT_THAT(board.target().statistics().notes, ::testing::IsEmpty());
}

TEST(F1, InitClearsControlBitsThatWereLockedIn) {
  Board board({});
  Loader loader(board);
  board.set_word(flash_keyr, 0x45670123);
  board.set_word(flash_keyr, 0xCDEF89AB);
  board.set_word(flash_cr, lock | 2);  // PER
  loader.start();
  EXPECT_EQ(board.word(flash_cr), 0U);
}

TEST(F1, InitStartsHsiWhenFirmwareRanWithoutIt) {
  Board board(with_fault("hsi_off"));
  Loader loader(board);
  loader.start();
  EXPECT_EQ(board.word(rcc_cfgr) & 0xF, cfgr_pll_24mhz & 0xF);
  EXPECT_EQ(board.word(rcc_cr) & hsi_ready, hsi_ready);
  ASSERT_TRUE(loader.execute(erase(flash_start, 1024)));
  ASSERT_TRUE(loader.execute(program(flash_start, pattern(64))));
}

TEST(F1, InitCopesWithAnUnlockedControllerAndWhatIsSetInIt) {
  for (const char *fault : {"stale_control_bits", "stale_errors"}) {
    Board board(with_fault(fault));
    Loader loader(board);
    loader.start();
    EXPECT_EQ(board.word(flash_cr), 0U) << fault;
    ASSERT_TRUE(loader.execute(program(flash_start, pattern(64)))) << fault;
    ASSERT_TRUE(loader.execute(erase(flash_start, 1024))) << fault;
    EXPECT_THAT(board.target().statistics().notes, ::testing::IsEmpty()) << fault;
    finish_and_expect_locked(board, loader, fault);
  }
}

TEST(F1, AControllerThatIsLockedUntilResetEndsInAFault) {
  Board board(with_fault("fpec_locked_until_reset"));
  Loader loader(board);
  loader.download();
  loader.go();
  EXPECT_EQ(loader.wait_halt().magic, 0U);
  board.run();
  EXPECT_EQ(loader.wait_halt().state, FH_STATE_FAULT);
  EXPECT_GE(loader.mailbox().fault_pc, loader.family());
}

TEST(F1, AWrongKeyEndsInAFaultAndLeavesTheFlashLocked) {
  Board board({});
  loader_test::Setup setup;
  Bytes &code = setup.family.code;
  const Bytes key = {0x23, 0x01, 0x67, 0x45};
  const auto found = std::search(code.begin(), code.end(), key.begin(), key.end());
  ASSERT_NE(found, code.end());
  *found = 0x22;
  Loader loader(board, setup);
  loader.download();
  loader.go();
  (void)loader.wait_halt();
  board.run();
  board.pass(1ms);
  EXPECT_EQ(loader.wait_halt().state, FH_STATE_FAULT);
  EXPECT_EQ(loader.mailbox().magic, 0U);
  EXPECT_EQ(board.word(flash_cr) & lock, lock);
}

TEST(F1, AHalfwordThatIsNotErasedIsReportedAsPgerr) {
  Board board({});
  Loader loader(board);
  board.flash()[1024 + 21] = 0x7F;
  loader.start();
  const fh_mailbox mailbox = loader.fail(program(flash_start + 1024, pattern(64)));
  EXPECT_EQ(mailbox.error, FH_ERROR_PROGRAM);
  EXPECT_EQ(mailbox.error_status, pgerr);
  EXPECT_EQ(mailbox.error_address, flash_start + 1024 + 20);
  EXPECT_EQ(board.word(flash_cr), 0U);
  EXPECT_TRUE(all(Bytes(board.flash().begin() + 1024 + 22, board.flash().begin() + 2048), 0xFF));
}

TEST(F1, AProtectedPageIsReportedAsWrprterr) {
  for (const Command &command :
       {erase(flash_start + 8192, 1024), program(flash_start + 8192, pattern(8))}) {
    Board board(with_fault("write_protected=8"));
    Loader loader(board);
    if (command.op == FH_OP_ERASE) board.flash()[8192] = 0x11;
    loader.start();
    const fh_mailbox mailbox = loader.fail(command);
    EXPECT_EQ(mailbox.error, command.op == FH_OP_ERASE ? FH_ERROR_ERASE : FH_ERROR_PROGRAM);
    EXPECT_EQ(mailbox.error_status, wrprterr);
    EXPECT_EQ(mailbox.error_address, flash_start + 8192);
    EXPECT_EQ(board.word(flash_cr), 0U);
  }
}

TEST(F1, AnErrorOfTheLastOperationIsNotTakenForOneOfTheNext) {
  Board board({});
  Loader loader(board);
  loader.start();
  board.halt();
  // As if someone else had failed: PG without an erased halfword.
  board.flash()[0] = 0;
  board.set_word(flash_cr, 1);
  EXPECT_EQ(board.target().write(flash_start, 2, 0x1234), flashhost::machine::Ack::ok);
  board.pass(1ms);
  board.set_word(flash_cr, 0);
  EXPECT_EQ(board.word(flash_sr) & pgerr, pgerr);
  board.run();
  EXPECT_TRUE(loader.execute(erase(flash_start + 1024, 1024)));
  EXPECT_TRUE(loader.execute(program(flash_start + 1024, pattern(8))));
}

TEST(F1, OddAddressesAndLengthsAreRefused) {
  for (const Command &command :
       {program(flash_start + 1, pattern(8)), program(flash_start, pattern(7))}) {
    Board board({});
    Loader loader(board);
    loader.start();
    const fh_mailbox mailbox = loader.fail(command);
    EXPECT_EQ(mailbox.error, FH_ERROR_PROGRAM);
    EXPECT_EQ(mailbox.error_status, f1_blob::status_alignment);
    EXPECT_EQ(board.target().statistics().programmed_units, 0U);
  }
}

TEST(F1, ABadCellIsNamed) {
  Board board(with_fault("bad_cell=0x08000404"));
  Loader loader(board);
  loader.start();
  const fh_mailbox mailbox = loader.fail(program(flash_start + 1024, Bytes(16, 0x00)));
  EXPECT_EQ(mailbox.error, FH_ERROR_COMPARE);
  EXPECT_EQ(mailbox.error_address, flash_start + 1024 + 4);
  EXPECT_EQ(mailbox.error_expected, 0U);
  EXPECT_EQ(mailbox.error_found, 1U);
}

TEST(F1, AWordThatDoesNotEraseIsNamed) {
  Board board(with_fault("bad_erase=0x08000810"));
  Loader loader(board);
  const Bytes old = pattern(1024);
  std::ranges::copy(old, board.flash().begin() + 2048);
  loader.start();
  const fh_mailbox mailbox = loader.fail(erase(flash_start + 2048, 1024));
  EXPECT_EQ(mailbox.error, FH_ERROR_NOT_BLANK);
  EXPECT_EQ(mailbox.error_address, flash_start + 2048 + 16);
}

class TwoBanks : public ::testing::Test {
 protected:
  static constexpr std::uint32_t second = 0x08080000;
  Bytes at(std::uint32_t address, std::size_t size) {
    const auto from = board.flash().begin() + (address - flash_start);
    return {from, from + static_cast<std::ptrdiff_t>(size)};
  }
  Board board{part("STM32F103RG")};
  Loader loader{board, {.family = f1_functions_for_two_banks()}};
};

TEST_F(TwoBanks, BothAreUnlockedAndLockedAgain) {
  loader.start();
  EXPECT_EQ(board.word(flash_cr), 0U);
  EXPECT_EQ(board.word(flash_cr + flash_bank2), 0U);
  finish_and_expect_locked(board, loader, "bank 1");
  EXPECT_EQ(board.word(flash_cr + flash_bank2), lock);
}

TEST_F(TwoBanks, TheFunctionsForOneBankDoNotTouchTheOther) {
  Loader one(board);
  one.start();
  EXPECT_EQ(board.word(flash_cr), 0U);
  EXPECT_EQ(board.word(flash_cr + flash_bank2), lock);
  board.halt();
  loader.parameters().uninit = one.parameters().uninit;
  loader.start();
  finish_and_expect_locked(board, loader, "bank 1");
  EXPECT_EQ(board.word(flash_cr + flash_bank2), 0U);
}

TEST_F(TwoBanks, PagesAreErasedAndProgrammedInTheBankOfTheirAddress) {
  std::ranges::copy(pattern(4096), board.flash().begin() + (second - flash_start) - 2048);
  loader.start();
  ASSERT_TRUE(loader.execute(erase(second, 2048)));
  EXPECT_TRUE(all(at(second, 2048), 0xFF));
  EXPECT_EQ(at(second - 2048, 2048), [] {
    const Bytes all = pattern(4096);
    return Bytes(all.begin(), all.begin() + 2048);
  }());
  ASSERT_TRUE(loader.execute(erase(second - 2048, 2048)));
  const Bytes data = pattern(1024, 5);
  ASSERT_TRUE(loader.execute(program(second + 1024, data)));
  ASSERT_TRUE(loader.execute(program(second - 1024, data)));
  EXPECT_EQ(at(second + 1024, 1024), data);
  EXPECT_EQ(at(second - 1024, 1024), data);
}

TEST_F(TwoBanks, ARunAcrossTheBoundaryIsProgrammedInBoth) {
  loader.start();
  const Bytes data = pattern(256);
  ASSERT_TRUE(loader.execute(program(second - 128, data)));
  EXPECT_EQ(at(second - 128, 256), data);
  EXPECT_EQ(board.word(flash_cr), 0U);
  EXPECT_EQ(board.word(flash_cr + flash_bank2), 0U);
}

TEST_F(TwoBanks, EraseAllClearsBoth) {
  board.flash()[17] = 0;
  board.flash()[second - flash_start + 17] = 0;
  loader.start();
  ASSERT_TRUE(loader.execute(erase_all(board.flash_size())));
  EXPECT_TRUE(all(board.flash(), 0xFF));
}

TEST_F(TwoBanks, EraseAllLeavesBankTwoAloneWhenNotToldOfIt) {
  Loader &half = loader;
  board.flash()[second - flash_start + 17] = 0;
  half.parameters().erase_chip = Loader(board).parameters().erase_chip;
  half.parameters().window_size = second - flash_start;
  half.start();
  ASSERT_TRUE(half.execute(erase_all(second - flash_start)));
  EXPECT_EQ(board.flash()[second - flash_start + 17], 0);
}

// The independent watchdog in units of LSI / 4: 0.1 ms each.
class Watchdog : public ::testing::TestWithParam<std::uint32_t> {
 protected:
  Watchdog() {
    board.set_word(iwdg, 0xCCCC);
    board.set_word(iwdg, 0x5555);
    board.set_word(iwdg + 4, 0);
    board.set_word(iwdg + 8, GetParam() - 1);
    EXPECT_TRUE(board.wait_for([&] { return board.word(iwdg + 12) == 0; }));
    board.set_word(iwdg, 0xAAAA);
    resets = board.target().statistics().system_resets;
  }
  [[nodiscard]] std::uint64_t new_resets() {
    return board.target().statistics().system_resets - resets;
  }

  Board board{{}};
  Loader loader{board};
  std::uint64_t resets = 0;
};

TEST_P(Watchdog, IsFedInEveryCommandAndEveryWait) {
  std::ranges::copy(pattern(16 * kibibyte, 3), board.flash().begin());
  loader.start();
  ASSERT_TRUE(loader.execute(crc({{flash_start, 64 * 1024}})));
  ASSERT_TRUE(loader.execute(program(flash_start + 16 * 1024, Bytes(1024, 0xFF))));
  ASSERT_TRUE(loader.execute(erase(flash_start, 1024)));
  ASSERT_TRUE(loader.execute(program(flash_start, pattern(1024))));
  ASSERT_TRUE(loader.execute(program(flash_start + 100 * 1024, Bytes(1024, 0xFF))));
  ASSERT_TRUE(loader.execute(erase_all(board.flash_size())));
  board.pass(50ms);
  loader.send(finish());
  EXPECT_EQ(loader.wait_halt().state, FH_STATE_FINISHED);
  EXPECT_EQ(new_resets(), 0U);
}

TEST_P(Watchdog, IsFedAtTheClockOfHsi) {
  Loader slow(board, {.clock_hz = 8'000'000});
  slow.start();
  ASSERT_TRUE(slow.execute(crc({{flash_start, 4096}})));
  ASSERT_TRUE(slow.execute(program(flash_start, pattern(1024))));
  ASSERT_TRUE(slow.execute(erase(flash_start + 4096, 1024)));
  EXPECT_EQ(new_resets(), 0U);
}

TEST_P(Watchdog, IsFedWithoutACrcUnit) {
  loader.parameters().crc = 0;
  loader.start();
  ASSERT_TRUE(loader.execute(program(flash_start, pattern(1024))));
  ASSERT_TRUE(loader.execute(crc({{flash_start, 4096}})));
  EXPECT_EQ(new_resets(), 0U);
}

TEST_P(Watchdog, BitesWhenNobodyFeedsIt) {
  loader.parameters().idle = 0;
  loader.download();
  loader.go();
  board.pass(50ms);
  EXPECT_EQ(new_resets(), 1U);
  EXPECT_NE(board.word(rcc_csr) & iwdg_reset, 0U);
}

INSTANTIATE_TEST_SUITE_P(Periods, Watchdog, ::testing::Values(1, 10, 200));

}  // namespace
}  // namespace loader_test
