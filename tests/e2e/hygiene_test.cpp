// Standard streams that are closed, full or gone, what is lost with them, and what must not reach
// a terminal.
#include "board.hpp"
#include "last_line.hpp"

#include <gmock/gmock.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace flashhost::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class Streams : public Board {
 protected:
  Streams() {
    put(0, firmware(10'001, 1));
    image(0, firmware(30'333, 2));  // the last sector keeps nothing; there is work for some bars
  }

  Outcome started(const Start &start, const std::vector<std::string> &arguments = {}) {
    return run_started(start, command(arguments), environment());
  }
  [[nodiscard]] std::string path(const std::string &name) const {
    return (directory.path() / name).string();
  }
  [[nodiscard]] Bytes content(const std::string &name) const {
    std::ifstream stream(path(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }
};

TEST_F(Streams, ThatAreClosedNeverBecomeADataFile) {
  for (const bool input_closed : {false, true}) {
    for (const Where out : {Where::pipe, Where::closed}) {
      for (const Where err : {Where::pipe, Where::closed}) {
        Start start;
        start.input_closed = input_closed;
        start.out = out;
        start.err = err;
        const Outcome outcome = started(start, {"-v", "read", "-o", path("dump.bin")});
        EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
        Bytes old = firmware(10'001, 1);
        old.resize(flash_size, 0xFF);
        EXPECT_TRUE(content("dump.bin") == old) << "input closed " << input_closed << ", output "
                                                << int(out) << ", errors " << int(err);
      }
    }
  }
  EXPECT_EQ(flash().size(), flash_size) << "the simulator's file";
}

TEST_F(Streams, ThatAreAllClosedDoNotKeepItFromProgramming) {
  Start start;
  start.input_closed = true;
  start.out = Where::closed;
  start.err = Where::closed;
  expect_done(started(start, {"-v"}));
}

class StandardErrorLost : public Streams, public ::testing::WithParamInterface<Where> {};

TEST_P(StandardErrorLost, IsNoReasonToStopProgramming) {
  Start start;
  start.err = GetParam();
  expect_done(started(start, {"-vv"}));
}

TEST_P(StandardErrorLost, LeavesTheExitCodeOfAnErrorAlone) {
  image(128 * 1024 - 10, firmware(20, 3));
  Start start;
  start.err = GetParam();
  expect_untouched(started(start), 4);
}

TEST_P(StandardErrorLost, LeavesJsonAndItsExitCodeAlone) {
  Start start;
  start.err = GetParam();
  const Outcome outcome = started(start, {"--json", "-v"});
  expect_done(outcome);
  EXPECT_EQ(last_line(outcome.out).at("exit_code"), 0);
}

INSTANTIATE_TEST_SUITE_P(Everywhere, StandardErrorLost,
                         ::testing::Values(Where::full, Where::no_reader, Where::closed));

TEST_F(Streams, OfATerminalThatVanishesAreNoReasonToStopProgramming) {
  Start start;
  start.err = Where::terminal;
  start.hang_up_at = "programming";
  expect_done(started(start, {"-v"}));
}

TEST_F(Streams, OfATerminalThatVanishesUnderNohupAreNoReasonToStopProgramming) {
  Start start;
  start.err = Where::terminal;
  start.controlling_terminal = true;
  start.ignored = {SIGHUP};
  start.hang_up_at = "programming";
  expect_done(started(start));
}

TEST_F(Streams, OfATerminalThatVanishesStopItSafelyAndTheNextRunCompletes) {
  image(40 * 1024, firmware(80 * 1024, 3));  // so much that it cannot be done before the signal
  Start start;
  start.err = Where::terminal;
  start.controlling_terminal = true;
  start.hang_up_at = "programming";
  const Outcome outcome = started(start);
  EXPECT_EQ(outcome.exit_code, 130) << outcome.err;
  expect_done(flashhost());
}

class ResultsLost : public Streams,
                    public ::testing::WithParamInterface<std::vector<std::string>> {};

TEST_P(ResultsLost, IsAnErrorThatSaysSo) {
  Start start;
  start.out = Where::full;
  const Outcome full = started(start, GetParam());
  EXPECT_EQ(full.exit_code, 2) << full.err;
  EXPECT_THAT(full.err, AllOf(HasSubstr("error: standard output could not be written: "
                                        "No space left on device\n"),
                              HasSubstr("make room")));
  start.out = Where::no_reader;
  EXPECT_EQ(started(start, GetParam()).exit_code, 2);
  start.out = Where::closed;
  EXPECT_EQ(started(start, GetParam()).exit_code, 2);
  start.err = Where::closed;
  EXPECT_EQ(started(start, GetParam()).exit_code, 2);
}

using Words = std::vector<std::string>;
INSTANTIATE_TEST_SUITE_P(OfEveryVerb, ResultsLost,
                         ::testing::Values(Words{"plan"}, Words{"info"}, Words{"list", "plugins"},
                                           Words{"list", "chips"}, Words{"list", "probes"},
                                           Words{"--help"}, Words{"--version"},
                                           Words{"read", "-o", "-"}, Words{"--json", "plan"},
                                           Words{"--json", "info"},
                                           Words{"--json", "list", "chips"}));

TEST_F(Streams, OfResultsAreNotNeededToProgram) {
  Start start;
  start.out = Where::full;
  expect_done(started(start));
}

TEST_F(Streams, OfJsonThatAreLostEndInAnErrorThoughTheFlashIsRight) {
  Start start;
  start.out = Where::full;
  const Outcome outcome = started(start, {"--json"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("standard output could not be written"));
  EXPECT_TRUE(flash() == wanted());
}

TEST_F(Streams, OfJsonThatAreLostLeaveTheExitCodeOfAnotherErrorAlone) {
  image(128 * 1024 - 10, firmware(20, 3));
  Start start;
  start.out = Where::full;
  expect_untouched(started(start, {"--json"}), 4);
}

TEST_F(Streams, CarryAnErrorObjectForEveryErrorOfTheCommandLine) {
  const std::vector<Words> wrong = {
      {"--json", "--frobnicate"}, {"--frobnicate", "--json"}, {"--json"},
      {"--json", "flsh"},         {"read", "--json"},         {"list", "nothing", "--json"}};
  for (Words words : wrong) {
    words.insert(words.begin(), FLASHHOST_PROGRAM);
    const Outcome outcome = run_process(words);
    EXPECT_EQ(outcome.exit_code, 2) << outcome.err;
    const nlohmann::json error = last_line(outcome.out);
    ASSERT_TRUE(error.is_object()) << words.back();
    EXPECT_EQ(error.at("event"), "error");
    EXPECT_EQ(error.at("exit_code"), 2);
    EXPECT_THAT(outcome.err, HasSubstr("error: " + std::string(error.at("text"))));
  }
}

TEST_F(Streams, CarryNoErrorObjectThatNobodyAskedFor) {
  for (const Words &words : {Words{"--frobnicate"}, Words{"plan", "--", "--json"}}) {
    Words all{FLASHHOST_PROGRAM};
    all.insert(all.end(), words.begin(), words.end());
    EXPECT_EQ(run_process(all).out, "");
  }
}

TEST_F(Streams, CarryAnErrorObjectForAWrongBoardFile) {
  std::ofstream(path("wrong.toml")) << "[transport\n";
  const Outcome outcome =
      run_process({FLASHHOST_PROGRAM, "--json", "--config", path("wrong.toml")});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_EQ(last_line(outcome.out).at("exit_code"), 2);
}

// A sanitizer needs more addresses than any limit that means something allows.
#ifndef FLASHHOST_SANITIZED
TEST_F(Streams, CarryAnErrorObjectWhenMemoryRunsOut) {
  std::ofstream(path("huge.bin")) << "x";
  std::filesystem::resize_file(path("huge.bin"), 60 * 1024 * 1024);
  Start start;
  start.memory = std::size_t{60} * 1024 * 1024;
  const Outcome outcome = started(start, {"--json", "flash", path("huge.bin")});
  EXPECT_EQ(outcome.exit_code, 10) << outcome.err;
  const nlohmann::json error = last_line(outcome.out);
  EXPECT_EQ(error.at("exit_code"), 10);
  EXPECT_EQ(error.at("text"), "out of memory");
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("error: out of memory\n"), HasSubstr("ulimit")));
}
#endif

// One that shows what a terminal would obey: both sets of control characters, in both of their
// forms, and what turns the direction of writing.
const std::string hostile =
    "a\x1b[2J\x07\x7f\x9b"
    "2J\xc2\x9b"
    "2J\xe2\x80\xae\r\nerror: b";

void expect_harmless(const std::string &text) {
  for (const char *part :
       {"\x1b", "\x07", "\x7f", "\r", "\xc2\x9b", "\xe2\x80\xae", "\nerror: b"}) {
    EXPECT_THAT(text, Not(HasSubstr(part)));
  }
  // The first byte of C1's other form stands only where it continues a character.
  for (std::size_t at = 0; (at = text.find('\x9b', at)) != std::string::npos; ++at) {
    EXPECT_TRUE(at > 0 && text[at - 1] < 0) << text;
  }
}

TEST_F(Streams, ShowFileAndFolderNamesWithoutWhatATerminalObeys) {
  const std::string folder = path(hostile);
  std::filesystem::create_directory(folder);
  std::ofstream(folder + "/format-" + hostile + ".so") << "no plugin";
  std::ofstream(folder + "/format-bad.so") << "no plugin";
  std::ofstream(folder + "/board.toml") << "[transport\n";
  std::ofstream(folder + "/bad.hex") << ":00000001FE\n";
  const std::vector<Words> runs = {{"flash", folder + "/missing.hex"},
                                   {"flash", folder + "/bad.hex"},
                                   {"flash", folder + "/bad.unknown"},
                                   {"--plugin-dir", folder, "list", "plugins"},
                                   {"--plugin-dir", folder, "--set", "transport.plugin=bad"},
                                   {"read", "-o", folder + "/dump.bin"},
                                   {"read", "-o", folder + "/no/dump.bin"},
                                   {hostile},
                                   {"--" + hostile},
                                   {"--range", hostile, "erase"}};
  for (const Words &words : runs) {
    const Outcome outcome = flashhost(words);
    expect_harmless(outcome.out);
    expect_harmless(outcome.err);
    EXPECT_THAT(outcome.out + outcome.err, HasSubstr("x1b[2J")) << words.front();
  }
  const Outcome outcome = run_process({FLASHHOST_PROGRAM, "-c", folder + "/board.toml"});
  expect_harmless(outcome.err);
  EXPECT_THAT(outcome.err, HasSubstr("x1b[2J"));
}

TEST_F(Streams, ShowTextsOfABoardFileWithoutWhatATerminalObeys) {
  const std::string text = R"("a\u001b[2J\u009b2J\u202e\nerror: b")";
  for (const std::string &line :
       {"[transport]\nplugin = " + text, "[transport]\nplugin = \"sim\"\nserial = " + text,
        "[transport]\nplugin = \"sim\"\n[transport.settings]\nchip = " + text,
        "[transport]\nplugin = \"sim\"\n[family]\nchip = " + text,
        "[transport]\nplugin = \"sim\"\n[transport.settings]\n" + text + " = 1",
        "[transport]\nplugin = \"sim\"\n[[image]]\nfile = " + text}) {
    std::ofstream(path("hostile.toml")) << line << "\n";
    const Outcome outcome = run_process({FLASHHOST_PROGRAM, "--plugin-dir", FLASHHOST_PLUGINS, "-v",
                                         "-c", path("hostile.toml"), "info"},
                                        environment());
    expect_harmless(outcome.out);
    expect_harmless(outcome.err);
  }
}

TEST_F(Streams, CarryJsonThatIsUtf8AndHarmlessWhateverAFileIsCalled) {
  std::filesystem::create_directory(path(hostile));
  for (const Words &words : {Words{"--json", "flash", path(hostile) + "/missing.hex"},
                             Words{"--json", "read", "-o", path(hostile) + "/dump.bin"},
                             Words{"--json", "-" + hostile}}) {
    const Outcome outcome = flashhost(words);
    expect_harmless(outcome.out);
    std::istringstream lines(outcome.out);
    for (std::string line; std::getline(lines, line);) {
      EXPECT_TRUE(nlohmann::json::accept(line)) << line;
    }
    EXPECT_EQ(last_line(outcome.out).at("exit_code"), outcome.exit_code);
  }
}

}  // namespace
}  // namespace flashhost::testing
