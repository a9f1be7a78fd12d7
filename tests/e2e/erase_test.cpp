// The erase verb: a flash job with an image of erased bytes.
#include "board.hpp"

#include <gmock/gmock.h>

#include <csignal>
#include <filesystem>

namespace flashhost::testing {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

class Erase : public Board {
 protected:
  Erase() { put(0, firmware(128 * 1024, 1)); }

  // Everything as before, but for these bytes.
  void expect_erased(const Outcome &outcome, std::uint32_t offset, std::size_t size) {
    image(offset, Bytes(size, 0xFF));
    expect_done(outcome);
  }
};

TEST_F(Erase, AloneErasesTheWholeFlash) {
  const Outcome outcome = flashhost({"erase"});
  expect_erased(outcome, 0, flash_size);
  EXPECT_THAT(outcome.err,
              ContainsRegex("128 sectors erased at once and verified blank in [0-9.]+ ms"));
}

TEST_F(Erase, AllIsTheSame) {
  expect_erased(flashhost({"erase", "--all"}), 0, flash_size);
}

TEST_F(Erase, GoesSectorBySectorWhenTheBoardFileWantsIt) {
  flash_options = "erase = \"sectors\"\n";
  const Outcome outcome = flashhost({"erase"});
  expect_erased(outcome, 0, flash_size);
  EXPECT_THAT(outcome.err, ContainsRegex("128 sectors erased and verified blank in 2\\.[0-9] s"));
}

TEST_F(Erase, SaysWhenThereIsNothingToDo) {
  expect_erased(flashhost({"erase"}), 0, flash_size);
  const Outcome second = flashhost({"erase"});
  expect_done(second);
  EXPECT_THAT(second.err, HasSubstr("nothing to do: 0x08000000..0x0801ffff is blank already"));
}

TEST_F(Erase, TakesARangeOfWholeSectors) {
  const Outcome outcome = flashhost({"erase", "--range", "0x08000400:2K"});
  expect_erased(outcome, 1024, 2048);
  EXPECT_THAT(outcome.err, HasSubstr("2 sectors erased and verified blank in "));
}

TEST_F(Erase, KeepsWhatASectorHoldsOutsideTheRange) {
  const Outcome outcome = flashhost({"erase", "--range", "0x08000401:3000"});
  expect_erased(outcome, 1025, 3000);
  EXPECT_THAT(outcome.err, HasSubstr("3 sectors erased and verified blank, 74 bytes around "
                                     "0x08000401..0x08000fb8 kept in "));
}

TEST_F(Erase, KeepsTheRestOfTheBootSectorWithoutItsVectors) {
  expect_erased(flashhost({"erase", "--range", "0x08000000:8"}), 0, 8);
}

TEST_F(Erase, ErasesAPartOnlyEvenWhenTheBoardFilePrefersMassErase) {
  flash_options = "erase = \"mass\"\n";
  expect_erased(flashhost({"erase", "--range", "0x08010000:64K"}), 64 * 1024, 64 * 1024);
}

TEST_F(Erase, DoesNotTouchFlashBeyondWhatTheChipReports) {
  settings += "faults = [\"flash_size_register=0x0040\"]\n";  // 64 KiB of a die that holds 128
  const Outcome outcome = flashhost({"erase"});
  expect_erased(outcome, 0, 64 * 1024);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("64 sectors erased"), Not(HasSubstr("at once"))));
}

TEST_F(Erase, DoesNotClaimToHaveVerified) {
  flash_options = "verify = \"none\"\n";
  const Outcome outcome = flashhost({"erase"});
  expect_erased(outcome, 0, flash_size);
  EXPECT_THAT(outcome.err, HasSubstr("128 sectors erased at once, not verified in "));
}

