// Jobs with several flash algorithms of one chip: a user row beside the main flash, option words,
// aliases, pages larger than sectors, and a watchdog. The chip is tests/models/odd_chip.hpp.
#include "board.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace flashhost::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::uint32_t row = 0x12000, options = 0x13000, alias = 0x30000000;
constexpr std::size_t options_size = 40;

class SeveralFlashes : public Board {
 protected:
  void use(const std::string &part, const std::string &more = "") {
    chip = part;
    flash_size = 80 * kib;
    flash_address = 0;
    put(0, firmware(flash_size, 1));
    family = fmt::format("plugin = \"flm\"\nchip = \"{}\"\n[family.settings]\npack = \"{}\"\n{}\n",
                         part, std::string(ALGORITHMS) + "/Example.Odd_DFP.1.0.0.pack", more);
  }
  // At an alias of the flash; wanted() has it where it belongs.
  void image_at_alias(std::uint32_t offset, const Bytes &bytes) {
    flash_address = alias;
    image(offset, bytes);
    flash_address = 0;
  }
  Outcome run(const std::vector<std::string> &arguments = {}) {
    return flashhost(arguments, {{"FLASHHOST_PLUGIN_PATH", ODD_MODEL}});
  }
};

TEST_F(SeveralFlashes, AreWrittenInOneRun) {
  use("ODD80");
  image(0x500, firmware(20'000, 2));
  image(row + 0x3F0, firmware(700, 3));  // in two sectors, of which much has to be kept
  const Outcome plan = run({"plan"});
  EXPECT_EQ(plan.exit_code, 0) << plan.err;
  EXPECT_THAT(plan.out, AllOf(HasSubstr("ODD80: 64 KiB of flash, 20000 bytes of image"),
                              HasSubstr("ODD80: 4 KiB of flash, 700 bytes of image")));
  const Outcome first = run();
  expect_done(first);
  EXPECT_THAT(first.err,
              AllOf(HasSubstr("20700 bytes written and verified"), Not(HasSubstr("slower"))));
  EXPECT_EQ(run({"verify"}).exit_code, 0);
  EXPECT_EQ(run({"verify", "--fast"}).exit_code, 0);
  const Outcome second = run();
  expect_done(second);
  EXPECT_THAT(second.err, HasSubstr("nothing to do"));
}

TEST_F(SeveralFlashes, MayBeWrittenOneByOne) {
  use("ODD80");
  image(row, firmware(4 * kib, 3));
  expect_done(run());
  EXPECT_EQ(run({"verify", "--fast"}).exit_code, 0);
}

TEST_F(SeveralFlashes, AreShown) {
  use("ODD80");
  EXPECT_THAT(run({"info"}).out, HasSubstr("flash       64 KiB at 0x00000000, 28 sectors\n"
                                           "and         4 KiB at 0x00012000, 4 sectors\n"));
  EXPECT_THAT(run({"info", "--json"}).out,
              HasSubstr(R"("further_flash":[{"flash_address":73728,"flash_bytes":4096,)"
                        R"("flash_sectors":4}])"));
}

TEST_F(SeveralFlashes, AreErasedWhereTheRangeSays) {
  use("ODD80");
  EXPECT_EQ(run({"erase", "--range", "0x12400:2K"}).exit_code, 0);
  Bytes expected = firmware(flash_size, 1);
  std::fill_n(expected.begin() + row + 0x400, 2 * kib, std::uint8_t{0xFF});
  EXPECT_TRUE(flash() == expected);
  EXPECT_EQ(run({"erase", "--range", "0x10000:2K"}).exit_code, 4) << "what no algorithm is for";
  EXPECT_EQ(run({"erase"}).exit_code, 0);
  std::fill_n(expected.begin(), 64 * kib, std::uint8_t{0xFF});
  EXPECT_TRUE(flash() == expected) << "the main flash alone";
}

TEST_F(SeveralFlashes, AreVerifiedEachByItself) {
  use("ODD80");
  image(0, firmware(1000, 2));
  image(row, firmware(1000, 3));
  expect_done(run());
  EXPECT_EQ(run({"erase", "--range", "0x12000:1K"}).exit_code, 0);
  for (const std::string mode : {"--fast", "--quiet"}) {
    const Outcome outcome = run({"verify", mode});
    EXPECT_EQ(outcome.exit_code, 9) << outcome.err;
    EXPECT_THAT(outcome.err, HasSubstr("the flash differs from the image: 0x00012000 holds 0xff"));
  }
}

TEST_F(SeveralFlashes, LoseNothingThroughPowerCuts) {
  use("ODD80");
  image(0x500, firmware(3000, 2));
  image(row + 0x3F0, firmware(700, 3));
  const std::string usual = settings;
  // In the main flash; between; in the row.
  for (const int operation : {3, 400, 780, 1000, 1500}) {
    settings = usual + fmt::format("faults = [\"power_loss_at={}\"]\n", operation);
    static_cast<void>(run({"--use-journal"}));
  }
  settings = usual;
  expect_done(run({"--use-journal"}));
}

TEST_F(SeveralFlashes, TheInterruptedOneIsCompletedThoughTheImageDoesNotTouchIt) {
  use("ODD80");
  image(row + 0x100, Bytes(0x100, 0x55));
  const std::string usual = settings;
  settings = usual + "faults = [\"power_loss_at=20\"]\n";
  EXPECT_NE(run().exit_code, 0);
  settings = usual;
  const Bytes kept = firmware(flash_size, 1);
  EXPECT_FALSE(std::equal(kept.begin() + row + 0x200, kept.begin() + row + 0x400,
                          flash().begin() + row + 0x200))
      << "it was interrupted too late for this test";
  EXPECT_EQ(run({"erase", "--range", "0:1K", "--use-journal"}).exit_code, 0);
  const Bytes now = flash();
  EXPECT_TRUE(std::equal(kept.begin() + row + 0x200, kept.begin() + row + 0x400,
                         now.begin() + row + 0x200));
}

TEST_F(SeveralFlashes, OptionWordsAreWrittenOnlyWhereTheirAlgorithmIsNamed) {
  use("ODD80");
  image(0, firmware(1000, 2));
  image(options, firmware(options_size, 4));
  const Outcome unnamed = run();
  expect_untouched(unnamed, 4);
  EXPECT_THAT(unnamed.err, HasSubstr("0x00013000..0x00013027 does not fit: ODD80 has 64 KiB of "
                                     "flash at 0x00000000..0x0000ffff, and 4 KiB of flash at "
                                     "0x00012000..0x00012fff"));
  use("ODD80", "algorithm = \"ODD80_OPT\"");
  const Outcome named = run();
  expect_done(named);
  EXPECT_THAT(named.err,
              HasSubstr("0x00013000..0x00013027 is written as option bytes are: read the "
                        "chip's manual first, since they can lock it for good"));
  EXPECT_THAT(run().err, HasSubstr("nothing to do"));
}

TEST_F(SeveralFlashes, OptionWordsThatTheImageDoesNotNameAreKept) {
  use("ODD80", "algorithm = [\"ODD80_OPT\", \"ODD80_ROW\"]");
  image(options + 8, Bytes(4, 0x12));
  expect_done(run());
}

TEST_F(SeveralFlashes, OptionWordsMayBeErasedOnes) {
  use("ODD80", "algorithm = \"ODD80_OPT\"");
  image(options, Bytes(options_size, 0xFF));
  expect_done(run());
  use("ODD80", "algorithm = \"ODD80_OPT\"");
  EXPECT_EQ(run({"erase", "--range", "0x13000:40", "--verify", "none"}).exit_code, 0);
  expect_done(run());
}

TEST_F(SeveralFlashes, AnImageThatGoesOnThroughAGapIsRefused) {
  use("ODD80");
  image(0xFF00, firmware(row + 0x100 - 0xFF00, 2));
  const Outcome outcome = run();
  expect_untouched(outcome, 4);
  EXPECT_THAT(outcome.err, HasSubstr("Between them is no flash"));
  const Outcome erase = run({"erase", "--range", "0xFF00:16K"});
  expect_untouched(erase, 4);
  EXPECT_THAT(erase.err, HasSubstr("0x0000ff00..0x00013eff does not lie within one range of the "
                                   "flash of ODD80: 0x00000000..0x0000ffff, "
                                   "0x00012000..0x00012fff"));
}

TEST_F(SeveralFlashes, APlanRefusesAJournalOfFlashThatIsNotThereAnyMore) {
  use("ODD80", "algorithm = \"ODD80_OPT\"");
  image(options, firmware(options_size, 4));
  const std::string usual = settings;
  settings = usual + "faults = [\"power_loss_at=2\"]\n";
  EXPECT_NE(run().exit_code, 0);
  settings = usual;
  family = family.substr(0, family.find("algorithm"));
  for (const std::string verb : {"plan", "flash"}) {
    const Outcome outcome = run({verb, (directory.path() / "image0.bin").string() + "@0x00012000"});
    EXPECT_EQ(outcome.exit_code, 6) << outcome.err;
    EXPECT_THAT(outcome.err,
                AllOf(HasSubstr("an interrupted run was working on 0x00013000..0x00013027"),
                      HasSubstr("a setting in [family.settings] was changed since")));
  }
}

TEST_F(SeveralFlashes, BlankSectorsBeforeTheFirstErasedOneAccuseNoAlgorithm) {
  use("ODD80");
  EXPECT_EQ(run({"erase", "--range", "0:2K"}).exit_code, 0);
  image(0, firmware(8 * kib, 2));
  expect_done(run());
}

TEST_F(SeveralFlashes, AlgorithmsMayBeNamedByTheirFiles) {
  use("ODD80");
  family = fmt::format(
      "plugin = \"flm\"\n[family.settings]\nalgorithm = [\"{0}/ODD64.FLM\", \"{0}/ODD80_ROW.FLM\", "
      "\"{0}/ODD80_OPT.FLM\"]\nram_start = 0x1FFFF000\nram_size = \"16K\"\n",
      std::string(ALGORITHMS) + "/algorithms");
  image(0, firmware(1000, 2));
  image(row, firmware(1000, 3));
  image(options, firmware(options_size, 4));
  expect_done(run());
}

TEST_F(SeveralFlashes, AnImageForAnAliasGoesWhereItBelongs) {
  use("ODD80A");
  image_at_alias(0x500, firmware(20'000, 2));
  const Outcome outcome = run();
  expect_done(outcome);
  EXPECT_THAT(outcome.err, HasSubstr("0x30000000..0x3000ffff is the same memory as "
                                     "0x00000000..0x0000ffff: what the image has there goes to "
                                     "0x00000000"));
  EXPECT_EQ(run({"verify"}).exit_code, 0);
}

TEST_F(SeveralFlashes, AnAliasEndsWhereItsFlashDoes) {
  use("ODD80A");
  family.replace(family.find("ODD80A"), 6, "ODD80A_SHORT");
  image_at_alias(0x500, firmware(2000, 2));
  expect_done(run());
  EXPECT_THAT(run({"info"}).out, HasSubstr("60 KiB at 0x00000000"));
}

TEST_F(SeveralFlashes, AnImageForAnAliasIsWrittenThereWhereThatHasItsOwnAlgorithm) {
  use("ODD80S");
  image(0x500, firmware(3000, 2));
  image_at_alias(0x1200, firmware(2000, 3));  // in sectors that the other part begins
  const Outcome outcome = run();
  expect_done(outcome);
  EXPECT_THAT(outcome.err, HasSubstr("the pack has debug sequences of its own for ODD80S: "
                                     "ResetSystem; flashhost connects and resets in the usual way "
                                     "instead"));
  EXPECT_THAT(run().err, HasSubstr("nothing to do"));
}

TEST_F(SeveralFlashes, OtherBytesForTheSameMemoryAreFound) {
  use("ODD80S");
  image(0, Bytes(2000, 0x11));
  image_at_alias(0, Bytes(2000, 0x22));
  const Outcome outcome = run();
  EXPECT_EQ(outcome.exit_code, 9) << outcome.err;
  EXPECT_THAT(
      outcome.err,
      AllOf(HasSubstr("0x00000000..0x0000ffff was right until 0x30000000..0x3000ffff was "
                      "written: verification failed: 0x00000000 holds 0x22 instead of 0x11"),
            HasSubstr("They may be the same memory at two addresses")));
}

TEST_F(SeveralFlashes, PagesLargerThanSectorsAreWrittenBesideTheAgent) {
  use("ODD64P");
  flash_size = 64 * kib;
  put(0, firmware(flash_size, 1));
  image(0x500, firmware(30'000, 2));  // in pages of two sectors, and in larger sectors
  const Outcome outcome = run();
  expect_done(outcome);
  EXPECT_THAT(outcome.err, Not(HasSubstr("slower")));
  EXPECT_THAT(run().err, HasSubstr("nothing to do"));
}

// --- A watchdog that starts at each reset, with 30 ms: shorter than the job, longer than a call.

class FlmWatchdog : public Board, public ::testing::WithParamInterface<const char *> {
 protected:
  Outcome run(const std::string &more) {
    put(0, firmware(64 * kib, 1));
    image(0x500, firmware(20'000, 2));
    settings += "faults = [\"hardware_iwdg\", \"iwdg=30\"]\n";
    family = fmt::format(
        "plugin = \"flm\"\n[family.settings]\nalgorithm = \"{}/algorithms/F1_128.FLM\"\n"
        "ram_start = 0x20000000\nram_size = \"{}\"\n{}\n",
        ALGORITHMS, GetParam(), more);
    return flashhost();
  }
};

TEST_P(FlmWatchdog, ResetsTheChipWhereItIsNotKnown) {
  const Outcome outcome = run("");
  EXPECT_EQ(outcome.exit_code, 8) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("If a watchdog may have reset the chip, name it: "
                                     "watchdog_address in [family.settings]."));
}

TEST_P(FlmWatchdog, IsFedWhereItIsKnown) {
  expect_done(run("watchdog_address = 0x40003000\nwatchdog_value = 0xAAAA"));
}

INSTANTIATE_TEST_SUITE_P(BesideTheAgentAndCallByCall, FlmWatchdog, ::testing::Values("20K", "3K"));

TEST_F(SeveralFlashes, AWatchdogNeedsBothItsSettings) {
  for (const char *half : {"watchdog_address = 0x40003000", "watchdog_value = 0xAAAA"}) {
    use("ODD80", half);
    image(0, firmware(1000, 2));
    const Outcome outcome = run();
    expect_untouched(outcome, 2);
    EXPECT_THAT(outcome.err, HasSubstr("beside it"));
  }
}

}  // namespace
}  // namespace flashhost::testing
