// The main job: one command, a whole firmware over an older one.
#include "board.hpp"

#include <gmock/gmock.h>

#include <regex>

namespace flashhost::testing {
namespace {

using ::testing::HasSubstr;

double ratio_in(const std::string &text) {
  std::smatch match;
  const std::regex pattern(R"(\(\d+ KiB/s, (\d+\.\d+)x the flash's own time\))");
  return std::regex_search(text, match, pattern) ? std::stod(match[1]) : 1e9;
}

class MainJob : public Board {};

TEST_F(MainJob, WritesAFirmwareOverAnOlderOneAndVerifiesIt) {
  put(0, firmware(90'000, 1));
  image(0, firmware(120 * 1024, 2));
  const Outcome outcome = flashhost();
  expect_done(outcome);
  EXPECT_THAT(
      outcome.err,
      HasSubstr(
          "\nSTM32F103xB on simulated ST-Link SIM-STM32F103CB: 120 KiB written and verified in "));
}

TEST_F(MainJob, TakesLittleMoreThanTheFlashsOwnTime) {
  put(0, firmware(90'000, 1));
  image(0, firmware(120 * 1024, 2));
  EXPECT_LE(ratio_in(flashhost({"-v"}).err), 1.15);
}

TEST_F(MainJob, TakesLittleMoreThanTheFlashsOwnTimePageByPage) {
  put(0, firmware(128 * 1024, 1));  // the last pages hold data: no mass erase
  image(0, firmware(120 * 1024, 2));
  const Outcome outcome = flashhost({"-v"});
  expect_done(outcome);
  EXPECT_LE(ratio_in(outcome.err), 1.15);
}

struct TimedJob {
  const char *name;
  const char *chip;
  std::size_t flash_kib, old_kib, new_kib;
  double seconds;  // of virtual time, as it was last recorded
  const char *erase = "auto";
};

class VirtualTime : public Board, public ::testing::WithParamInterface<TimedJob> {};

// The simulator's time is exact: a job that takes longer got slower.
TEST_P(VirtualTime, IsAtMostTwoPercentMoreThanRecorded) {
  const TimedJob &job = GetParam();
  chip = job.chip;
  flash_size = job.flash_kib * 1024;
  put(0, firmware(job.old_kib * 1024, job.old_kib == job.new_kib ? 2 : 1));
  image(0, firmware(job.new_kib * 1024, 2));
  const Outcome outcome = flashhost({"--json", "--erase", job.erase});
  expect_done(outcome);
  std::smatch match;
  const std::regex pattern(R"("seconds":([0-9.]+))");
  ASSERT_TRUE(std::regex_search(outcome.out, match, pattern)) << outcome.out;
  const double seconds = std::stod(match[1]);
  EXPECT_LE(seconds, 1.02 * job.seconds);
  EXPECT_GE(seconds, 0.95 * job.seconds) << "it got faster: record the new time";
}

INSTANTIATE_TEST_SUITE_P(
    OfJobs, VirtualTime,
    ::testing::Values(TimedJob{"F103Small", "STM32F103CB", 128, 88, 20, 1.07},
                      TimedJob{"F103Large", "STM32F103CB", 128, 128, 120, 5.84},
                      TimedJob{"F103LargePutBack", "STM32F103CB", 128, 128, 120, 3.728, "mass"},
                      TimedJob{"F103Again", "STM32F103CB", 128, 120, 120, 0.099},
                      TimedJob{"F407Large", "STM32F407VG", 1024, 500, 512, 6.908}),
    [](const auto &test) { return test.param.name; });

TEST_F(MainJob, DoesNothingTheSecondTimeAndSaysSo) {
  image(0, firmware(50'000, 2));
  expect_done(flashhost());
  const Outcome second = flashhost();
  expect_done(second);
  EXPECT_THAT(second.err, HasSubstr("nothing to do: the flash already holds all"));
  EXPECT_THAT(second.err, HasSubstr("; nothing was changed"));
}

TEST_F(MainJob, WorksOnTheSmallestRam) {
  chip = "STM32F100C4";
  flash_size = 16 * 1024;
  put(0, firmware(16 * 1024, 1));
  image(0, firmware(16 * 1024, 2));
  expect_done(flashhost());
}

TEST_F(MainJob, WritesBothBanksOfALargeChip) {
  chip = "STM32F103RG";
  flash_size = 1024 * 1024;
  put(0, firmware(600 * 1024, 1));
  image(500 * 1024, firmware(40 * 1024, 2));
  expect_done(flashhost());
}

TEST_F(MainJob, TakesSeveralImagesInOneRun) {
  image(0, firmware(4096, 1));
  image(0x8000, firmware(5000, 2));
  const Bytes second = firmware(5000, 2);
  image(0x8000 + 4000, Bytes(second.begin() + 4000, second.end()));
  expect_done(flashhost());
}

TEST_F(MainJob, VerifiesByReadingBackOnDemand) {
  image(0, firmware(4096, 1));
  flash_options = "verify = \"readback\"\n";
  expect_done(flashhost());
}

TEST_F(MainJob, DoesNotClaimToHaveVerifiedWhenItDidNot) {
  image(0, firmware(4096, 1));
  flash_options = "verify = \"none\"\n";
  const Outcome outcome = flashhost();
  expect_done(outcome);
  EXPECT_THAT(outcome.err, HasSubstr("4 KiB written, not verified, in "));
}

TEST_F(MainJob, LeavesTheCoreAsTheBoardFileAsks) {
  for (const char *reset : {"run", "halt", "none"}) {
    image(0, firmware(2048, 1));
    flash_options = std::string("reset = \"") + reset + "\"\n";
    expect_done(flashhost());
  }
}

TEST_F(MainJob, ErasesWhatTheImageDoesNotCoverOnlyWhenTold) {
  put(0, firmware(8192, 1));
  image(1024, firmware(100, 2));
  flash_options = "preserve = false\n";
  const Outcome outcome = flashhost();
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  Bytes expected = wanted();
  std::fill(expected.begin() + 1124, expected.begin() + 2048, std::uint8_t{0xFF});
  EXPECT_TRUE(flash() == expected);
}

TEST_F(MainJob, FilesOnTheCommandLineReplaceTheBoardFilesImages) {
  image(0, firmware(4096, 1));
  image_file("unused.hex", "this is no firmware");
  // One record of 4 bytes at 0x08000000, then the end.
  const auto file = directory.path() / "other.hex";
  image_file("other.hex", ":020000040800F2\n:0400000001020304F2\n:00000001FF\n");
  const Outcome outcome = flashhost({"flash", file.string()});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  Bytes head = flash();
  head.resize(5);
  EXPECT_EQ(head, (Bytes{1, 2, 3, 4, 0xFF}));
}

TEST_F(MainJob, FlashesTheExampleAndItsFirmwareRuns) {
  const Outcome outcome =
      run_process({FLASHHOST_PROGRAM, "--plugin-dir", FLASHHOST_PLUGINS, "--config",
                   std::string(FLASHHOST_EXAMPLES) + "/blue-pill-sim.toml", "--set",
                   "transport.settings.state_file=" + (directory.path() / "demo.bin").string()},
                  environment());
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("PC13 toggled 10 times in 1.0 s"));
}

}  // namespace
}  // namespace flashhost::testing
