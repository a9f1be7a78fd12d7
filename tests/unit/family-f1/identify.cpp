#include "f1_board.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace {

using namespace flashhost;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::uint32_t kib = 1024;
constexpr std::ptrdiff_t second_half = 0x10000;  // of 128 KiB

TEST(F1Identify, AnUnnamedChipIsKnownByItsRegisters) {
  fake::F1Board board;
  const Chip chip = fake::identified(board.probe);
  EXPECT_EQ(chip.name, "STM32F103xB");
  EXPECT_EQ(chip.device_id, 0x410U);
  EXPECT_EQ(chip.flash.size, 128 * kib);
  EXPECT_EQ(chip.ram.size, 16 * kib) << "an F101 of this size has no more";
  EXPECT_EQ(chip.unique_id.size(), 12U);
  EXPECT_THAT(chip.remarks, IsEmpty());
  EXPECT_THAT(board.probe.writes, IsEmpty());
}

TEST(F1Identify, OtherCoresAndOtherDiesAreNotClaimed) {
  fake::F1Board board;
  board.probe.poke(cortex_m::cpuid, 0x410FC241);
  EXPECT_FALSE(f1::identify(board.probe).chip);
  board.probe.poke(cortex_m::cpuid, 0x411FC231);
  board.probe.poke(f1::dbgmcu_idcode, 0x10006411);
  EXPECT_FALSE(f1::identify(board.probe).chip);
  for (const std::uint32_t idcode : {0x13030410U, 0x17040410U, 0x19060410U, 0x19090410U}) {
    board.probe.poke(f1::dbgmcu_idcode, idcode);
    EXPECT_FALSE(f1::identify(board.probe).chip) << hex(idcode);
  }
  board.probe.regions.erase(0xE0042000);
  EXPECT_FALSE(f1::identify(board.probe).chip);
}

TEST(F1Identify, ALostConnectionIsNotTakenForAnotherChip) {
  fake::F1Board board;
  board.probe.failure = Error(Errc::probe, "unplugged");
  EXPECT_THROW((void)f1::identify(board.probe), Error);
}

class F1BadSizeRegister : public testing::TestWithParam<std::uint32_t> {};

TEST_P(F1BadSizeRegister, MeansTheSmallestOfTheLineWhenFlashIsBlank) {
  fake::F1Board board;
  board.probe.poke(f1::size_register, GetParam());
  const Chip chip = fake::identified(board.probe);
  EXPECT_EQ(chip.flash.size, 64 * kib);
  EXPECT_EQ(chip.size_doubt, (SizeDoubt{fmt::format("the flash size register reads 0x{:04x}, which "
                                                    "is no size of a medium density STM32F1",
                                                    GetParam()),
                                        "the smallest of the line"}));
}

INSTANTIATE_TEST_SUITE_P(Garbage, F1BadSizeRegister,
                         testing::Values(0U, 0xFFFFU, 0x2D28U, 129U, 85U, 3U));

TEST(F1Identify, FlashBeyondTheSmallestSizeIsUsedWhenItDiffersFromWhatIsBelow) {
  fake::F1Board board("STM32F103CB");
  board.probe.poke(f1::size_register, 0x2D28);
  for (std::size_t i = 0; i < 4096; ++i) board.flash()[i] = static_cast<std::uint8_t>(i * 7);
  const Chip chip = fake::identified(board.probe);
  EXPECT_EQ(chip.flash.size, 128 * kib);
  EXPECT_THAT(chip.size_doubt.value_or(SizeDoubt{}).basis,
              HasSubstr("largest that was seen to answer"));
}

TEST(F1Identify, FlashThatMirrorsALowerAddressIsNotUsed) {
  fake::F1Board board("STM32F103CB");
  board.probe.poke(f1::size_register, 0x2D28);
  auto &flash = board.flash();
  for (std::size_t i = 0; i < 4096; ++i) flash[i] = static_cast<std::uint8_t>(i * 7);
  std::copy_n(flash.begin(), 64 * kib, flash.begin() + second_half);
  EXPECT_EQ(fake::identified(board.probe).flash.size, 64 * kib);
}

