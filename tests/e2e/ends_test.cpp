// Whatever ends a run, its last message says what became of the flash, and it is true.
#include "board.hpp"
#include "last_line.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <csignal>
#include <functional>
#include <regex>

namespace flashhost::testing {
namespace {

struct End {
  const char *name;
  int exit_code;
  const char *flash_state;  // as JSON has it
  // Makes the run that ends so; with --json or without.
  std::function<Outcome(class Ends &, const std::vector<std::string> &more)> run;
};

class Ends : public Board, public ::testing::WithParamInterface<End> {
 public:
  Ends() {
    put(0, firmware(128 * 1024, 1));
    image(0, firmware(60'000, 2));
  }
  Outcome with(std::vector<std::string> words, const std::vector<std::string> &more) {
    words.insert(words.end(), more.begin(), more.end());
    return flashhost(words);
  }
  // Sends the signal when the program has written so much.
  Outcome stopped(const char *at, const std::vector<std::string> &more) {
    std::vector<std::string> words{"-vv"};
    words.insert(words.end(), more.begin(), more.end());
    bool sent = false;
    return run_watched(command(words), environment(), [&](const std::string &line, pid_t pid) {
      if (sent || line.find(at) == std::string::npos) return;
      sent = true;
      ::kill(pid, SIGINT);
    });
  }
  [[nodiscard]] std::string path(const char *file) const {
    return (directory.path() / file).string();
  }
  using Board::settings;
};

int count(const std::string &text, const std::regex &what) {
  return static_cast<int>(
      std::distance(std::sregex_iterator(text.begin(), text.end(), what), std::sregex_iterator()));
}

TEST_P(Ends, SayWhatBecameOfTheFlash) {
  const End &end = GetParam();
  for (const bool json : {true, false}) {
    std::filesystem::remove(directory.path() / "flash.bin");
    std::filesystem::remove_all(directory.path() / "state");
    const std::string settings_before = settings;
    const Outcome outcome =
        end.run(*this, json ? std::vector<std::string>{"--json"} : std::vector<std::string>{});
    settings = settings_before;
    EXPECT_EQ(outcome.exit_code, end.exit_code) << outcome.err;
    const std::string state = end.flash_state;
    if (json) {
      EXPECT_EQ(last_line(outcome.out).at("flash_state"), state) << outcome.out;
    } else {
      const auto icase = std::regex::icase;
      const std::vector<std::pair<std::string, int>> said{
          {"unchanged", count(outcome.err, std::regex("nothing was changed", icase))},
          {"partly_written", count(outcome.err, std::regex("is partly written"))},
          {"written", count(outcome.err, std::regex("(written|erased|at once), not verified"))},
          {"written_and_verified",
           count(outcome.err, std::regex("(written|erased|at once) and verified"))}};
      for (const auto &[word, times] : said) {
        EXPECT_EQ(times, word == state ? 1 : 0) << word << "\n" << outcome.err;
      }
    }
    if (state == "unchanged") expect_untouched(outcome, end.exit_code);
    if (state == "partly_written") expect_done(flashhost());
  }
}

using Words = std::vector<std::string>;

INSTANTIATE_TEST_SUITE_P(All, Ends,
                         ::testing::
                             Values(
                                 End{"Flashed", 0, "written_and_verified",
                                     [](Ends &board, const Words &more) {
                                       return board.with({}, more);
                                     }},
                                 End{"FlashedWithoutVerifying", 0, "written",
                                     [](Ends &board, const Words &more) {
                                       return board.with({"--verify", "none", "--no-preserve"},
                                                         more);
                                     }},
                                 End{"NothingToDo", 0, "unchanged",
                                     [](Ends &board, const Words &more) {
                                       // The image is made to be what the flash holds already.
                                       const Outcome read = board.with(
                                           {"read", "-q", "-o", board.path("dump.bin")}, {});
                                       EXPECT_EQ(read.exit_code, 0) << read.err;
                                       return board.with({board.path("dump.bin")}, more);
                                     }},
                                 End{"Erased", 0, "written_and_verified",
                                     [](Ends &board, const Words &more) {
                                       return board.with({"erase"}, more);
                                     }},
                                 End{"ErasedWithoutVerifying", 0, "written",
                                     [](Ends &board, const Words &more) {
                                       return board.with({"erase", "--verify", "none"}, more);
                                     }},
                                 End{"Different", 9, "unchanged",
                                     [](Ends &board, const Words &more) {
                                       return board.with({"verify"}, more);
                                     }},
                                 End{"Read", 0, "unchanged",
                                     [](Ends &board, const Words &more) {
                                       return board.with({"read", "-o", board.path("dump.bin")},
                                                         more);
                                     }},
                                 End{"Reset", 0, "unchanged",
                                     [](Ends &board, const Words &more) {
                                       return board.with({"reset"}, more);
                                     }},
                                 End{"NoImage", 4, "unchanged",
                                     [](Ends &board, const Words &more) {
                                       return board.with({"missing.hex"}, more);
                                     }},
                                 End{"WrongBoardFile", 2, "unchanged",
                                     [](Ends &board, const Words &more) {
                                       return board.with({"--set", "flash.erase=sometimes"}, more);
                                     }},
                                 End{"AnotherChip", 6, "unchanged",
                                     [](Ends &board, const Words &more) {
                                       return board.with({"--chip", "STM32F103ZG"}, more);
                                     }},
                                 End{"Protected", 7, "unchanged",
                                     [](Ends &board, const Words &more) {
                                       board.settings += "faults = [\"read_protected\"]\n";
                                       return board.with({}, more);
                                     }},
                                 End{"Unlocked", 0, "written_and_verified",
                                     [](Ends &board, const Words &more) {
                                       board.settings += "faults = [\"read_protected\"]\n";
                                       return board.with({"--unlock"}, more);
                                     }},
                                 End{"ASectorThatDoesNotErase", 8, "partly_written",
                                     [](Ends &board, const Words &more) {
                                       board.settings += "faults = [\"bad_erase=0x08000C00\"]\n";
                                       return board.with({}, more);
                                     }},
                                 End{"UnpluggedEarly", 5, "unchanged",
                                     [](Ends &board, const Words &more) {
                                       board.settings += "faults = [\"usb_unplug_at=20\"]\n";
                                       return board.with({}, more);
                                     }},
                                 End{"UnpluggedLate", 5, "partly_written",
                                     [](Ends &board, const Words &more) {
                                       board.settings += "faults = [\"usb_unplug_at=110\"]\n";
                                       return board.with({}, more);
                                     }},
                                 End{"StoppedBefore", 130, "unchanged",
                                     [](Ends &board, const Words &more) {
                                       return board.stopped("starting the loader", more);
                                     }},
                                 End{"StoppedWithin", 130, "partly_written",
                                     [](Ends &board, const Words &more) {
                                       return board.stopped("erasing and programming after", more);
                                     }},
                                 End{"OutOfTime", 11, "unchanged",
                                     [](Ends &board, const Words &more) {
                                       return board.with({"--timeout", "0.001"}, more);
                                     }}),
                         [](const auto &test) { return test.param.name; });

TEST_F(Ends, WhereTheResultIsLostSayThatTheFlashIsWritten) {
  Start start;
  start.out = Where::full;
  const Outcome outcome = run_started(start, command({"--json"}), environment());
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.err, ::testing::HasSubstr("The chip is written and verified."));
  EXPECT_EQ(flash(), wanted());
}

TEST_F(Ends, OfVerbsWithoutAChipSayNothingAboutIt) {
  const Outcome outcome = flashhost({"list", "chips", "--plugin-dir", "/nowhere"});
  EXPECT_EQ(outcome.err.find("changed"), std::string::npos) << outcome.err;
}

}  // namespace
}  // namespace flashhost::testing
