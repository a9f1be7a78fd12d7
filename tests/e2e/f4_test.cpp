// The job on STM32F4 boards: every width of programming, both maps of sectors, caches, protection.
#include "board.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace flashhost::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

#ifdef FLASHHOST_SANITIZED
constexpr std::size_t share = 8;  // of each whole image: the model is several times slower
#else
constexpr std::size_t share = 1;
#endif

std::size_t count(const std::string &text, const std::string &word) {
  std::size_t found = 0;
  for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) ++found;
  return found;
}

class F4Job : public Board {
 protected:
  void use(const std::string &part, std::size_t size, const std::string &faults = "") {
    chip = part;
    flash_size = size;
    settings = "run_time = \"0s\"\n";
    if (!faults.empty()) settings += "faults = [" + faults + "]\n";
  }
};

struct Supply {
  const char *name;
  const char *fault;
};

struct JobCase {
  const char *chip;
  std::size_t flash;
  std::size_t old;  // bytes that are there before
  std::size_t image;
};

// The same with three erased blocks of 4 KiB after each that holds something, where programming
// takes long.
Bytes with_gaps(Bytes bytes) {
  constexpr std::size_t block = 4 * kib;
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    if (at / block % 4 != 0) bytes[at] = 0xFF;
  }
  return bytes;
}

class F4WholeImage : public F4Job,
                     public ::testing::WithParamInterface<std::tuple<JobCase, Supply>> {};

TEST_P(F4WholeImage, IsRightToTheByte) {
  const auto &[job, supply] = GetParam();
  use(job.chip, job.flash, supply.fault);
  if (job.old != 0) put(0, firmware(job.old / share, 1));
  const bool large = job.image > 1024 * kib && std::string(supply.name) != "at_3V3";
  const Bytes whole = firmware(job.image / share, 2);
  image(0, large ? with_gaps(whole) : whole);
  const Outcome outcome = flashhost({"-v"});
  expect_done(outcome);
  EXPECT_THAT(outcome.err, Not(HasSubstr("undefined on hardware")));
  EXPECT_EQ(count(outcome.err, "the supply of the target is not known"),
            std::string(supply.name) == "unknown" ? 1U : 0U);
}

constexpr Supply supplies[] = {{"at_3V3", "\"voltage=3300\""},
                               {"at_2V4", "\"voltage=2400\""},
                               {"at_1V9", "\"voltage=1900\""},
                               {"unknown", "\"vapp_not_wired\""}};

INSTANTIATE_TEST_SUITE_P(
    Boards, F4WholeImage,
    ::testing::Combine(::testing::Values(JobCase{"STM32F407VG", 1024 * kib, 512 * kib, 512 * kib},
                                         JobCase{"STM32F411CE", 512 * kib, 100 * kib, 256 * kib},
                                         JobCase{"STM32F429ZI", 2048 * kib, 0, 2048 * kib}),
                       ::testing::ValuesIn(supplies)),
    [](const auto &param) {
      return std::string(std::get<0>(param.param).chip) + "_" + std::get<1>(param.param).name;
    });

TEST_F(F4Job, HalfAMegabyteOverAnOldFirmwareTakesLittleMoreThanTheFlashsOwnTime) {
  use("STM32F407VG", 1024 * kib);
  put(0, firmware(512 * kib, 1));
  image(0, firmware(512 * kib, 2));
  const Outcome outcome = flashhost({"-v"});
  expect_done(outcome);
  EXPECT_LE(ratio_of(outcome.err), 1.15) << outcome.err;
  // Erased by sectors, in words: the flash's own time is what it is said to be.
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("model: 8 page erases, 0 mass erases, 131072 units"),
                                 HasSubstr("busy 6.6 s")));
}

class F4BitsToClear : public F4Job {
 protected:
  F4BitsToClear() { use("STM32F407VG", 1024 * kib); }

  // What is in the flash at first is the image, with these bits set in it.
  void differ(std::size_t at, std::uint8_t bits) {
    old_[at] |= bits;
    new_[at] &= static_cast<std::uint8_t>(~bits);
  }
  Outcome flash_it(const std::vector<std::string> &arguments) {
    put(0, old_);
    image(0, new_);
    std::vector<std::string> all{"-v"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return flashhost(all);
  }

  Bytes old_ = firmware(200 * kib, 1), new_ = old_;
};

TEST_F(F4BitsToClear, NothingIsErasedButTheBootSector) {
  differ(150 * kib, 0x81);
  differ(190 * kib + 1, 0x40);
  const Outcome outcome = flash_it({});
  expect_done(outcome);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("only bits to clear, program without erase"),
                                 HasSubstr("model: 1 page erases, 0 mass erases")));
}

