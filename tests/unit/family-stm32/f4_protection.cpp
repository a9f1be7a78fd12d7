#include "f4_board.hpp"

#include <gmock/gmock.h>

namespace {

using namespace flashhost;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// As the host does it.
void unprotect(fake::F4Board &board) {
  board.prepare();
  f4::unprotect(board.host, board.probe, board.chip, f4::protection(board.probe, board.chip));
}

TEST(F4Protection, NeighboursAreOneRange) {
  fake::F4Board board;
  board.probe.poke(f4::flash_optcr, 0x0FC7AAED);
  EXPECT_THAT(f4::protection(board.probe, board.chip).write,
              ElementsAre(MemoryRange{0x0800C000, 0x34000}));
}

TEST(F4Protection, EveryByteButTwoIsLevelOne) {
  fake::F4Board board;
  for (const std::uint32_t rdp : {0x00U, 0x55U, 0xFFU}) {
    board.probe.poke(f4::flash_optcr, 0x0FFF00ED | rdp << 8);
    const Protection found = f4::protection(board.probe, board.chip);
    EXPECT_TRUE(found.read && !found.permanent) << rdp;
    EXPECT_THAT(found.detail, HasSubstr("RDP level 1"));
  }
  board.probe.poke(f4::flash_optcr, 0x0FFFCCED);
  const Protection found = f4::protection(board.probe, board.chip);
  EXPECT_TRUE(found.read && found.permanent);
  EXPECT_THAT(found.detail, HasSubstr("RDP level 2"));
}

TEST(F4Protection, ProprietaryCodeProtectionInvertsTheBits) {
  fake::F4Board board("STM32F411CE");
  board.probe.poke(f4::flash_optcr, 0x8001AAED);
  const Protection found = f4::protection(board.probe, board.chip);
  EXPECT_THAT(found.write, ElementsAre(MemoryRange{0x08000000, 0x4000}));
  EXPECT_THAT(found.detail, HasSubstr("PCROP"));
  EXPECT_EQ(
      bench::error_of([&] { f4::unprotect(board.host, board.probe, board.chip, found); }).code(),
      Errc::locked);
  EXPECT_THAT(board.probe.writes, IsEmpty());
}

TEST(F4Unprotect, SetsEveryProtectionBitAndKeepsTheRest) {
  fake::F4Board board("STM32F429ZI");
  board.probe.poke(f4::flash_optcr, 0x0000AA8D);
  board.probe.poke(f4::flash_optcr1, 0x00000000);
  unprotect(board);
  EXPECT_EQ(board.probe.peek(f4::flash_optcr) & ~1U, 0x0FFFAA8CU);
  EXPECT_EQ(board.probe.peek(f4::flash_optcr1), 0x0FFF0000U);
  EXPECT_FALSE(board.options_open);
  EXPECT_THAT(board.host.warnings, IsEmpty());
  EXPECT_EQ(board.probe.resets, 1);
}

TEST(F4Unprotect, NeverWritesLevelTwo) {
  fake::F4Board board;
  board.probe.poke(f4::flash_optcr, 0x0FFF55ED);
  unprotect(board);
  for (const std::uint32_t value : board.written(f4::flash_optcr)) {
    EXPECT_EQ(value & 0xFF00, 0xAA00U);
  }
  EXPECT_THAT(board.host.warnings, ElementsAre(HasSubstr("erases the whole flash")));
}

TEST(F4Unprotect, LevelTwoIsFinal) {
  fake::F4Board board;
  board.probe.poke(f4::flash_optcr, 0x0FFFCCED);
  const Protection found = f4::protection(board.probe, board.chip);
  EXPECT_THROW(f4::unprotect(board.host, board.probe, board.chip, found), Error);
  EXPECT_THAT(board.probe.writes, IsEmpty());
}

TEST(F4Unprotect, OptionBytesThatStayLockedAreNamed) {
  fake::F4Board board;
  board.probe.poke(f4::flash_optcr, 0x0FFEAAED);
  board.option_keys_fit = false;
  EXPECT_THAT(bench::text_of(Errc::target, [&] { unprotect(board); }),
              HasSubstr("the register of the option bytes does not unlock"));
}

TEST(F4Boot, TheSecondBankBootsWhenToldAndWhenAProgramIsThere) {
  fake::F4Board board("STM32F429ZI");
  EXPECT_EQ(board.identified().boot_address, 0x08000000U);
  board.probe.poke(f4::flash_optcr, 0x0FFFAAFD);
  EXPECT_EQ(board.identified().boot_address, 0x08000000U);
  board.probe.poke(0x08100000, 0x10010000);  // a stack in CCM
  EXPECT_EQ(board.identified().boot_address, 0x08100000U);
}

TEST(F4Boot, TheSecondBankCountsThatOnlyTheBoardFileKnowsOf) {
  fake::F4Board board("STM32F429ZI");
  board.probe.poke(f4::size_register & ~3U, 512U << 16);
  board.probe.poke(f4::flash_optcr, 0x0FFFAAFD);
  board.probe.poke(0x08100000, 0x20010000);
  Chip chip = board.identified();
  EXPECT_EQ(chip.boot_address, 0x08000000U);
  const Nanoseconds half = chip.mass_erase_typical;
  set_flash_size(chip, 2048 * stm32::kib);
  f4::settle(board.probe, chip);
  EXPECT_EQ(chip.boot_address, 0x08100000U);
  EXPECT_EQ(chip.mass_erase_typical, 4 * half);
}

TEST(F4Boot, OneRefusedReadDecidesNothing) {
  fake::F4Board board("STM32F429ZI");
  board.probe.poke(f4::flash_optcr, 0x0FFFAAFD);
  board.probe.poke(0x08100000, 0x20010000);
  int refusals = 2;
  const auto read = board.probe.on_read;
  board.probe.on_read = [&](std::uint32_t address) {
    if (address == f4::flash_optcr && refusals-- > 0) throw Error(Errc::memory_fault, "refused");
    return read(address);
  };
  Chip chip = board.chip;
  f4::settle(board.probe, chip);
  EXPECT_EQ(chip.boot_address, 0x08100000U);
  refusals = 3;
  EXPECT_THROW(f4::settle(board.probe, chip), Error);
}

}  // namespace
