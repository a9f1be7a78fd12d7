#include "f1_board.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace {

using namespace flashhost;
using testing::HasSubstr;

using stm32::kib;
constexpr std::ptrdiff_t second_half = 0x10000;  // of 128 KiB

class F1BadSizeRegister : public testing::TestWithParam<std::uint32_t> {};

TEST_P(F1BadSizeRegister, MeansTheSmallestOfTheLineWhenFlashIsBlank) {
  fake::F1Board board;
  board.probe.poke(f1::size_register, GetParam());
  const Chip chip = board.identified();
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
  const Chip chip = board.identified();
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
  EXPECT_EQ(board.identified().flash.size, 64 * kib);
}

TEST(F1Identify, FlashThatDoesNotAnswerIsNotUsed) {
  fake::F1Board board("STM32F103C8");
  board.probe.poke(f1::size_register, 0x2D28);
  board.flash()[0] = 0;
  EXPECT_EQ(board.identified().flash.size, 64 * kib);
}

TEST(F1Identify, FlashThatReadsAsZerosThroughoutIsNotUsed) {
  fake::F1Board board("STM32F103CB");
  board.probe.poke(f1::size_register, 0x2D28);
  std::fill(board.flash().begin() + second_half, board.flash().end(), std::uint8_t{0});
  EXPECT_EQ(board.identified().flash.size, 64 * kib);
}

TEST(F1Identify, ACloneOfTheXlLineIsNotToBeErasedBeyondItsFirstBank) {
  fake::F1Board board("STM32F103ZG");
  EXPECT_FALSE(board.identified().size_limit);
  board.probe.poke(f1::dbgmcu_idcode, 0x77770430);
  const Chip chip = board.identified();
  EXPECT_EQ(chip.flash.size, 1024 * kib);
  EXPECT_EQ(chip.size_limit.value_or(SizeLimit{}).size, 512 * kib);
}

TEST(F1Identify, TheWholeDieIsToldSoThatMoreOfItCanBeUsed) {
  fake::F1Board board("STM32F103C8");
  Chip chip = board.identified();
  EXPECT_EQ(chip.sectors.size(), 64U);
  EXPECT_EQ(chip.die_sectors.size(), 128U);
  EXPECT_EQ(chip.die_flash_size, 128 * kib);
  EXPECT_THAT(wrong_flash_size(chip, 256 * kib).value_or(""),
              HasSubstr("the medium density STM32F1 holds at most 128 KiB"));
  set_flash_size(chip, 128 * kib);
  EXPECT_EQ(chip.sectors, chip.die_sectors);
}

}  // namespace
