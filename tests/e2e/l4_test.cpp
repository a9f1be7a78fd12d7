// The job on boards with the L4 type flash: double words with an error correcting code, banks, the
// empty check, a second core.
#include "board.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <stdexcept>
#include <string>

namespace flashhost::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char *was_empty = "the flash was empty at power-on";

class L4Job : public Board {
 protected:
  void use(const std::string &part, std::size_t size, const std::string &faults = "") {
    chip = part;
    flash_size = size;
    settings = "run_time = \"0s\"\n";
    if (!faults.empty()) settings += "faults = [" + faults + "]\n";
  }
};

// By --json.
double seconds_of(const std::string &report) {
  const std::string key = "\"seconds\":";
  const auto at = report.find(key);
  if (at == std::string::npos) throw std::runtime_error("no time in " + report);
  return std::stod(report.substr(at + key.size()));
}

struct L4Image {
  const char *chip;
  std::size_t flash_kib, old_kib, new_kib;
  const char *fault = "";
};

class L4WholeImage : public L4Job, public ::testing::WithParamInterface<L4Image> {
 protected:
  L4WholeImage() {
    use(GetParam().chip, GetParam().flash_kib * kib, GetParam().fault);
    family = fmt::format("plugin = \"l4\"\nchip = \"{}\"\n", GetParam().chip);
    if (GetParam().old_kib != 0) put(0, firmware(GetParam().old_kib * kib, 1));
    image(0, firmware(GetParam().new_kib * kib - 301, 2));
  }
};

TEST_P(L4WholeImage, IsRightToTheByteAndDoneTheSecondTime) {
  const Outcome first = flashhost({"-v"});
  expect_done(first);
  EXPECT_THAT(first.err, AllOf(Not(HasSubstr("undefined on hardware")),
                               Not(HasSubstr("through the probe alone"))));
  const Outcome second = flashhost();
  expect_done(second);
  EXPECT_THAT(second.err, HasSubstr("nothing to do"));
}

INSTANTIATE_TEST_SUITE_P(
    Boards, L4WholeImage,
    ::testing::Values(L4Image{"STM32G071RB", 128, 128, 128}, L4Image{"STM32G031K8", 64, 64, 20},
                      L4Image{"STM32G0B1RE", 512, 300, 270},
                      L4Image{"STM32G0B1RE", 512, 300, 270, "\"swapped_banks\""},
                      L4Image{"STM32L432KC", 256, 100, 64}, L4Image{"STM32L476RG", 1024, 600, 530},
                      L4Image{"STM32L476RG", 1024, 600, 64, "\"boot_bank2\""},
                      L4Image{"STM32L4R5ZI", 2048, 64, 40},
                      L4Image{"STM32L4R5ZI", 2048, 64, 40, "\"single_bank\""},
                      L4Image{"STM32G474RE", 512, 300, 270},
                      L4Image{"STM32G474RE", 512, 300, 270, "\"single_bank\""},
                      L4Image{"STM32G474RC", 384, 256, 250, "\"single_bank\""},
                      L4Image{"STM32G431KB", 128, 128, 60}, L4Image{"STM32C031K6", 32, 32, 30},
                      L4Image{"STM32U083RC", 256, 64, 60}, L4Image{"STM32WB55RG", 1024, 64, 60},
                      L4Image{"STM32WLE5JC", 256, 64, 60}),
    [](const auto &one) {
      const std::string fault = one.param.fault;
      const std::string name = one.param.chip;
      return fault.empty() ? name : name + "_" + fault.substr(1, fault.size() - 2);
    });

struct L4Limit {
  const char *chip;
  std::size_t flash_kib, kib;
  double ratio;
};
class L4Time : public L4Job, public ::testing::WithParamInterface<L4Limit> {};