TEST_F(F4BitsToClear, NothingIsErasedWithoutTheGuard) {
  differ(150 * kib, 0x81);
  const Outcome outcome = flash_it({"--no-guard"});
  expect_done(outcome);
  EXPECT_THAT(outcome.err, HasSubstr("model: 0 page erases, 0 mass erases, 2 units"));
}

TEST_F(F4BitsToClear, WhatIsAppendedToASectorIsProgrammedAlone) {
  std::fill(old_.begin() + 170 * kib, old_.end(), std::uint8_t{0xFF});
  const Outcome outcome = flash_it({"--no-guard"});
  expect_done(outcome);
  EXPECT_THAT(outcome.err, HasSubstr("model: 0 page erases, 0 mass erases, 7681 units"));
}

TEST_F(F4BitsToClear, TheSectorIsErasedWhereThatIsAskedFor) {
  differ(150 * kib, 0x81);
  const Outcome by_sectors = flash_it({"--no-guard", "--erase", "sectors"});
  expect_done(by_sectors);
  EXPECT_THAT(by_sectors.err, HasSubstr("model: 1 page erases, 0 mass erases"));
}

TEST_F(F4BitsToClear, TheSectorIsErasedWhereNothingIsVerified) {
  differ(150 * kib, 0x81);
  const Outcome outcome = flash_it({"--no-guard", "--verify", "none"});
  expect_done(outcome);
  EXPECT_THAT(outcome.err, HasSubstr("model: 1 page erases, 0 mass erases"));
}

TEST_F(F4BitsToClear, TheSectorIsErasedAfterAllWhereTheChipRefuses) {
  use("STM32F407VG", 1024 * kib, "\"erased_only\"");
  differ(150 * kib, 0x81);
  const Outcome outcome = flash_it({"--no-guard"});
  expect_done(outcome);
  EXPECT_THAT(outcome.err, HasSubstr("model: 1 page erases, 0 mass erases"));
}

TEST_F(F4BitsToClear, APlanSaysSo) {
  differ(150 * kib, 0x81);
  const Outcome outcome = flash_it({"plan"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_THAT(outcome.out, HasSubstr("only bits to clear, program without erase"));
}

// Until it has erased, the chip answers nobody.
TEST_F(F4Job, AProbeThatComesBackWithinALongMassEraseWaitsForItsEnd) {
  use("STM32F407VG", 1024 * kib, R"("flash_time=2x", "usb_unplug_at=270:500")");
  put(0, firmware(32 * kib, 1));
  image(0, firmware(32 * kib, 2));
  const Outcome outcome = flashhost({"-v", "--erase", "mass"});
  expect_done(outcome);
  EXPECT_EQ(count(outcome.err, "trying again"), 1U) << outcome.err;
  EXPECT_EQ(count(outcome.err, "the chip may still be erasing, for this run"), 1U) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("model: 2 page erases, 1 mass erases"))
      << "it is not done again, since it is slower";
}

TEST_F(F4Job, AMassErasePutsBackWhatTheImageDoesNotCover) {
  use("STM32F407VG", 1024 * kib, R"("flash_time=0.1x")");
  put(0, firmware(100 * kib, 1));
  put(700 * kib, firmware(60 * kib, 3));
  image(0, firmware(32 * kib + 5, 2));
  const Outcome outcome = flashhost({"-v", "--erase", "mass"});
  expect_done(outcome);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("in 3 sectors outside the image are put back after the "
                                           "mass erase: "),
                                 HasSubstr("so erase = \"auto\" is faster"),
                                 HasSubstr("model: 0 page erases, 1 mass erases")));
}

TEST_F(F4Job, AMassEraseTakesLittleMoreThanItsOwnTimeThoughTheDieCouldHoldMore) {
  use("STM32F407VE", 512 * kib);
  put(0, firmware(512 * kib, 1));
  image(0, firmware(512 * kib, 2));
  const Outcome outcome = flashhost({"-v"});
  expect_done(outcome);
  EXPECT_LE(ratio_of(outcome.err), 1.15) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("model: 0 page erases, 1 mass erases"));
}

TEST_F(F4Job, TwoBanksOfAnOlderFirmwareAreWrittenOver) {
  use("STM32F429ZI", 2048 * kib);
  put(0, firmware(40 * kib, 1));
  put(1024 * kib - 512, firmware(40 * kib, 1));
  image(0, firmware(20 * kib, 2));
  image(1024 * kib - 1024, firmware(20 * kib, 3));
  expect_done(flashhost());
}

TEST_F(F4Job, AMegabyteInTwoBanksIsWrittenByItsOwnMap) {
  use("STM32F429ZG", 1024 * kib, "\"dual_bank\"");
  put(500 * kib, firmware(40 * kib, 1));
  image(510 * kib, firmware(20 * kib, 2));
  const Outcome outcome = flashhost({"-v"});
  expect_done(outcome);
  EXPECT_THAT(outcome.err, HasSubstr("model: 3 page erases"));
}

