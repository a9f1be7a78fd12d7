#include "f1_board.hpp"

#include <gmock/gmock.h>

namespace {

using namespace flashhost;
using bench::text_and_hint_of;
using testing::ElementsAre;
using testing::HasSubstr;

class F1Direct : public testing::Test {
 protected:
  void program(std::uint32_t address, const Bytes &data) {
    f1::program(board.host, board.probe, board.chip, address, data);
  }

  fake::F1Board board;
};

TEST_F(F1Direct, ErasesOnePageAndNoOther) {
  board.prepare();
  std::ranges::fill(board.flash(), std::uint8_t{0});
  f1::erase_sector(board.host, board.probe, board.chip, board.chip.sectors[3]);
  EXPECT_EQ(board.flash()[0xbff], 0);
  EXPECT_EQ(board.flash()[0xc00], 0xFF);
  EXPECT_EQ(board.flash()[0xfff], 0xFF);
  EXPECT_EQ(board.flash()[0x1000], 0);
  EXPECT_EQ(board.controller.control, 0U);
}

TEST_F(F1Direct, ASlowEraseIsWarnedAboutAndCompleted) {
  board.prepare();
  board.controller.busy_after_start = 160;
  f1::erase_sector(board.host, board.probe, board.chip, board.chip.sectors[3]);
  EXPECT_THAT(board.host.warnings, ElementsAre(HasSubstr("datasheet's maximum of 40 ms")));
}

TEST_F(F1Direct, ProgramsHalfwordByHalfword) {
  board.prepare();
  program(0x08000400, {1, 2, 0xFF, 0xFF, 3, 4});
  const auto &flash = board.flash();
  EXPECT_THAT(std::vector<std::uint8_t>(flash.begin() + 0x400, flash.begin() + 0x406),
              ElementsAre(1, 2, 0xFF, 0xFF, 3, 4));
  EXPECT_EQ(board.controller.control, 0U);
}

TEST_F(F1Direct, AHalfwordThatWasNotErasedIsNamed) {
  board.prepare();
  board.flash()[0x402] = 0x55;
  EXPECT_THAT(text_and_hint_of(Errc::flash, [&] { program(0x08000400, {1, 2, 3, 4}); }),
              HasSubstr("programming at 0x08000402 failed: PGERR"));
  EXPECT_EQ(board.controller.control, 0U);
}

TEST_F(F1Direct, AHalfwordThatALineErrorMadeTheProbeWriteTwiceIsRight) {
  board.prepare();
  const auto once = board.probe.on_block_write;
  board.probe.on_block_write = [&](std::uint32_t address, std::span<const std::uint8_t> data) {
    return once(address, data) && once(address, data);
  };
  program(0x08000400, {1, 2, 3, 4});
  EXPECT_EQ(board.flash()[0x403], 4);
  EXPECT_EQ(board.controller.status & f1::sr_errors, 0U);
}

TEST_F(F1Direct, TheMassEraseLeavesEverythingBlank) {
  board.prepare();
  std::ranges::fill(board.flash(), std::uint8_t{0});
  f1::erase_all(board.host, board.probe, board.chip);
  EXPECT_TRUE(std::ranges::all_of(board.flash(), [](auto byte) { return byte == 0xFF; }));
}

TEST_F(F1Direct, TheSecondBankIsErasedAndProgrammedThroughItsOwnRegisters) {
  fake::F1Board xl("STM32F103ZG");
  xl.prepare();
  std::ranges::fill(xl.flash(), std::uint8_t{0});
  f1::erase_sector(xl.host, xl.probe, xl.chip, xl.chip.sectors[256]);
  EXPECT_EQ(xl.flash()[0x80000], 0xFF);
  EXPECT_EQ(xl.flash()[0x7FFFF], 0);
  f1::erase_all(xl.host, xl.probe, xl.chip);
  EXPECT_TRUE(std::ranges::all_of(xl.flash(), [](auto byte) { return byte == 0xFF; }));
  f1::program(xl.host, xl.probe, xl.chip, 0x0807FFFE, Bytes{1, 2, 3, 4});
  EXPECT_EQ(xl.flash()[0x7FFFE], 1);
  EXPECT_EQ(xl.flash()[0x80001], 4);
  EXPECT_EQ(xl.controller.control, 0U);
  EXPECT_EQ(xl.second_bank.control, 0U);
}

TEST(F1Explain, TheSecondBankHasARegisterOfItsOwn) {
  fake::F1Board xl("STM32F103ZG");
  xl.second_bank.status = f1::sr_pgerr;
  EXPECT_EQ(read_status(xl.probe, xl.chip, f1::bank2_base - 1), 0U);
  EXPECT_EQ(read_status(xl.probe, xl.chip, f1::bank2_base), f1::sr_pgerr);
  EXPECT_THAT(explain_status(xl.chip, f1::bank2_base, f1::sr_pgerr),
              HasSubstr("(FLASH_SR2 0x00000004)"));
  EXPECT_TRUE(is_busy(xl.chip, f1::sr_bsy));
  EXPECT_FALSE(is_busy(xl.chip, f1::sr_eop));
}

}  // namespace