TEST_P(L4Time, PageByPageOverAnOldFirmwareIsLittleMoreThanTheFlashsOwnTime) {
  const auto &[part, flash_kib, image_kib, ratio] = GetParam();
  use(part, flash_kib * kib);
  flash_options = "erase = \"sectors\"\n";
  put(0, firmware(flash_kib * kib, 1));
  image(0, firmware(image_kib * kib, 2));
  const Outcome outcome = flashhost({"-v"});
  expect_done(outcome);
  EXPECT_LE(ratio_of(outcome.err), ratio) << outcome.err;
}

INSTANTIATE_TEST_SUITE_P(Boards, L4Time,
                         ::testing::Values(L4Limit{"STM32G071RB", 128, 128, 1.15},
                                           L4Limit{"STM32L476RG", 1024, 512, 1.10}),
                         [](const auto &one) { return std::string(one.param.chip); });

class L4Whole : public L4Job, public ::testing::WithParamInterface<bool> {};

TEST_P(L4Whole, AllOfAG071InLessThanItsDoubleWordsTakeOneByOne) {
  use("STM32G071RB", 128 * kib);
  if (GetParam()) put(0, firmware(128 * kib, 1));
  image(0, firmware(128 * kib, 2));
  const Outcome outcome = flashhost({"--json"});
  expect_done(outcome);
  EXPECT_LE(seconds_of(outcome.out), 1.45);
}

INSTANTIATE_TEST_SUITE_P(Before, L4Whole, ::testing::Bool(),
                         [](const auto &one) { return one.param ? "old_firmware" : "blank"; });

TEST_F(L4Job, ABlankChipIsToldThatItIsNotEmptyAnyMore) {
  for (const char *part : {"STM32G071RB", "STM32L432KC", "STM32C031K6", "STM32WB55RG"}) {
    SCOPED_TRACE(part);
    use(part, std::string(part) == "STM32C031K6"   ? 32 * kib
              : std::string(part) == "STM32G071RB" ? 128 * kib
              : std::string(part) == "STM32L432KC" ? 256 * kib
                                                   : 1024 * kib);
    image(0, firmware(8 * kib, 2));
    const Outcome outcome = flashhost();
    expect_done(outcome);
    EXPECT_THAT(outcome.err, HasSubstr(was_empty));
    std::filesystem::remove(directory.path() / "flash.bin");
  }
}

// A double word that lost power half-way, in a sector that the image covers in part.
TEST_F(L4Job, AWordThatCannotBeReadIsNamedAndItsSectorWrittenAgain) {
  use("STM32G071RB", 128 * kib, "\"torn_word=08000840\"");
  put(0, firmware(128 * kib, 1));
  image(0x900, firmware(256, 2));
  const Outcome outcome = flashhost();
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("0x08000840..0x08000847 cannot be read without error"),
                                 HasSubstr("of what is to be kept there, these bytes are lost"),
                                 HasSubstr("(failure guide, \"Words that lost power\")")));
  Bytes expected = wanted();
  std::fill_n(expected.begin() + 0x840, 8, std::uint8_t{0xFF});
  EXPECT_TRUE(flash() == expected);
}

// As an erase that was cut short leaves it: a third of the words of a page.
TEST_F(L4Job, ManyWordsThatCannotBeReadAreFoundSoonAndTheOthersKept) {
  constexpr std::uint32_t first = 0x800, end = 0x1000, step = 24, size = 8;
  std::string words;
  for (std::uint32_t at = first; at < end; at += step) {
    words += fmt::format("{}\"torn_word={:08X}\"", words.empty() ? "" : ", ", 0x08000000 + at);
  }
  use("STM32G071RB", 128 * kib, words);
  put(0, firmware(16 * kib, 1));
  image(0x900, firmware(256, 2));
  const Outcome outcome = flashhost({"--json"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_LE(seconds_of(outcome.out), 1.0);
  Bytes expected = wanted();
  for (std::uint32_t at = first; at < end; at += step) {
    if (at + size <= 0x900 || at >= 0xA00)
      std::fill_n(expected.begin() + at, size, std::uint8_t{0xFF});
  }
  EXPECT_TRUE(flash() == expected);
}

TEST_F(L4Job, AWordThatCannotBeReadIsWrittenAgainThoughItSeemsRight) {
  use("STM32G071RB", 128 * kib, "\"torn_word=08000840\"");
  put(0, firmware(16 * kib, 2));
  image(0, firmware(16 * kib, 2));
  const Outcome outcome = flashhost();
  expect_done(outcome);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("0x08000840..0x08000847 cannot be read without error"),
                                 Not(HasSubstr("are lost")), Not(HasSubstr("nothing to do"))));
}

