#include "f1_board.hpp"

#include <gmock/gmock.h>

namespace {

using namespace flashhost;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using stm32::kib;

void protect(fake::F1Board &board, const std::vector<std::uint8_t> &options) {
  board.set_options(options);
  board.load_options();
}

// As the host does it; undone as after the reset that it makes.
void unprotect(fake::F1Board &board) {
  board.prepare();
  f1::unprotect(board.host, board.probe, board.chip, f1::protection(board.probe, board.chip));
  EXPECT_EQ(cortex_m::restore(board.probe, board.undo, true), "");
}

TEST(F1Protection, WriteProtectedUnitsAreNamedAsRanges) {
  fake::F1Board board;
  protect(board, {0xA5, 0xFF, 0xFF, 0xFF, 0xF9, 0xFF, 0xFF, 0x7F});
  const Protection found = f1::protection(board.probe, board.chip);
  EXPECT_FALSE(found.read);
  EXPECT_THAT(found.write,
              ElementsAre(MemoryRange{0x08001000, 8 * kib}, MemoryRange{0x0801F000, 4 * kib}));
  EXPECT_THAT(found.detail, HasSubstr("FLASH_WRPR 0x7ffffff9"));
}

TEST(F1Protection, TheLastUnitCoversAllThatIsLeft) {
  fake::F1Board board("STM32F103ZE");
  protect(board, {0xA5, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F});
  EXPECT_THAT(f1::protection(board.probe, board.chip).write,
              ElementsAre(MemoryRange{0x0801F000, 512 * kib - 124 * kib}));
}

TEST(F1Protection, UnitsBeyondTheFlashDoNotCount) {
  fake::F1Board board("STM32F103C8");
  protect(board, {0xA5, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x00, 0x00});
  EXPECT_FALSE(f1::protection(board.probe, board.chip).any());
}

TEST(F1Protection, ReadProtectionProtectsTheFirstPagesToo) {
  fake::F1Board board;
  protect(board, {0x00, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF});
  const Protection found = f1::protection(board.probe, board.chip);
  EXPECT_TRUE(found.read);
  EXPECT_FALSE(found.permanent);
  EXPECT_THAT(found.write, ElementsAre(MemoryRange{0x08000000, 4 * kib}));
  EXPECT_THAT(found.detail, HasSubstr("read protection is on"));
}

TEST(F1Unprotect, LiftsWriteProtectionAndKeepsUserAndDataBytes) {
  fake::F1Board board;
  protect(board, {0xA5, 0xFE, 0x12, 0x34, 0x00, 0x00, 0xFF, 0xFF});
  board.flash()[0] = 0x42;
  unprotect(board);
  EXPECT_THAT(board.option_bytes(), ElementsAre(0xA5, 0xFE, 0x12, 0x34, 0xFF, 0xFF, 0xFF, 0xFF));
  EXPECT_EQ(board.flash()[0], 0x42) << "write protection alone erases nothing";
  EXPECT_EQ(board.probe.resets, 1);
  EXPECT_TRUE(board.probe.halted);
  EXPECT_THAT(board.host.warnings, IsEmpty());
  EXPECT_FALSE(f1::protection(board.probe, board.chip).any());
}

TEST(F1Unprotect, LiftsReadProtectionAndSaysThatItErasesEverything) {
  fake::F1Board board;
  protect(board, {0x00, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF});
  board.flash()[0] = 0x42;
  unprotect(board);
  EXPECT_THAT(board.host.warnings, ElementsAre(HasSubstr("erases the whole flash")));
  EXPECT_EQ(board.option_bytes().front(), 0xA5);
  EXPECT_EQ(board.flash()[0], 0xFF);
}

TEST(F1Unprotect, ProgramsTheReadProtectionByteFirst) {
  fake::F1Board board;
  protect(board, {0xA5, 0xFF, 0xFF, 0xFF, 0x00, 0xFF, 0xFF, 0xFF});
  std::vector<std::uint32_t> order;
  const auto program = board.probe.on_block_write;
  board.probe.on_block_write = [&](std::uint32_t address, std::span<const std::uint8_t> data) {
    order.push_back(address);
    return program(address, data);
  };
  unprotect(board);
  ASSERT_EQ(order.size(), 8U);
  EXPECT_EQ(order.front(), f1::option_base);
}

TEST(F1Unprotect, LeavesTheDebugUnitAsItWas) {
  fake::F1Board board;
  protect(board, {0xA5, 0xFF, 0xFF, 0xFF, 0x00, 0xFF, 0xFF, 0xFF});
  board.probe.poke(f1::dbgmcu_cr, 0x20);
  unprotect(board);
  EXPECT_EQ(board.probe.peek(f1::dbgmcu_cr), 0x20U);
}

TEST(F1Unprotect, TouchesNothingWithoutHalfwordAccess) {
  fake::F1Board board;
  protect(board, {0x00, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF});
  board.probe.probe_info.halfword_access = false;
  const Protection found = f1::protection(board.probe, board.chip);
  EXPECT_THROW(f1::unprotect(board.host, board.probe, board.chip, found), Error);
  EXPECT_THAT(board.probe.writes, IsEmpty());
}

TEST(F1Boot, StartsInTheSecondBankWhenTheOptionSaysSo) {
  fake::F1Board board("STM32F103ZG");
  EXPECT_EQ(board.identified().boot_address, 0x08000000U);
  protect(board, {0xA5, 0xF7, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF});
  EXPECT_EQ(board.identified().boot_address, 0x08080000U);
}

TEST(F1Boot, TheSecondBankCountsThatOnlyTheBoardFileKnowsOf) {
  fake::F1Board board("STM32F103ZG");
  board.probe.poke(f1::size_register, 512);
  protect(board, {0xA5, 0xF7, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF});
  Chip chip = board.identified();
  EXPECT_EQ(chip.boot_address, 0x08000000U);
  set_flash_size(chip, 1024 * stm32::kib);
  f1::settle(board.probe, chip);
  EXPECT_EQ(chip.boot_address, 0x08080000U);
}

}  // namespace