TEST(F1Identify, FlashThatDoesNotAnswerIsNotUsed) {
  fake::F1Board board("STM32F103C8");
  board.probe.poke(f1::size_register, 0x2D28);
  board.flash()[0] = 0;
  EXPECT_EQ(fake::identified(board.probe).flash.size, 64 * kib);
}

TEST(F1Identify, FlashThatReadsAsZerosThroughoutIsNotUsed) {
  fake::F1Board board("STM32F103CB");
  board.probe.poke(f1::size_register, 0x2D28);
  std::fill(board.flash().begin() + second_half, board.flash().end(), std::uint8_t{0});
  EXPECT_EQ(fake::identified(board.probe).flash.size, 64 * kib);
}

TEST(F1Identify, ACloneIsSuspectedInOneRemark) {
  fake::F1Board board;
  board.probe.probe_info.debug_port_id = 0x2BA01477;
  board.probe.poke(f1::dbgmcu_idcode, 0x77770410);
  const Chip chip = fake::identified(board.probe);
  EXPECT_EQ(chip.revision, 0x7777U);
  EXPECT_THAT(chip.remarks,
              ElementsAre("this may be a clone of the medium density STM32F1: its debug port id is "
                          "0x2ba01477 instead of 0x1ba01477 and its revision id 0x7777 is not one "
                          "of ST's (failure guide, \"A clone\")"));
}

TEST(F1Identify, AnUnknownDebugPortIsNoSign) {
  fake::F1Board board;
  board.probe.probe_info.debug_port_id.reset();
  EXPECT_THAT(fake::identified(board.probe).remarks, IsEmpty());
}

TEST(F1Identify, ACloneOfTheXlLineIsNotToBeErasedBeyondItsFirstBank) {
  fake::F1Board board("STM32F103ZG");
  EXPECT_FALSE(fake::identified(board.probe).size_limit);
  board.probe.poke(f1::dbgmcu_idcode, 0x77770430);
  const Chip chip = fake::identified(board.probe);
  EXPECT_EQ(chip.flash.size, 1024 * kib);
  EXPECT_EQ(chip.size_limit.value_or(SizeLimit{}).size, 512 * kib);
}

TEST(F1Identify, WhatTheAnswerGoesByIsToldInAnyCase) {
  fake::F1Board board("STM32F103ZE");
  EXPECT_EQ(f1::identify(board.probe).evidence, "DBGMCU_IDCODE 0x10000414");
  board.probe.poke(cortex_m::cpuid, 0x410FC241);
  board.probe.poke(f1::dbgmcu_idcode, 0x10076413);
  EXPECT_EQ(f1::identify(board.probe).evidence, "DBGMCU_IDCODE 0x10076413");
  board.probe.regions.erase(0xE0042000);
  EXPECT_EQ(f1::identify(board.probe).evidence, "DBGMCU_IDCODE cannot be read");
}

TEST(F1Identify, TheWholeDieIsToldSoThatMoreOfItCanBeUsed) {
  fake::F1Board board("STM32F103C8");
  Chip chip = fake::identified(board.probe);
  EXPECT_EQ(chip.sectors.size(), 64U);
  EXPECT_EQ(chip.die_sectors.size(), 128U);
  EXPECT_EQ(chip.die_flash_size, 128 * kib);
  EXPECT_THAT(wrong_flash_size(chip, 256 * kib).value_or(""),
              HasSubstr("the medium density STM32F1 holds at most 128 KiB"));
  set_flash_size(chip, 128 * kib);
  EXPECT_EQ(chip.sectors, chip.die_sectors);
}

TEST(F1Identify, AnImplausibleUniqueIdIsNone) {
  fake::F1Board board;
  for (const std::uint32_t word : {0U, 0xFFFFFFFFU, 0x12345678U}) {
    for (std::uint32_t i = 0; i < 3; ++i) board.probe.poke(f1::unique_id + 4 * i, word);
    EXPECT_THAT(fake::identified(board.probe).unique_id, IsEmpty());
  }
}

}  // namespace