TEST_F(L4Job, AWordOutsideTheImageThatCannotBeReadIsNamedAndLeftAlone) {
  use("STM32G071RB", 128 * kib, "\"torn_word=08010000\"");
  put(0, firmware(128 * kib, 1));
  image(0, firmware(16 * kib, 2));
  const Outcome outcome = flashhost();
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("0x08010000..0x08010007 cannot be read without error"),
                                 HasSubstr("outside the image and left alone")));
}

// What is read of the rest is put back.
TEST_F(L4Job, AWordOutsideTheImageThatCannotBeReadIsLostByAMassErase) {
  use("STM32G071RB", 128 * kib, "\"torn_word=08010000\"");
  put(0, firmware(128 * kib, 1));
  image(0, firmware(16 * kib - 301, 2));
  const Outcome outcome = flashhost({"-v", "--erase", "mass"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("0x08010000..0x08010007 cannot be read without error"),
                                 HasSubstr("of what is to be kept there, these bytes are lost"),
                                 HasSubstr("in 56 sectors outside the image are put back"),
                                 HasSubstr("so erase = \"auto\" is faster")));
  Bytes expected = wanted();
  std::fill_n(expected.begin() + 0x10000, 8, std::uint8_t{0xFF});
  EXPECT_TRUE(flash() == expected);
}

TEST_F(L4Job, VerifyDoesNotTakeAWordThatCannotBeReadForRight) {
  constexpr std::size_t size = 16 * kib - 301;
  image(0, firmware(size, 2));
  for (const char *torn : {"08000840", "08003e40"}) {  // in the piece that ends oddly, too
    for (const char *how : {"--quiet", "--fast"}) {
      SCOPED_TRACE(std::string(torn) + how);
      std::filesystem::remove(directory.path() / "flash.bin");
      use("STM32G071RB", 128 * kib, fmt::format("\"torn_word={}\"", torn));
      put(0, firmware(size, 2));
      const Outcome outcome = flashhost({"verify", how});
      EXPECT_EQ(outcome.exit_code, 9) << outcome.err;
      EXPECT_THAT(outcome.err, AllOf(HasSubstr(fmt::format("0x{}..0x", torn)),
                                     HasSubstr("cannot be read without error")));
    }
  }
}

TEST_F(L4Job, AWordThatOneBitIsWrongOfIsCorrectedAndNoTrouble) {
  use("STM32G071RB", 128 * kib, "\"ecc_single=08000840\"");
  put(0, firmware(16 * kib, 2));
  image(0, firmware(16 * kib, 2));
  const Outcome outcome = flashhost();
  expect_done(outcome);
  EXPECT_THAT(outcome.err, HasSubstr("nothing to do"));
}

TEST_F(L4Job, FlagsThatOthersLeftStopNothing) {
  for (const char *fault : {"\"stale_pgserr\"", "\"stale_errors\"", "\"optverr\""}) {
    SCOPED_TRACE(fault);
    use("STM32WB55RG", 1024 * kib, fault);
    put(0, firmware(16 * kib, 1));
    image(0, firmware(16 * kib, 2));
    for (const char *reset : {"run", "none"}) {
      flash_options = fmt::format("reset = \"{}\"\n", reset);
      expect_done(flashhost());
      std::filesystem::remove(directory.path() / "flash.bin");
    }
  }
}

