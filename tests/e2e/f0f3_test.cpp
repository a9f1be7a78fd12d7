// The job on STM32F0 and F3 boards: whole images, the empty check, levels of read protection,
// clones.
#include "board.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <csignal>
#include <fstream>
#include <iterator>

namespace flashhost::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char *started = "the flash was empty when the chip last looked";

class F0F3Job : public Board {
 protected:
  void use(const std::string &part, std::size_t size, const std::string &faults = "") {
    chip = part;
    flash_size = size;
    settings = "run_time = \"0s\"\n";
    if (!faults.empty()) settings += "faults = [" + faults + "]\n";
  }
};

struct WholeImage {
  const char *chip;
  const char *family;
  std::size_t flash_kib, old_kib, new_kib;
};

class F0F3WholeImage : public F0F3Job, public ::testing::WithParamInterface<WholeImage> {
 protected:
  F0F3WholeImage() {
    use(GetParam().chip, GetParam().flash_kib * kib);
    family = fmt::format("plugin = \"{}\"\nchip = \"{}\"\n", GetParam().family, GetParam().chip);
    put(0, firmware(GetParam().old_kib * kib, 1));
    image(0, firmware(GetParam().new_kib * kib - 301, 2));
  }
};

TEST_P(F0F3WholeImage, IsRightToTheByteAndDoneTheSecondTime) {
  const Outcome first = flashhost({"-v"});
  expect_done(first);
  EXPECT_THAT(first.err, AllOf(Not(HasSubstr(started)), Not(HasSubstr("through the probe alone"))));
  const Outcome second = flashhost();
  expect_done(second);
  EXPECT_THAT(second.err, HasSubstr("nothing to do"));
}

TEST_P(F0F3WholeImage, IsCompletedAfterAnInterruption) {
  bool sent = false;
  const Outcome killed =
      run_watched(command({"--json"}), environment(), [&](const std::string &line, pid_t pid) {
        const auto key = line.find("\"done_bytes\":");
        if (sent || key == std::string::npos || std::stoull(line.substr(key + 13)) < 4000) return;
        sent = true;
        ::kill(pid, SIGKILL);
      });
  EXPECT_EQ(killed.exit_code, 128 + SIGKILL) << killed.err;
  EXPECT_NE(flash(), wanted());
  expect_done(flashhost());
}

INSTANTIATE_TEST_SUITE_P(Boards, F0F3WholeImage,
                         ::testing::Values(WholeImage{"STM32F051R8", "f0", 64, 60, 48},
                                           WholeImage{"STM32F072RB", "f0", 128, 128, 100},
                                           WholeImage{"STM32F042K6", "f0", 32, 30, 20},
                                           WholeImage{"STM32F091RC", "f0", 256, 100, 60},
                                           WholeImage{"STM32F030F4", "f0", 16, 16, 12},
                                           WholeImage{"STM32F303K8", "f3", 64, 60, 48},
                                           WholeImage{"STM32F303VC", "f3", 256, 200, 128},
                                           WholeImage{"STM32F303RE", "f3", 512, 100, 64},
                                           WholeImage{"STM32F373CC", "f3", 256, 100, 64}),
                         [](const auto &one) { return std::string(one.param.chip); });

TEST_F(F0F3Job, A128KiBImageOverAnOldFirmwareTakesAtMostATenthMoreThanTheFlashsOwnTime) {
  for (const std::size_t old : {128U, 256U}) {  // by a mass erase, and page by page
    SCOPED_TRACE(old);
    F0F3Job::use("STM32F303VC", 256 * kib);
    put(0, firmware(old * kib, 1));
    image(0, firmware(128 * kib, 2));
    const Outcome outcome = flashhost({"-v"});
    expect_done(outcome);
    EXPECT_LE(ratio_of(outcome.err), 1.10) << outcome.err;
    std::filesystem::remove(directory.path() / "flash.bin");
  }
}

class F0F3Blank : public F0F3Job, public ::testing::WithParamInterface<const char *> {};

TEST_P(F0F3Blank, ItsFirmwareStartsOnceTheChipHasLookedAgain) {
  use(GetParam(), std::string(GetParam()) == "STM32F091RC" ? 256 * kib : 32 * kib);
  image(0, firmware(8 * kib, 2));
  for (const char *reset : {"run", "halt"}) {
    flash_options = fmt::format("reset = \"{}\"\n", reset);
    const Outcome outcome = flashhost();
    expect_done(outcome);
    EXPECT_THAT(outcome.err, HasSubstr(started));
    // With its power the next board finds a flash that is not empty.
    EXPECT_THAT(flashhost().err, Not(HasSubstr(started)));
    std::filesystem::remove(directory.path() / "flash.bin");
  }
}

TEST_P(F0F3Blank, WithoutAResetItIsSaidWhatStartsTheFirmware) {
  use(GetParam(), std::string(GetParam()) == "STM32F091RC" ? 256 * kib : 32 * kib);
  image(0, firmware(8 * kib, 2));
  flash_options = "reset = \"none\"\n";
  const Outcome outcome = flashhost();
  expect_done(outcome);
  EXPECT_THAT(outcome.err, AllOf(Not(HasSubstr(started)), HasSubstr("take the supply off")));
}

INSTANTIATE_TEST_SUITE_P(Parts, F0F3Blank, ::testing::Values("STM32F042K6", "STM32F091RC"),
                         [](const auto &one) { return std::string(one.param); });

class F0F3Trouble : public F0F3Job,
                    public ::testing::WithParamInterface<std::tuple<const char *, const char *>> {};

