// verify, info, reset, list probes, and the exit codes that all verbs share.
#include "board.hpp"
#include "last_line.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <sstream>

namespace flashhost::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

std::string golden(const std::string &name) {
  std::ifstream stream(std::string(FLASHHOST_GOLDEN) + "/" + name);
  EXPECT_TRUE(stream) << name;
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

class Verbs : public Board {
 protected:
  Verbs() { put(0, firmware(8192, 1)); }

  // Each verb that works on a target, complete.
  [[nodiscard]] std::vector<std::vector<std::string>> all() const {
    const std::string dump = (directory.path() / "dump.bin").string();
    return {{"flash"}, {"plan"}, {"verify"}, {"erase"}, {"read", "-o", dump}, {"info"}, {"reset"}};
  }
};

TEST_F(Verbs, VerifyAgreesWithWhatWasWritten) {
  image(1, firmware(6001, 2));
  expect_done(flashhost());
  for (const bool fast : {false, true}) {
    std::vector<std::string> words = {"verify"};
    if (fast) words.emplace_back("--fast");
    const Outcome outcome = flashhost(words);
    expect_done(outcome);
    EXPECT_THAT(outcome.err, HasSubstr("the flash holds all 6001 bytes of the image"));
  }
}

TEST_F(Verbs, VerifyNamesTheFirstDifferenceAndHowManyThereAre) {
  Bytes bytes = firmware(8192, 1);
  bytes[0x7FF] = 0x80;
  bytes[0x1234] = 0x81;
  image(0, bytes);
  for (const bool fast : {false, true}) {
    std::vector<std::string> words = {"verify"};
    if (fast) words.emplace_back("--fast");
    const Outcome outcome = flashhost(words);
    expect_untouched(outcome, 9);
    EXPECT_THAT(outcome.err, AllOf(HasSubstr("the flash differs from the image: 0x080007ff holds"),
                                   HasSubstr("instead of 0x80 (first of 2 bytes that differ)"),
                                   HasSubstr("`flashhost flash` writes the image")));
  }
}

TEST_F(Verbs, VerifyFindsADifferenceInABytePastTheLastWord) {
  Bytes bytes = firmware(8192, 1);
  bytes.resize(4099);
  bytes[4098] = 0x80;
  image(0, bytes);
  for (const bool fast : {false, true}) {
    std::vector<std::string> words = {"verify"};
    if (fast) words.emplace_back("--fast");
    const Outcome outcome = flashhost(words);
    expect_untouched(outcome, 9);
    EXPECT_THAT(outcome.err, HasSubstr("0x08001002 holds"));
  }
}

TEST_F(Verbs, VerifyIsFasterWhenItMayUseTheLoader) {
  image(0, firmware(8192, 1));
  flash_size = 128 * 1024;
  put(8192, firmware(100'000, 2));
  image(8192, firmware(100'000, 2));
  const auto seconds = [](const Outcome &outcome) {
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    const auto open = outcome.err.rfind('(');
    const double number = std::stod(outcome.err.substr(open + 1));
    return outcome.err.find("ms)", open) != std::string::npos ? number / 1000 : number;
  };
  const double gentle = seconds(flashhost({"verify"}));
  const double fast = seconds(flashhost({"verify", "--fast"}));
  EXPECT_LT(fast, gentle);
}

TEST_F(Verbs, VerifyWithoutALoaderIsDoneByReading) {
  image(0, firmware(8192, 1));
  settings += "faults = [\"bad_sram=0x20000044\"]\n";
  const Outcome outcome = flashhost({"verify", "--fast"});
  expect_untouched(outcome, 0);
  EXPECT_THAT(outcome.err, HasSubstr("no loader can run on this target"));
}

TEST_F(Verbs, InfoShowsProbeAndChip) {
  for (const bool fast : {false, true}) {
    std::vector<std::string> words = {"info"};
    if (fast) words.emplace_back("--fast");
    const Outcome outcome = flashhost(words);
    expect_untouched(outcome, 0);
    EXPECT_EQ(outcome.out, golden("info.txt"));
  }
}

TEST_F(Verbs, InfoShowsProtectionAndIsNoError) {
  settings += "faults = [\"read_protected\"]\n";
  const Outcome outcome = flashhost({"info"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("protection  read protection is on (FLASH_OBR 0x"));
}

TEST_F(Verbs, InfoInJsonHasNumbers) {
  const Outcome outcome = flashhost({"--json", "info"});
  const nlohmann::json info = last_line(outcome.out);
  EXPECT_EQ(info.at("event"), "info");
  EXPECT_EQ(info.at("chip"), "STM32F103xB");
  EXPECT_EQ(info.at("device_id"), 0x410);
  EXPECT_EQ(info.at("flash_bytes"), 128 * 1024);
  EXPECT_EQ(info.at("flash_sectors"), 128);
  EXPECT_EQ(info.at("ram_address"), 0x20000000);
  EXPECT_EQ(info.at("voltage"), 3.3);
  EXPECT_EQ(info.at("read_protected"), false);
}

TEST_F(Verbs, ResetDoesWhatTheBoardFileSays) {
  const Outcome running = flashhost({"reset"});
  expect_untouched(running, 0);
  EXPECT_THAT(running.err, HasSubstr("reset, the core runs; nothing was changed\n"));
  for (const char *reset : {"halt", "none"}) {
    flash_options = std::string("reset = \"") + reset + "\"\n";
    const Outcome halted = flashhost({"reset"});
    expect_untouched(halted, 0);
    EXPECT_THAT(halted.err,
                HasSubstr("reset, the core is halted at its reset vector; nothing was changed\n"));
  }
}

TEST_F(Verbs, ListProbesShowsThemWithAndWithoutABoardFile) {
  const Outcome of_board = flashhost({"list", "probes"});
  EXPECT_EQ(of_board.exit_code, 0) << of_board.err;
  EXPECT_EQ(of_board.out, golden("list-probes.txt"));
  const Outcome alone =
      run_process({FLASHHOST_PROGRAM, "--plugin-dir", FLASHHOST_PLUGINS, "list", "probes"});
  EXPECT_EQ(alone.exit_code, 0) << alone.err;
  EXPECT_THAT(alone.out, Not(HasSubstr("SIM-"))) << "it is no hardware";
  const Outcome named = run_process({FLASHHOST_PROGRAM, "--plugin-dir", FLASHHOST_PLUGINS, "list",
                                     "probes", "--transport", "sim"});
  EXPECT_EQ(named.exit_code, 0) << named.err;
  EXPECT_THAT(named.out, HasSubstr("SIM-"));
}

TEST_F(Verbs, WithoutTheirProbeEndWith5AndNameWhatThereIs) {
  image(0, firmware(16, 2));
  for (std::vector<std::string> words : all()) {
    words.insert(words.end(), {"--set", "transport.serial=NOT-THERE"});
    const Outcome outcome = flashhost(words);
    expect_untouched(outcome, 5);
    EXPECT_THAT(outcome.err, AllOf(HasSubstr("NOT-THERE"), HasSubstr("SIM-STM32F103CB")))
        << words.front();
  }
}

TEST_F(Verbs, OnAnotherChipThanTheBoardFileSaysEndWith6) {
  image(0, firmware(16, 2));
  family = "chip = \"STM32F103RE\"\n";
  for (const std::vector<std::string> &words : all()) {
    const Outcome outcome = flashhost(words);
    expect_untouched(outcome, 6);
    EXPECT_THAT(outcome.err, HasSubstr("STM32F103RE")) << words.front();
  }
}

TEST_F(Verbs, ThatReadEndWith7OnAReadProtectedChip) {
  image(0, firmware(16, 2));
  settings += "faults = [\"read_protected\"]\n";
  for (const std::vector<std::string> &words : all()) {
    const bool needs_content = words.front() != "info" && words.front() != "reset";
    for (const bool fast : {false, true}) {
      std::vector<std::string> more = words;
      if (fast && (words.front() == "verify" || words.front() == "read" ||
                   words.front() == "plan" || words.front() == "info")) {
        more.emplace_back("--fast");
      }
      const Outcome outcome = flashhost(more);
      expect_untouched(outcome, needs_content ? 7 : 0);
    }
  }
}

TEST_F(Verbs, SpeakOfAnInterruptedRunOnlyWhenThereIsOne) {
  image(0, firmware(6000, 2));
  EXPECT_THAT(flashhost({"plan"}).err, Not(HasSubstr("interrupted")));
}

}  // namespace
}  // namespace flashhost::testing