TEST_F(Erase, WorksWithoutALoader) {
  settings += "faults = [\"bad_sram=0x20000044\"]\n";
  const Outcome outcome = flashhost({"erase", "--range", "0x08000401:3000"});
  expect_erased(outcome, 1025, 3000);
  EXPECT_THAT(outcome.err, HasSubstr("no loader can run on this target"));
}

TEST_F(Erase, RefusesARangeOutsideTheFlash) {
  struct Case {
    const char *range;
    const char *words;
  };
  for (const Case &c : {Case{"0x08020000:1K", "0x08020000..0x080203ff lies outside the flash of"},
                        Case{"0x0801FC00:2K", "lies in part outside the flash of STM32F103xB"},
                        Case{"0x1FFFF800:16", "lies in the option bytes of STM32F103xB"}}) {
    const Outcome outcome = flashhost({"erase", "--range", c.range});
    expect_untouched(outcome, 4);
    EXPECT_THAT(outcome.err,
                AllOf(HasSubstr(c.words), HasSubstr("the flash is 0x08000000..0x0801ffff")));
  }
}

TEST_F(Erase, RefusesItBeforeItOpensAProbeWhenTheBoardFileNamesTheChip) {
  family = "chip = \"STM32F103C8\"\n";
  settings += "no_such_setting = 1\n";  // opening the probe would stumble over this
  const Outcome outcome = flashhost({"erase", "--range", "0x08010000:1K"});
  expect_untouched(outcome, 4);
  EXPECT_THAT(outcome.err, HasSubstr("outside the flash of STM32F103C8"));
}

TEST_F(Erase, RefusesAWriteProtectedSectorUntilItMayUnlock) {
  settings += "faults = [\"write_protected=4\"]\n";
  const Outcome refused = flashhost({"erase"});
  expect_untouched(refused, 7);
  EXPECT_THAT(refused.err, HasSubstr("flash.unlock = true"));
  flash_options = "unlock = true\n";
  expect_erased(flashhost({"erase"}), 0, flash_size);
}

TEST_F(Erase, OfAProtectedChipSaysWhatErasedIt) {
  settings += "faults = [\"read_protected\"]\n";
  expect_untouched(flashhost({"erase"}), 7);
  flash_options = "unlock = true\n";
  const Outcome outcome = flashhost({"erase"});
  expect_erased(outcome, 0, flash_size);
  EXPECT_THAT(outcome.err, HasSubstr("lifting the protection erased the whole flash"));
}

TEST_F(Erase, NamesACellThatDoesNotErase) {
  settings += "faults = [\"bad_erase=0x08000804\"]\n";
  const Outcome outcome = flashhost({"erase", "--range", "0x08000800:1K"});
  EXPECT_EQ(outcome.exit_code, 8) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("0x08000804"));
}

TEST_F(Erase, ThatWasKilledIsCompletedByTheNext) {
  flash_options = "erase = \"sectors\"\n";
  const std::vector<std::string> words = {"--json", "erase", "--range", "0x08000201:100000"};
  const Outcome killed =
      run_watched(command(words), environment(), [](const std::string &line, pid_t pid) {
        if (line.find("\"erasing and programming\"") != std::string::npos) ::kill(pid, SIGKILL);
      });
  EXPECT_EQ(killed.exit_code, 128 + SIGKILL) << killed.err;
  const Outcome second = flashhost({"erase", "--range", "0x08000201:100000"});
  expect_erased(second, 0x201, 100'000);
  EXPECT_THAT(second.err, HasSubstr("an earlier run on this chip was interrupted"));
}

TEST_F(Erase, ReportsItselfInJson) {
  const Outcome outcome = flashhost({"--json", "erase"});
  expect_erased(outcome, 0, flash_size);
  EXPECT_THAT(outcome.out,
              AllOf(HasSubstr(R"("event":"result")"), HasSubstr(R"("erased_sectors":128)"),
                    HasSubstr(R"("mass_erase":true)"), HasSubstr("verified blank")));
}

}  // namespace
}  // namespace flashhost::testing