// Any protected page makes the chip refuse a mass erase.
TEST_F(L4Job, APageOutsideTheImageThatIsProtectedIsNoReasonToFail) {
  use("STM32G071RB", 128 * kib, "\"write_protected=60\"");
  put(0, firmware(64 * kib, 1));
  image(0, firmware(64 * kib, 2));
  expect_done(flashhost());
}

TEST_F(L4Job, AMassEraseThatAProtectedPageForbidsIsRefusedForThatReason) {
  use("STM32G071RB", 128 * kib, "\"write_protected=60\"");
  put(0, firmware(64 * kib, 1));
  image(0, firmware(64 * kib, 2));
  flash_options = "erase = \"mass\"\n";
  const Outcome outcome = flashhost();
  expect_untouched(outcome, 6);
  EXPECT_THAT(outcome.err,
              AllOf(HasSubstr("while 0x0801e000..0x0801e7ff is protected against writing"),
                    HasSubstr("flashhost unprotect"), Not(HasSubstr("outside the image"))));
}

TEST_F(L4Job, ABankBeginsWhereTheChipsOwnSizeSaysAlsoForASmallerPart) {
  use("STM32G0B1RE", 512 * kib);
  put(0, firmware(512 * kib, 1));
  family = "plugin = \"l4\"\nchip = \"STM32G0B1RC\"\n";
  image(0x20000, firmware(4 * kib, 2));  // in the second half of what an RC has
  expect_done(flashhost());
}

TEST_F(L4Job, ReadSaysThatWhatItReadMayBeWrong) {
  use("STM32G071RB", 128 * kib, "\"torn_word=08000840\"");
  put(0, firmware(16 * kib, 2));
  const Outcome outcome = flashhost(
      {"read", "-o", (directory.path() / "out.bin").string(), "--range", "0x08000000:8K"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("0x08000840..0x08000847 cannot be read without error"));
}

TEST_F(L4Job, WhatBelongsToTheSecondCoreIsLeftAlone) {
  use("STM32WB55RG", 1024 * kib, "\"secure_from=200\"");
  put(0, firmware(16 * kib, 1));
  image(0, firmware(64 * kib, 2));
  const Outcome outcome = flashhost();
  expect_done(outcome);
  EXPECT_THAT(outcome.err, HasSubstr("the flash from 0x080c8000 on belongs to the second core"));
}

TEST_F(L4Job, AnImageThatReachesIntoTheSecondCoresFlashIsRefused) {
  use("STM32WB55RG", 1024 * kib, "\"secure_from=200\"");
  image(790 * kib, firmware(64 * kib, 2));
  const Outcome outcome = flashhost();
  expect_untouched(outcome, 4);
  EXPECT_THAT(outcome.err,
              AllOf(HasSubstr("54 KiB too long: the flash from 0x080c8000 on belongs to the second "
                              "core (CPU2)"),
                    Not(HasSubstr("--flash-size"))));
}

// With two banks, a part of the G47 line with less flash has a hole where a full one has more.
struct Trimmed {
  const char *chip;
  std::uint32_t half_kib;
};
class L4Hole : public L4Job, public ::testing::WithParamInterface<Trimmed> {
 protected:
  L4Hole() {
    use(GetParam().chip, second + half);
    put(0, firmware(flash_size, 3));
  }
  static constexpr std::uint32_t second = 256 * kib;
  std::uint32_t half = GetParam().half_kib * 1024;
};

TEST_P(L4Hole, ImagesOnEitherSideAreWrittenAndAllElseIsKept) {
  image(16 * 1024, firmware(3000, 1));
  image(half - 1000, firmware(1000, 2));
  image(second, firmware(5000, 4));
  image(second + half - 1000, firmware(1000, 5));
  expect_done(flashhost());
  const Outcome again = flashhost();
  expect_done(again);
  EXPECT_THAT(again.err, HasSubstr("nothing to do"));
  EXPECT_EQ(flashhost({"verify"}).exit_code, 0);
}

TEST_P(L4Hole, AllOfBothHalvesIsWritten) {
  family = fmt::format("plugin = \"l4\"\nchip = \"{}\"\n", GetParam().chip);
  image(0, firmware(half, 1));
  image(second, firmware(half, 2));
  expect_done(flashhost());
}

TEST_P(L4Hole, AnImageForTheHoleIsRefused) {
  image(half - 1000, firmware(2000, 1));
  expect_untouched(flashhost(), 4);
  family = fmt::format("plugin = \"l4\"\nchip = \"{}\"\n", GetParam().chip);
  expect_untouched(flashhost(), 4);
}

TEST_P(L4Hole, ThePageOfAWordThatCannotBeReadIsWrittenAgainInTheSecondHalf) {
  settings = "run_time = \"0s\"\nfaults = [\"torn_word=08041000\"]\n";
  image(second + 0x1100, firmware(256, 2));
  const Outcome outcome = flashhost();
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("0x08041000..0x08041007 cannot be read without error"));
  Bytes expected = wanted();
  std::fill_n(expected.begin() + second + 0x1000, 8, std::uint8_t{0xFF});
  EXPECT_TRUE(flash() == expected);
}

