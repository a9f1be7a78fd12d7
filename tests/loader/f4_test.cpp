// The STM32F4 functions: widths, sectors, banks, clocks, caches, the controller's errors.
#include "loaders/f4/f4.inc"

#include "loader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace loader_test {
namespace {

namespace f4_blob = flashhost::f4_blob;

constexpr std::uint32_t acr = 0x40023C00, keyr = 0x40023C04, sr = 0x40023C0C, cr = 0x40023C10,
                        rcc = 0x40023800, pllcfgr = 0x40023804, cfgr = 0x40023808,
                        ahb1enr = 0x40023830;
constexpr std::uint32_t lock = 1U << 31, wrperr = 0x10, pll_ready = 1U << 25, strt = 1U << 16;
constexpr std::uint32_t caches = 7U << 8;
constexpr std::uint32_t sector5 = flash_start + 0x20000, large = 128 * 1024, small = 16 * 1024;

flashhost::machine::Config f4(std::string name = "STM32F407VG",
                              std::vector<std::string> faults = {}) {
  flashhost::machine::Config config = part(name);
  config.faults = std::move(faults);
  return config;
}

Setup with(Functions family) {
  Setup setup;
  setup.family = std::move(family);
  setup.look_every = 1ms;
  return setup;
}

void unlock(Board &board) {
  board.set_word(keyr, 0x45670123);
  board.set_word(keyr, 0xCDEF89AB);
}

Bytes at(Board &board, std::uint32_t address, std::size_t size) {
  const auto from = board.flash().begin() + (address - flash_start);
  return {from, from + static_cast<std::ptrdiff_t>(size)};
}

TEST(F4, InitRunsTheCoreAt60MegahertzFromHsiAndFinishUndoesIt) {
  Board board(f4());
  Loader loader(board, with(f4_functions()));
  board.set_word(acr, 5 | caches);
  const std::uint32_t trim = board.word(rcc) & 0xF8;
  loader.start();
  EXPECT_EQ(board.word(ahb1enr) & 1U << 12, 1U << 12);
  EXPECT_EQ(board.word(rcc) & 0xF8, trim);
  EXPECT_EQ(board.word(cfgr), 0x100AU);
  EXPECT_EQ(board.word(acr), 1U);
  EXPECT_EQ(board.word(cr), 0x200U);
  const auto from = board.target().now();
  const std::uint32_t heartbeat = loader.mailbox().heartbeat;
  board.pass(20ms);
  const double beats = loader.mailbox().heartbeat - heartbeat;
  EXPECT_NEAR(beats, static_cast<double>((board.target().now() - from).count()) / 20'000, 50);
  loader.send(finish());
  EXPECT_EQ(loader.wait_halt().state, FH_STATE_FINISHED);
  EXPECT_EQ(board.word(cr), lock);
  EXPECT_EQ(board.word(cfgr), 0U);
  EXPECT_EQ(board.word(rcc) & (pll_ready | 3), 3U);
  EXPECT_THAT(board.target().statistics().notes, ::testing::IsEmpty());
}

TEST(F4, InitStaysAtHsiWhenAskedTo) {
  Board board(f4());
  auto setup = with(f4_functions());
  setup.clock_hz = 16'000'000;
  Loader loader(board, setup);
  loader.start();
  EXPECT_EQ(board.word(cfgr), 0U);
  EXPECT_EQ(board.word(rcc) & pll_ready, 0U);
  ASSERT_TRUE(loader.execute(program(sector5, pattern(256))));
  EXPECT_EQ(at(board, sector5, 256), pattern(256));
}

TEST(F4, InitTakesOneMillisecond) {
  Board board(f4());
  Loader loader(board, with(f4_functions()));
  loader.download();
  const auto from = board.target().now();
  loader.go();
  EXPECT_TRUE(
      board.wait_for([&] { return board.word(loader.mailbox_address()) == FH_LOADER_MAGIC; }));
  EXPECT_LT(board.target().now() - from, 1ms);
}

TEST(F4, InitTakesOverFromAPllOfTheFirmware) {
  Board board(f4());
  Loader loader(board, with(f4_functions()));
  board.set_word(acr, 5);
  board.set_word(pllcfgr, 0x24001408 | 72U << 6);  // 16 / 8 * 72 / 2 = 72 MHz
  board.set_word(rcc, board.word(rcc) | 1U << 24);
  board.set_word(cfgr, 0x1002);
  ASSERT_TRUE(board.wait_for([&] { return (board.word(cfgr) & 0xC) == 8; }));
  loader.start();
  EXPECT_EQ(board.word(cfgr), 0x100AU);
  EXPECT_EQ(board.word(pllcfgr), 0x25011E08U);
}

TEST(F4, InitStartsHsiWhenFirmwareRanWithoutIt) {
  Board board(f4("STM32F407VG", {"hsi_off"}));
  Loader loader(board, with(f4_functions()));
  loader.start();
  EXPECT_EQ(board.word(rcc) & 3, 3U);
  EXPECT_EQ(board.word(cfgr), 0x100AU);
}

TEST(F4, InitWaitsForAnOperationOfTheFirmware) {
  Board board(f4());
  Loader loader(board, with(f4_functions()));
  loader.download();
  unlock(board);
  board.set_word(cr, 0x202);
  board.set_word(cr, 0x202 | strt);
  loader.go();
  EXPECT_FALSE(board.wait_for([&] { return loader.mailbox().magic == FH_LOADER_MAGIC; }, 200ms));
  EXPECT_TRUE(board.wait_for([&] { return loader.mailbox().magic == FH_LOADER_MAGIC; }));
  EXPECT_TRUE(loader.execute(program(sector5, pattern(64))));
}

TEST(F4, InitCopesWithAnUnlockedControllerAndWhatIsSetInIt) {
  for (const char *fault : {"stale_control_bits", "stale_errors"}) {
    Board board(f4("STM32F407VG", {fault}));
    Loader loader(board, with(f4_functions()));
    loader.start();
    EXPECT_EQ(board.word(cr), 0x200U) << fault;
    EXPECT_TRUE(loader.execute(program(sector5, pattern(64)))) << fault;
    EXPECT_TRUE(loader.execute(erase(flash_start, small))) << fault;
    loader.send(finish());
    EXPECT_EQ(loader.wait_halt().state, FH_STATE_FINISHED) << fault;
    EXPECT_EQ(board.word(cr), lock) << fault;
  }
}

TEST(F4, AControllerThatIsLockedUntilResetIsNamed) {
  Board board(f4("STM32F407VG", {"fpec_locked_until_reset"}));
  Loader loader(board, with(f4_functions()));
  loader.download();
  loader.go();
  const fh_mailbox mailbox = loader.wait_halt();
  EXPECT_EQ(mailbox.error, FH_ERROR_INIT);
  EXPECT_EQ(mailbox.error_status, f4_blob::status_locked);
}

class F4Width : public ::testing::TestWithParam<std::uint32_t> {
 protected:
  [[nodiscard]] static std::string supply() {
    return GetParam() == 4 ? "voltage=3300" : GetParam() == 2 ? "voltage=2400" : "voltage=1900";
  }
  Board board{f4("STM32F407VG", {supply()})};
  Loader loader{board, with(f4_functions(GetParam()))};
};

TEST_P(F4Width, ProgramsInUnitsOfThatWidthAndSkipsErasedOnes) {
  loader.start();
  Bytes data = pattern(96);
  std::fill_n(data.begin() + 16, 48, std::uint8_t{0xFF});
  ASSERT_TRUE(loader.execute(program(sector5 + 32, data)));
  EXPECT_EQ(at(board, sector5 + 32, 96), data);
  EXPECT_EQ(board.target().statistics().programmed_units, 48 / GetParam());
  EXPECT_TRUE(all(at(board, sector5, 32), 0xFF));
  EXPECT_EQ(board.word(cr), (GetParam() / 2) << 8);
}

TEST_P(F4Width, ErasesInTheTimeOfThatWidth) {
  loader.start();
  const auto from = board.target().now();
  ASSERT_TRUE(loader.execute(erase(sector5, large)));
  const Time typical = GetParam() == 4 ? 1000ms : GetParam() == 2 ? 1300ms : 2000ms;
  EXPECT_GE(board.target().now() - from, typical);
  EXPECT_LE(board.target().now() - from, typical + 50ms);
}

TEST_P(F4Width, RefusesWhatIsNoWholeUnit) {
  if (GetParam() == 1) {
    loader.start();
    ASSERT_TRUE(loader.execute(program(sector5 + 1, pattern(7))));
    EXPECT_EQ(at(board, sector5 + 1, 7), pattern(7));
    return;
  }
  const std::uint32_t half = GetParam() / 2;
  for (const auto &[address, size] :
       {std::pair{sector5 + half, GetParam()}, std::pair{sector5, GetParam() + half}}) {
    loader.start();
    const fh_mailbox mailbox = loader.fail(program(address, pattern(size)));
    EXPECT_EQ(mailbox.error_status, f4_blob::status_alignment);
    EXPECT_EQ(board.target().statistics().programmed_units, 0U);
  }
}

TEST_P(F4Width, StaysWithinWhatTheSupplyAllows) {
  loader.start();
  ASSERT_TRUE(loader.execute(erase(flash_start, small)));
  ASSERT_TRUE(loader.execute(program(flash_start, pattern(1024))));
  ASSERT_TRUE(loader.execute(crc({{flash_start, large}})));
  EXPECT_THAT(board.target().statistics().notes, ::testing::IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Widths, F4Width, ::testing::Values(1, 2, 4));

struct MapCase {
  const char *name;
  const char *part;
  std::vector<std::string> faults;
  Banks banks;
  std::vector<std::uint32_t> sizes;  // of the sectors, in KiB
};

class F4Sectors : public ::testing::TestWithParam<MapCase> {
 protected:
  // How long it takes is for other tests.
  [[nodiscard]] static flashhost::machine::Config config() {
    flashhost::machine::Config quick = f4(GetParam().part, GetParam().faults);
    quick.rules_off = {"f4_busy_time"};
    return quick;
  }
};

TEST_P(F4Sectors, EachIsErasedAndNoOther) {
  Board board(config());
  Loader loader(board, with(f4_functions(4, GetParam().banks)));
  std::ranges::fill(board.flash(), std::uint8_t{0});
  loader.start();
  std::uint32_t offset = 0;
  for (const std::uint32_t kibibytes : GetParam().sizes) {
    const std::uint32_t size = kibibytes * 1024;
    ASSERT_TRUE(loader.execute(erase(flash_start + offset, size))) << offset;
    offset += size;
    ASSERT_TRUE(offset == board.flash_size() || board.flash()[offset] == 0) << offset;
  }
  EXPECT_EQ(offset, board.flash_size());
  EXPECT_EQ(board.target().statistics().page_erases, GetParam().sizes.size());
  EXPECT_THAT(board.target().statistics().notes, ::testing::IsEmpty());
}

TEST_P(F4Sectors, EraseAllClearsThemAll) {
  Board board(config());
  Loader loader(board, with(f4_functions(4, GetParam().banks)));
  board.flash().front() = board.flash().back() = 0;
  loader.start();
  const std::uint32_t sequence = loader.send(erase_all(board.flash_size()));
  ASSERT_TRUE(loader.wait_done(sequence, 30s));
  EXPECT_TRUE(all(board.flash(), 0xFF));
  EXPECT_EQ(board.target().statistics().mass_erases, 1U);
}

const std::vector<std::uint32_t> one_megabyte{16,  16,  16,  16,  64,  128,
                                              128, 128, 128, 128, 128, 128};
const std::vector<std::uint32_t> half_megabyte{16, 16, 16, 16, 64, 128, 128, 128};

std::vector<std::uint32_t> twice(std::vector<std::uint32_t> sizes) {
  const std::vector<std::uint32_t> once = sizes;
  sizes.insert(sizes.end(), once.begin(), once.end());
  return sizes;
}

INSTANTIATE_TEST_SUITE_P(
    Maps, F4Sectors,
    ::testing::Values(
        MapCase{"F407VG", "STM32F407VG", {}, Banks::one, one_megabyte},
        MapCase{"F413ZH",
                "STM32F413ZH",
                {},
                Banks::one,
                {16, 16, 16, 16, 64, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128}},
        MapCase{"F410C8", "STM32F410C8", {}, Banks::one, {16, 16, 16, 16}},
        MapCase{"F429ZI", "STM32F429ZI", {}, Banks::two_of_1m, twice(one_megabyte)},
        MapCase{"F429ZG", "STM32F429ZG", {}, Banks::one, one_megabyte},
        MapCase{
            "F429ZG_dual", "STM32F429ZG", {"dual_bank"}, Banks::two_of_512k, twice(half_megabyte)}),
    [](const auto &param) { return param.param.name; });

TEST(F4, AProtectedSectorIsReportedAsWrperr) {
  for (const Command &command : {erase(sector5, large), program(sector5, pattern(8))}) {
    Board board(f4("STM32F407VG", {"write_protected=5"}));
    Loader loader(board, with(f4_functions()));
    if (command.op == FH_OP_ERASE) board.flash()[0x20000] = 0x11;
    loader.start();
    const fh_mailbox mailbox = loader.fail(command);
    EXPECT_EQ(mailbox.error, command.op == FH_OP_ERASE ? FH_ERROR_ERASE : FH_ERROR_PROGRAM);
    EXPECT_EQ(mailbox.error_status, wrperr);
    EXPECT_EQ(mailbox.error_address, sector5);
    EXPECT_EQ(board.word(cr), 0x200U);
  }
}

TEST(F4, AnErrorOfTheLastOperationDoesNotKeepTheNextFromStarting) {
  for (const Command &command : {erase(sector5, large), program(sector5 + 64, pattern(8))}) {
    Board board(f4());
    Loader loader(board, with(f4_functions()));
    loader.start();
    board.halt();
    board.set_word(sector5, 0);  // without PG
    ASSERT_EQ(board.word(sr), 0x80U);
    board.run();
    EXPECT_TRUE(loader.execute(command));
  }
}

TEST(F4, AWordThatIsNotErasedIsFoundByComparing) {
  Board board(f4());
  Loader loader(board, with(f4_functions()));
  board.flash()[0x20000 + 21] = 0;
  loader.start();
  const fh_mailbox mailbox = loader.fail(program(sector5, pattern(64)));
  EXPECT_EQ(mailbox.error, FH_ERROR_COMPARE);
  EXPECT_EQ(mailbox.error_address, sector5 + 20);
}

TEST(F4, AWordThatDoesNotEraseIsNamed) {
  Board board(f4("STM32F407VG", {"bad_erase=0x08000810"}));
  Loader loader(board, with(f4_functions()));
  std::ranges::copy(pattern(4096), board.flash().begin());
  loader.start();
  const fh_mailbox mailbox = loader.fail(erase(flash_start, small));
  EXPECT_EQ(mailbox.error, FH_ERROR_NOT_BLANK);
  EXPECT_EQ(mailbox.error_address, flash_start + 0x810);
}

// movs r0, #1 | bkpt #0, and what it is replaced by: movs r0, #0.
constexpr std::uint32_t old_code = 0xBE002001, new_code = 0xBE002000;

std::uint32_t call(Board &board, std::uint32_t address) {
  board.set_core_register(reg_pc, address);
  board.set_core_register(reg_xpsr, 0x01000000);
  board.set_word(dfsr, 0x1F);
  board.run();
  EXPECT_TRUE(board.wait_for([&] { return board.halted(); }));
  return board.core_register(0);
}

TEST(F4, WhatTheCachesHeldDoesNotRunAfterwards) {
  Bytes image(0x20004, 0xFF);
  std::ranges::copy(bytes_of({&old_code, 1}), image.begin() + 0x20000);
  flashhost::machine::Config config = f4();
  config.firmware_runs = false;
  Board board(config, image);
  board.pass(10ms);
  ASSERT_EQ(board.target().connect(), flashhost::machine::Ack::ok);
  board.halt();
  board.set_word(acr, caches);
  EXPECT_EQ(call(board, sector5), 1U);
  Loader loader(board, with(f4_functions()));
  loader.start();
  ASSERT_TRUE(loader.execute(erase(sector5, large)));
  const Bytes code = bytes_of({&new_code, 1});
  ASSERT_TRUE(loader.execute(program(sector5, code)));
  Bytes padded = code;
  padded.resize(large, 0xFF);
  const std::uint32_t sequence = loader.send(crc({{sector5, large}}));
  ASSERT_TRUE(loader.wait_done(sequence));
  EXPECT_EQ(loader.results(sequence, 1)[0].value, crc_of(padded));
  loader.send(finish());
  (void)loader.wait_halt();
  board.set_word(acr, caches);
  EXPECT_EQ(call(board, sector5), 0U);
}

TEST(F4, TheWatchdogIsFedAtItsShortestPeriod) {
  Board board(f4());
  Loader loader(board, with(f4_functions()));
  board.set_word(iwdg, 0xCCCC);
  board.set_word(iwdg, 0x5555);
  board.set_word(iwdg + 4, 0);
  board.set_word(iwdg + 8, 0);
  EXPECT_TRUE(board.wait_for([&] { return board.word(iwdg + 12) == 0; }));
  board.set_word(iwdg, 0xAAAA);
  const auto resets = board.target().statistics().system_resets;
  loader.start();
  ASSERT_TRUE(loader.execute(erase(sector5, large)));
  ASSERT_TRUE(loader.execute(program(sector5, pattern(1024))));
  ASSERT_TRUE(loader.execute(program(sector5 + 4096, Bytes(1024, 0xFF))));
  ASSERT_TRUE(loader.execute(crc({{flash_start, 64 * 1024}})));
  loader.send(finish());
  EXPECT_EQ(loader.wait_halt().state, FH_STATE_FINISHED);
  EXPECT_EQ(board.target().statistics().system_resets, resets);
}

TEST(F4, TheHeartbeatMovesWhileTheFlashIsBusy) {
  Board board(f4());
  Loader loader(board, with(f4_functions()));
  loader.start();
  loader.send(erase(sector5, large));
  board.pass(10ms);
  const auto from = board.target().now();
  const std::uint32_t heartbeat = loader.mailbox().heartbeat;
  board.pass(100ms);
  const double beats = loader.mailbox().heartbeat - heartbeat;
  EXPECT_NEAR(beats, static_cast<double>((board.target().now() - from).count()) / 20'000, 100);
  EXPECT_EQ(loader.mailbox().done, 0U);
}

TEST(F4, ProgrammingTakesAtMostEightPercentMoreThanTheFlash) {
  Board board(f4());
  auto setup = with(f4_functions());
  setup.slot_count = 16;
  setup.look_every = 20us;
  Loader loader(board, setup);
  loader.start();
  // Waits in a command of its own, until all blocks are there.
  std::uint32_t sequence = loader.send(erase(sector5, large));
  constexpr std::uint32_t blocks = 14;
  for (std::uint32_t i = 0; i < blocks; ++i) {
    sequence = loader.send(program(sector5 + 1024 * i, pattern(1024, i)));
  }
  ASSERT_TRUE(loader.wait_done(1));
  const auto from = board.target().now();
  ASSERT_TRUE(loader.wait_done(sequence));
  const double took = static_cast<double>((board.target().now() - from).count()) / 1000;
  const double flash = 16.0 * 256 * blocks;
  EXPECT_LE(took, 1.08 * flash) << (took - flash) / (256 * blocks) << " us per word";
}

TEST(F4, FourHundredKibibytesAreCheckedInAHundredMilliseconds) {
  Board board(f4());
  Loader loader(board, with(f4_functions()));
  loader.replace(&fh_parameters::erase_chip, {0x00, 0x20, 0x70, 0x47});  // movs r0, #0; bx lr
  loader.start();
  for (const auto &command : {crc({{flash_start, 400 * 1024}}), erase_all(400 * 1024)}) {
    const auto from = board.target().now();
    ASSERT_TRUE(loader.execute(command));
    EXPECT_LE(board.target().now() - from, 100ms);
  }
}

}  // namespace
}  // namespace loader_test