TEST_P(F0F3Trouble, IsRecoveredFrom) {
  const auto &[part, fault] = GetParam();
  use(part, std::string(part) == "STM32F051R8" ? 64 * kib : 256 * kib,
      fmt::format("\"{}\"", fault));
  put(0, firmware(20 * kib, 1));
  image(0, firmware(24 * kib, 2));
  expect_done(flashhost());
}

INSTANTIATE_TEST_SUITE_P(
    Rows, F0F3Trouble,
    ::testing::Combine(::testing::Values("STM32F051R8", "STM32F303VC"),
                       ::testing::Values("stale_control_bits", "stale_errors",
                                         "fpec_locked_until_reset", "hsi_off", "dma_writes",
                                         "iwdg=0.2", "hardware_iwdg", "nrst_not_wired",
                                         "flash_time=4x", "flash_size_register=FFFF",
                                         "bad_sram=20000000")));

struct Protected {
  const char *chip;
  std::size_t flash;
};

class F0F3Protected : public F0F3Job, public ::testing::WithParamInterface<Protected> {};

TEST_P(F0F3Protected, AWriteProtectedPageIsNamedAndUnlockLiftsIt) {
  use(GetParam().chip, GetParam().flash, "\"write_protected=5\"");
  put(0, firmware(2 * kib, 1));
  image(0, firmware(20 * kib, 2));
  const Outcome refused = flashhost();
  expect_untouched(refused, 7);
  EXPECT_THAT(refused.err, HasSubstr("write protection is on"));
  flash_options = "unlock = true\n";
  expect_done(flashhost());
}

TEST_P(F0F3Protected, Level1IsNamedAndUnlockErasesAndGoesOn) {
  for (const char *fault : {"read_protected", "read_protected_by_damage"}) {
    use(GetParam().chip, GetParam().flash, fmt::format("\"{}\"", fault));
    flash_options = "";
    put(0, firmware(2 * kib, 1));
    image(0, firmware(20 * kib, 2));
    const Outcome refused = flashhost();
    expect_untouched(refused, 7);
    EXPECT_THAT(refused.err, HasSubstr("RDP level 1"));
    flash_options = "unlock = true\n";
    const Outcome unlocked = flashhost();
    expect_done(unlocked);
    EXPECT_THAT(unlocked.err, HasSubstr("erases the whole flash"));
    std::filesystem::remove(directory.path() / "flash.bin");
  }
}

TEST_P(F0F3Protected, OptionBytesAreSetByNameAndLevel2IsRefused) {
  use(GetParam().chip, GetParam().flash);
  const Outcome set = flashhost({"option", "set", "nRST_STOP=0", "DATA0=0x5A", "--yes"});
  EXPECT_EQ(set.exit_code, 0) << set.err;
  const Outcome final_level = flashhost({"option", "set", "RDP=level2", "--yes"});
  EXPECT_NE(final_level.exit_code, 0);
  EXPECT_THAT(final_level.err, HasSubstr("level 2 is final"));
}

INSTANTIATE_TEST_SUITE_P(Boards, F0F3Protected,
                         ::testing::Values(Protected{"STM32F051R8", 64 * kib},
                                           Protected{"STM32F072RB", 128 * kib},
                                           Protected{"STM32F042K6", 32 * kib},
                                           Protected{"STM32F303VC", 256 * kib},
                                           Protected{"STM32F334K8", 64 * kib}),
                         [](const auto &one) { return std::string(one.param.chip); });

TEST_F(F0F3Job, ACloneIsSuspectedByItsCoreAndFlashed) {
  use("STM32F030R8CLONE", 64 * kib);
  put(0, firmware(20 * kib, 1));
  image(0, firmware(24 * kib, 2));
  const Outcome outcome = flashhost();
  expect_done(outcome);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("this may be a clone of the STM32F05x"),
                                 HasSubstr("its core is a Cortex-M0+")));
}

TEST_F(F0F3Job, AnotherSeriesIsNamedWhenTheBoardFileAsksForIt) {
  use("STM32F303VC", 256 * kib);
  family = "plugin = \"f0\"\n";
  image(0, firmware(1 * kib, 2));
  const Outcome outcome = flashhost();
  EXPECT_EQ(outcome.exit_code, 6);
  EXPECT_THAT(outcome.err, HasSubstr("DBGMCU_IDCODE 0x10000422"));
}

TEST_F(F0F3Job, EachPartIsListedOnceByItsOwnPlugin) {
  const Outcome outcome = flashhost({"list", "chips"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  for (const char *part : {"STM32F051R8", "STM32F103CB", "STM32F303VC"}) {
    const std::size_t at = outcome.out.find(part);
    ASSERT_NE(at, std::string::npos) << part;
    EXPECT_EQ(outcome.out.find(part, at + 1), std::string::npos) << part;
  }
}

// Where the flash was empty, too: it is the chip's second look that starts it.
TEST_F(F0F3Job, TheFirmwareOfAChipThatWasEmptyRuns) {
  use("STM32F042K6", 32 * kib);
  settings = "run_time = \"1s\"\n";
  image_file("blink.hex", [] {
    std::ifstream stream(std::string(FLASHHOST_EXAMPLES) + "/firmware/old-f0f3.hex");
    return std::string(std::istreambuf_iterator<char>(stream), {});
  }());
  const Outcome outcome = flashhost();
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("PB3 toggled 25 times in 1.0 s"));
}

}  // namespace
}  // namespace flashhost::testing
