#include "f1_board.hpp"

#include <gmock/gmock.h>

#include <functional>

namespace {

using namespace flashhost;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::uint32_t kib = 1024;
constexpr std::ptrdiff_t second_half = 0x10000;  // of 128 KiB

IdentifyOptions expecting(const char *part) {
  return {f1::describe(part), {}};
}

Error target_error(const std::function<void()> &action) {
  try {
    action();
  } catch (const Error &error) {
    EXPECT_EQ(error.code(), Errc::target);
    return error;
  }
  return {Errc::internal, "nothing was thrown"};
}

TEST(F1Identify, AnUnnamedChipIsKnownByItsRegisters) {
  fake::F1Board board;
  const Chip chip = fake::identified(board.probe, {});
  EXPECT_EQ(chip.name, "STM32F103xB");
  EXPECT_EQ(chip.device_id, 0x410U);
  EXPECT_EQ(chip.flash.size, 128 * kib);
  EXPECT_EQ(chip.ram.size, 16 * kib) << "an F101 of this size has no more";
  EXPECT_EQ(chip.unique_id.size(), 12U);
  EXPECT_THAT(chip.remarks, IsEmpty());
  EXPECT_THAT(board.probe.writes, IsEmpty());
}

TEST(F1Identify, ANamedChipKeepsItsNameAndItsSram) {
  fake::F1Board board;
  const Chip chip = fake::identified(board.probe, expecting("STM32F103CBT6"));
  EXPECT_EQ(chip.name, "STM32F103CB");
  EXPECT_EQ(chip.ram.size, 20 * kib);
}

TEST(F1Identify, OtherCoresAndOtherDiesAreNotClaimed) {
  fake::F1Board board;
  board.probe.poke(cortex_m::cpuid, 0x410FC241);
  EXPECT_FALSE(f1::identify(board.probe, {}));
  board.probe.poke(cortex_m::cpuid, 0x411FC231);
  board.probe.poke(f1::dbgmcu_idcode, 0x10006411);
  EXPECT_FALSE(f1::identify(board.probe, {}));
  for (const std::uint32_t idcode : {0x13030410U, 0x17040410U, 0x19060410U, 0x19090410U}) {
    board.probe.poke(f1::dbgmcu_idcode, idcode);
    EXPECT_FALSE(f1::identify(board.probe, {})) << hex(idcode);
  }
  board.probe.regions.erase(0xE0042000);
  EXPECT_FALSE(f1::identify(board.probe, {}));
}

TEST(F1Identify, ALostConnectionIsNotTakenForAnotherChip) {
  fake::F1Board board;
  board.probe.failure = Error(Errc::probe, "unplugged");
  EXPECT_THROW((void)f1::identify(board.probe, {}), Error);
}

TEST(F1Identify, AnotherDieThanTheBoardFileSaysIsNamed) {
  fake::F1Board board("STM32F103ZE");
  const Error error =
      target_error([&] { (void)f1::identify(board.probe, expecting("STM32F103CB")); });
  EXPECT_STREQ(error.what(),
               "the board file names STM32F103CB (device id 0x410), but the chip is an STM32F1 of "
               "the high density (DBGMCU_IDCODE 0x10000414)");
  EXPECT_THAT(error.hint(), HasSubstr("Nothing was changed"));
}

TEST(F1Identify, AChipOfAnotherFamilyThanTheBoardFileSaysIsNamed) {
  fake::F1Board board;
  board.probe.poke(cortex_m::cpuid, 0x410FC241);
  board.probe.poke(f1::dbgmcu_idcode, 0x10076413);
  const Error error =
      target_error([&] { (void)f1::identify(board.probe, expecting("STM32F103CB")); });
  EXPECT_THAT(error.what(), HasSubstr("but the chip is no STM32F1 (DBGMCU_IDCODE 0x10076413)"));
}

TEST(F1Identify, AnotherFamilysExpectationIsNotJudged) {
  fake::F1Board board("STM32F103ZE");
  Chip other = fake::described("STM32F103CB");
  other.name = "SOMETHING ELSE";
  const IdentifyOptions options{other, {}};
  EXPECT_NO_THROW((void)f1::identify(board.probe, options));
}

TEST(F1Identify, LessFlashThanTheBoardFileSaysIsAnError) {
  fake::F1Board board("STM32F103C8");
  const Error error =
      target_error([&] { (void)f1::identify(board.probe, expecting("STM32F103CB")); });
  EXPECT_STREQ(
      error.what(),
      "the board file names STM32F103CB with 128 KiB of flash, but the chip reports 64 KiB");
  EXPECT_THAT(error.hint(), HasSubstr("flash_size = \"128K\""));
}

TEST(F1Identify, MoreFlashThanTheBoardFileSaysIsNotUsed) {
  fake::F1Board board("STM32F103CB");
  const Chip chip = fake::identified(board.probe, expecting("STM32F103C8"));
  EXPECT_EQ(chip.flash.size, 64 * kib);
  EXPECT_EQ(chip.die_flash_size, 128 * kib);
  EXPECT_THAT(chip.remarks, IsEmpty());
}

TEST(F1Identify, TheOverrideIsHonouredUpToWhatTheDieHolds) {
  fake::F1Board board("STM32F103C8");
  IdentifyOptions options = expecting("STM32F103C8");
  options.flash_size = 128 * kib;
  EXPECT_EQ(fake::identified(board.probe, options).flash.size, 128 * kib);
  for (const std::uint32_t size : {0U, 256 * kib, 1000U}) {
    options.flash_size = size;
    const Error error = target_error([&] { (void)f1::identify(board.probe, options); });
    EXPECT_THAT(error.what(), HasSubstr("cannot be right")) << size;
  }
}

class F1BadSizeRegister : public testing::TestWithParam<std::uint32_t> {};

TEST_P(F1BadSizeRegister, IsReplacedByThePartThatTheBoardFileNames) {
  fake::F1Board board;
  board.probe.poke(f1::size_register, GetParam());
  const Chip chip = fake::identified(board.probe, expecting("STM32F103CB"));
  EXPECT_EQ(chip.flash.size, 128 * kib);
  EXPECT_THAT(chip.remarks,
              ElementsAre(HasSubstr("taken as 128 KiB because the board file names")));
}

TEST_P(F1BadSizeRegister, WithoutANameMeansTheSmallestOfTheLineWhenFlashIsBlank) {
  fake::F1Board board;
  board.probe.poke(f1::size_register, GetParam());
  const Chip chip = fake::identified(board.probe, {});
  EXPECT_EQ(chip.flash.size, 64 * kib);
  EXPECT_THAT(chip.remarks, ElementsAre(HasSubstr("smallest of the line")));
}

TEST_P(F1BadSizeRegister, YieldsToTheOverrideWithoutARemark) {
  fake::F1Board board;
  board.probe.poke(f1::size_register, GetParam());
  const Chip chip = fake::identified(board.probe, {{}, 128 * kib});
  EXPECT_EQ(chip.flash.size, 128 * kib);
  EXPECT_THAT(chip.remarks, IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Garbage, F1BadSizeRegister,
                         testing::Values(0U, 0xFFFFU, 0x2D28U, 129U, 85U, 3U));

TEST(F1Identify, FlashBeyondTheSmallestSizeIsUsedWhenItDiffersFromWhatIsBelow) {
  fake::F1Board board("STM32F103CB");
  board.probe.poke(f1::size_register, 0x2D28);
  for (std::size_t i = 0; i < 4096; ++i) board.flash()[i] = static_cast<std::uint8_t>(i * 7);
  const Chip chip = fake::identified(board.probe, {});
  EXPECT_EQ(chip.flash.size, 128 * kib);
  EXPECT_THAT(chip.remarks, ElementsAre(HasSubstr("largest that was seen to answer")));
}

TEST(F1Identify, FlashThatMirrorsALowerAddressIsNotUsed) {
  fake::F1Board board("STM32F103CB");
  board.probe.poke(f1::size_register, 0x2D28);
  auto &flash = board.flash();
  for (std::size_t i = 0; i < 4096; ++i) flash[i] = static_cast<std::uint8_t>(i * 7);
  std::copy_n(flash.begin(), 64 * kib, flash.begin() + second_half);
  EXPECT_EQ(fake::identified(board.probe, {}).flash.size, 64 * kib);
}

TEST(F1Identify, FlashThatDoesNotAnswerIsNotUsed) {
  fake::F1Board board("STM32F103C8");
  board.probe.poke(f1::size_register, 0x2D28);
  board.flash()[0] = 0;
  EXPECT_EQ(fake::identified(board.probe, {}).flash.size, 64 * kib);
}

TEST(F1Identify, FlashThatReadsAsZerosThroughoutIsNotUsed) {
  fake::F1Board board("STM32F103CB");
  board.probe.poke(f1::size_register, 0x2D28);
  std::fill(board.flash().begin() + second_half, board.flash().end(), std::uint8_t{0});
  EXPECT_EQ(fake::identified(board.probe, {}).flash.size, 64 * kib);
}

TEST(F1Identify, ACloneIsSuspectedInOneRemark) {
  fake::F1Board board;
  board.probe.probe_info.debug_port_id = 0x2BA01477;
  board.probe.poke(f1::dbgmcu_idcode, 0x77770410);
  const Chip chip = fake::identified(board.probe, {});
  EXPECT_EQ(chip.revision, 0x7777U);
  EXPECT_THAT(chip.remarks,
              ElementsAre("this may be a clone of an STM32F1: its debug port id is 0x2ba01477 "
                          "instead of 0x1ba01477 and its revision id 0x7777 is not one of ST's for "
                          "the medium density (docs/failures.md, \"A clone\")"));
}

TEST(F1Identify, AnUnknownDebugPortIsNoSign) {
  fake::F1Board board;
  board.probe.probe_info.debug_port_id.reset();
  EXPECT_THAT(fake::identified(board.probe, {}).remarks, IsEmpty());
}

TEST(F1Identify, ACloneOfTheXlLineIsNotErasedBeyondItsFirstBank) {
  fake::F1Board board("STM32F103ZG");
  board.probe.poke(f1::dbgmcu_idcode, 0x77770430);
  EXPECT_EQ(fake::identified(board.probe, {}).flash.size, 512 * kib);
  EXPECT_EQ(fake::identified(board.probe, {{}, 1024 * kib}).flash.size, 1024 * kib);
}

TEST(F1Identify, AnImplausibleUniqueIdIsNone) {
  fake::F1Board board;
  for (const std::uint32_t word : {0U, 0xFFFFFFFFU, 0x12345678U}) {
    for (std::uint32_t i = 0; i < 3; ++i) board.probe.poke(f1::unique_id + 4 * i, word);
    EXPECT_THAT(fake::identified(board.probe, {}).unique_id, IsEmpty());
  }
}

}  // namespace