TEST_F(F4Job, OneByteCostsItsSectorAndTheOneThatBoots) {
  use("STM32F407VG", 1024 * kib);
  const Bytes old = firmware(300 * kib, 1);
  Bytes changed = old;
  changed[0x28000] ^= 1;
  put(0, old);
  image(0, changed);
  const Outcome outcome = flashhost({"-v"});
  expect_done(outcome);
  EXPECT_THAT(outcome.err, HasSubstr("model: 2 page erases, 0 mass erases"));
}

TEST_F(F4Job, OneByteCostsItsSectorAloneWithoutTheGuard) {
  use("STM32F407VG", 1024 * kib);
  const Bytes old = firmware(300 * kib, 1);
  Bytes changed = old;
  changed[0x28000] ^= 1;
  put(0, old);
  image(0, changed);
  flash_options = "guard = false\n";
  const Outcome outcome = flashhost({"-v"});
  expect_done(outcome);
  EXPECT_THAT(outcome.err, HasSubstr("model: 1 page erases, 0 mass erases"));
}

TEST_F(F4Job, APartOfALargeSectorKeepsTheRestOfIt) {
  use("STM32F407VG", 1024 * kib);
  put(0, firmware(1024 * kib, 1));
  image(0x28001, firmware(4097, 2));
  const Outcome outcome = flashhost({"-v"});
  expect_done(outcome);
  EXPECT_THAT(outcome.err, HasSubstr("model: 1 page erases"));
}

TEST_F(F4Job, TheBoardFileSaysTheSupplyThatTheProbeDoesNotSee) {
  use("STM32F411CE", 512 * kib, "\"vapp_not_wired\"");
  image(0, firmware(8 * kib, 2));
  const Outcome outcome = flashhost({"-v", "--set", "transport.voltage=3.3"});
  expect_done(outcome);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("32 bits at a time"), Not(HasSubstr("not known"))));
}

TEST_F(F4Job, WithoutALoaderTheDirectPathWritesInEveryWidth) {
  for (const Supply &supply : supplies) {
    SCOPED_TRACE(supply.name);
    use("STM32F401RE", 512 * kib, fmt::format("{}, \"bad_sram=20000000\"", supply.fault));
    image(0, firmware(2 * kib, 2));
    const Outcome outcome = flashhost();
    expect_done(outcome);
    EXPECT_THAT(outcome.err, HasSubstr("through the probe alone"));
    std::filesystem::remove(directory.path() / "flash.bin");
  }
}

class F4Trouble : public F4Job, public ::testing::WithParamInterface<std::string> {};

TEST_P(F4Trouble, IsRecoveredFrom) {
  use("STM32F407VG", 1024 * kib, "\"" + GetParam() + "\"");
  put(0, firmware(20 * kib, 1));
  image(0, firmware(24 * kib, 2));
  expect_done(flashhost());
}

INSTANTIATE_TEST_SUITE_P(Rows, F4Trouble,
                         ::testing::Values("stale_control_bits", "stale_errors",
                                           "fpec_locked_until_reset", "hsi_off", "dma_writes",
                                           "iwdg=0.2", "hardware_iwdg", "nrst_not_wired",
                                           "flash_time=4x", "wrong_id",
                                           "flash_size_register=FFFF"));

TEST_F(F4Job, AProtectedSectorIsNamedAndUnlockLiftsIt) {
  use("STM32F407VG", 1024 * kib, "\"write_protected=1\"");
  image(0x4000, firmware(1 * kib, 2));
  const Outcome refused = flashhost();
  expect_untouched(refused, 7);
  EXPECT_THAT(refused.err, HasSubstr("write protection is on"));
  flash_options = "unlock = true\n";
  expect_done(flashhost());
}

TEST_F(F4Job, AReadProtectedChipMustBePowerCycledAfterUnlock) {
  use("STM32F407VG", 1024 * kib, "\"read_protected\"");
  put(0, firmware(1 * kib, 1));
  image(0, firmware(1 * kib, 2));
  const Outcome refused = flashhost();
  expect_untouched(refused, 7);
  EXPECT_THAT(refused.err, AllOf(HasSubstr("RDP level 1"), HasSubstr("power-cycled")));
  flash_options = "unlock = true\n";
  const Outcome unlocked = flashhost();
  EXPECT_EQ(unlocked.exit_code, 7) << unlocked.err;
  EXPECT_THAT(unlocked.err, AllOf(HasSubstr("erases the whole flash"), HasSubstr("power-cycled"),
                                  HasSubstr("run flashhost again")));
  EXPECT_EQ(flash(), Bytes(1024 * kib, 0xFF));
}

}  // namespace
}  // namespace flashhost::testing
