#include "f1_board.hpp"
#include "loaders/f1/f1.inc"

#include <gmock/gmock.h>

#include <functional>

namespace {

using namespace flashhost;
using testing::ElementsAre;
using testing::HasSubstr;

class F1Direct : public testing::Test {
 protected:
  void prepare(fake::F1Board &target) {
    UndoLog undo;
    f1::prepare(target.host, target.probe, target.chip, undo);
  }
  void program(std::uint32_t address, const Bytes &data) {
    f1::program(board.host, board.probe, board.chip, address, data);
  }
  static std::string failure_of(const std::function<void()> &action) {
    try {
      action();
    } catch (const Error &error) {
      EXPECT_EQ(error.code(), Errc::flash);
      return std::string(error.what()) + " | " + error.hint();
    }
    return "nothing was thrown";
  }

  fake::F1Board board;
};

TEST_F(F1Direct, ErasesOnePageAndNoOther) {
  prepare(board);
  std::ranges::fill(board.flash(), std::uint8_t{0});
  f1::erase_sector(board.host, board.probe, board.chip, board.chip.sectors[3]);
  EXPECT_EQ(board.flash()[0xbff], 0);
  EXPECT_EQ(board.flash()[0xc00], 0xFF);
  EXPECT_EQ(board.flash()[0xfff], 0xFF);
  EXPECT_EQ(board.flash()[0x1000], 0);
  EXPECT_EQ(board.banks[0].control, 0U);
}

TEST_F(F1Direct, AProtectedPageIsNamed) {
  prepare(board);
  board.protected_page = 0x08000C00;
  const std::string message = failure_of(
      [&] { f1::erase_sector(board.host, board.probe, board.chip, board.chip.sectors[3]); });
  EXPECT_THAT(message, HasSubstr("erasing the page at 0x08000c00 failed: WRPRTERR"));
  EXPECT_EQ(board.banks[0].control, 0U);
}

TEST_F(F1Direct, ASlowEraseIsWarnedAboutAndCompleted) {
  prepare(board);
  board.banks[0].busy_after_start = 160;
  f1::erase_sector(board.host, board.probe, board.chip, board.chip.sectors[3]);
  EXPECT_THAT(board.host.warnings, ElementsAre(HasSubstr("datasheet's maximum of 40 ms")));
}

TEST_F(F1Direct, AStuckEraseIsNamedWithinABound) {
  prepare(board);
  board.banks[0].busy_after_start = 1'000'000;
  const Nanoseconds before = board.probe.clock;
  const std::string message = failure_of(
      [&] { f1::erase_sector(board.host, board.probe, board.chip, board.chip.sectors[3]); });
  EXPECT_THAT(message, HasSubstr("still busy after 240 ms"));
  EXPECT_LT(board.probe.clock - before, std::chrono::milliseconds(300));
}

TEST_F(F1Direct, ProgramsHalfwordByHalfword) {
  prepare(board);
  program(0x08000400, {1, 2, 0xFF, 0xFF, 3, 4});
  const auto &flash = board.flash();
  EXPECT_THAT(std::vector<std::uint8_t>(flash.begin() + 0x400, flash.begin() + 0x406),
              ElementsAre(1, 2, 0xFF, 0xFF, 3, 4));
  EXPECT_EQ(board.banks[0].control, 0U);
}

TEST_F(F1Direct, AHalfwordThatWasNotErasedIsNamed) {
  prepare(board);
  board.flash()[0x402] = 0x55;
  const std::string message = failure_of([&] { program(0x08000400, {1, 2, 3, 4}); });
  EXPECT_THAT(message, HasSubstr("programming at 0x08000402 failed: PGERR"));
  EXPECT_EQ(board.banks[0].control, 0U);
}

TEST_F(F1Direct, AHalfwordThatALineErrorMadeTheProbeWriteTwiceIsRight) {
  prepare(board);
  const auto once = board.probe.on_block_write;
  board.probe.on_block_write = [&](std::uint32_t address, std::span<const std::uint8_t> data) {
    return once(address, data) && once(address, data);
  };
  program(0x08000400, {1, 2, 3, 4});
  EXPECT_EQ(board.flash()[0x403], 4);
  EXPECT_EQ(board.banks[0].status & f1::sr_errors, 0U);
}

TEST_F(F1Direct, TheMassEraseLeavesEverythingBlank) {
  prepare(board);
  std::ranges::fill(board.flash(), std::uint8_t{0});
  f1::erase_all(board.host, board.probe, board.chip);
  EXPECT_TRUE(std::ranges::all_of(board.flash(), [](auto byte) { return byte == 0xFF; }));
}

TEST_F(F1Direct, TheSecondBankIsErasedAndProgrammedThroughItsOwnRegisters) {
  fake::F1Board xl("STM32F103ZG");
  prepare(xl);
  std::ranges::fill(xl.flash(), std::uint8_t{0});
  f1::erase_sector(xl.host, xl.probe, xl.chip, xl.chip.sectors[256]);
  EXPECT_EQ(xl.flash()[0x80000], 0xFF);
  EXPECT_EQ(xl.flash()[0x7FFFF], 0);
  f1::erase_all(xl.host, xl.probe, xl.chip);
  EXPECT_TRUE(std::ranges::all_of(xl.flash(), [](auto byte) { return byte == 0xFF; }));
  f1::program(xl.host, xl.probe, xl.chip, 0x0807FFFE, Bytes{1, 2, 3, 4});
  EXPECT_EQ(xl.flash()[0x7FFFE], 1);
  EXPECT_EQ(xl.flash()[0x80001], 4);
  EXPECT_EQ(xl.banks[0].control, 0U);
  EXPECT_EQ(xl.banks[1].control, 0U);
}

std::string explain(std::uint32_t status) {
  return explain_status(fake::described("STM32F103CB"), f1::flash_base, status);
}

TEST(F1Explain, EveryBitHasItsCause) {
  EXPECT_THAT(explain(f1::sr_pgerr), HasSubstr("was not erased"));
  EXPECT_THAT(explain(f1::sr_wrprterr), HasSubstr("write-protected"));
  EXPECT_THAT(explain(f1::sr_bsy), HasSubstr("still going on"));
  EXPECT_THAT(explain(f1::sr_eop), HasSubstr("without an error flag"));
  EXPECT_THAT(explain(0), HasSubstr("never started"));
  EXPECT_THAT(explain(0x80000000), HasSubstr("does not have"));
  EXPECT_THAT(explain(f1::sr_pgerr | f1::sr_wrprterr), HasSubstr("PGERR"));
  EXPECT_THAT(explain(f1::sr_pgerr | f1::sr_wrprterr), HasSubstr("(FLASH_SR 0x00000014)"));
}

TEST(F1Explain, WhatTheLoaderReturnsHasWords) {
  EXPECT_THAT(explain(f1_blob::status_clock), HasSubstr("HSI"));
  EXPECT_THAT(explain(f1_blob::status_locked), HasSubstr("stayed locked"));
  EXPECT_THAT(explain(f1_blob::status_alignment), HasSubstr("odd"));
  EXPECT_NE(explain(f1_blob::status_alignment), explain(f1_blob::status_clock));
}

TEST(F1Explain, TheSecondBankHasARegisterOfItsOwn) {
  fake::F1Board xl("STM32F103ZG");
  xl.banks[1].status = f1::sr_pgerr;
  EXPECT_EQ(read_status(xl.probe, xl.chip, f1::bank2_base - 1), 0U);
  EXPECT_EQ(read_status(xl.probe, xl.chip, f1::bank2_base), f1::sr_pgerr);
  EXPECT_THAT(explain_status(xl.chip, f1::bank2_base, f1::sr_pgerr),
              HasSubstr("(FLASH_SR2 0x00000004)"));
  EXPECT_TRUE(is_busy(xl.chip, f1::sr_bsy));
  EXPECT_FALSE(is_busy(xl.chip, f1::sr_eop));
}

}  // namespace