INSTANTIATE_TEST_SUITE_P(Chips, L4Hole,
                         ::testing::Values(Trimmed{"STM32G474RC", 128}, Trimmed{"STM32G473CB", 64}),
                         [](const auto &one) { return std::string(one.param.chip); });

// The two double words of a line are read at once, so neither can be saved.
TEST_F(L4Job, WithOneBankTheOtherWordOfItsLineCannotBeReadEither) {
  use("STM32G474RE", 512 * kib, "\"single_bank\", \"torn_word=08001048\"");
  put(0, firmware(128 * kib, 1));
  image(0x1100, firmware(256, 2));
  const Outcome outcome = flashhost();
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("0x08001040..0x0800104f cannot be read without error"));
  Bytes expected = wanted();
  std::fill_n(expected.begin() + 0x1040, 16, std::uint8_t{0xFF});
  EXPECT_TRUE(flash() == expected);
}

struct Banks {
  const char *name;
  const char *chip;
  std::size_t flash;
  const char *faults;
};

class L4Banks : public Board, public ::testing::WithParamInterface<Banks> {
 protected:
  L4Banks() {
    chip = GetParam().chip;
    flash_size = GetParam().flash;
    settings = fmt::format("run_time = \"0s\"\nfaults = [{}]\n", GetParam().faults);
    put(0, firmware(flash_size, 3));  // so that each page that is erased shows
  }
};

TEST_P(L4Banks, APageOfEitherHalfIsWrittenAndAllOthersAreKept) {
  const auto size = static_cast<std::uint32_t>(flash_size);
  image(16 * 1024, firmware(3000, 1));
  image(size / 2 + 16 * 1024, firmware(3000, 2));
  image(size - 1000, firmware(1000, 4));
  expect_done(flashhost());
}

INSTANTIATE_TEST_SUITE_P(
    Chips, L4Banks,
    ::testing::Values(Banks{"G0B1", "STM32G0B1RE", 512 * kib, ""},
                      Banks{"G0B1_swapped", "STM32G0B1RE", 512 * kib, "\"swapped_banks\""},
                      Banks{"L476", "STM32L476RG", 1024 * kib, ""},
                      Banks{"L4R5", "STM32L4R5ZI", 2048 * kib, ""},
                      Banks{"L4R5_single", "STM32L4R5ZI", 2048 * kib, "\"single_bank\""},
                      Banks{"G474", "STM32G474RE", 512 * kib, ""},
                      Banks{"G474_single", "STM32G474RE", 512 * kib, "\"single_bank\""}),
    [](const auto &one) { return std::string(one.param.name); });

}  // namespace
}  // namespace flashhost::testing
