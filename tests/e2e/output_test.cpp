// What the program says, to people and to machines.
#include "board.hpp"
#include "last_line.hpp"

#include <gmock/gmock.h>

#include <sstream>

namespace flashhost::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class Output : public Board {};

TEST_F(Output, OfPlanGoesToStandardOutputAndNothingIsWritten) {
  put(0, firmware(8192, 1));
  image(0, firmware(6000, 2));
  const Outcome outcome = flashhost({"plan"});
  expect_untouched(outcome, 0);
  EXPECT_EQ(outcome.out,
            "STM32F103xB: 128 KiB of flash, 6000 bytes of image\n"
            "  0x08000000..0x080003ff     1 sector  erase first, program last\n"
            "  0x08000400..0x080013ff    4 sectors  erase, program\n"
            "  0x08001400..0x080017ff     1 sector  erase, program, keep what the image does not "
            "cover\n"
            "6 sector erases (120 ms), 6 KiB programmed (161.3 ms): 281.3 ms of flash time\n");
}

TEST_F(Output, HasALinePerStepWithoutATerminal) {
  image(0, firmware(6000, 2));
  const Outcome outcome = flashhost();
  EXPECT_THAT(outcome.err,
              AllOf(HasSubstr("preparing the target\n"), HasSubstr("programming 6000 bytes\n"),
                    HasSubstr("verifying\n"), Not(HasSubstr("\x1b"))));
}

TEST_F(Output, HasABarOnATerminal) {
  image(0, firmware(60'000, 2));
  const Outcome outcome = run_on_terminal(command({}), environment());
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("[####"), HasSubstr("100%"), HasSubstr(" KiB/s"),
                                 HasSubstr(" left")));
}

TEST_F(Output, ColoursTheWordErrorOnATerminalUnlessThatIsUnwanted) {
  image(127 * 1024, firmware(2048, 2));
  const Environment terminal{{"TERM", "xterm-256color"}};
  const std::string red = "\x1b[31m\x1b[1merror:\x1b[0m ";
  EXPECT_THAT(run_on_terminal(command({}), environment(terminal)).err, HasSubstr(red));
  EXPECT_THAT(flashhost({}, terminal).err, Not(HasSubstr("\x1b")));
  const Environment plain{{"TERM", "xterm-256color"}, {"NO_COLOR", "1"}};
  EXPECT_THAT(run_on_terminal(command({}), environment(plain)).err,
              AllOf(HasSubstr("error: "), Not(HasSubstr("\x1b[31m"))));
  EXPECT_THAT(run_on_terminal(command({"--no-color"}), environment(terminal)).err,
              AllOf(HasSubstr("error: "), Not(HasSubstr("\x1b[31m"))));
}

TEST_F(Output, IsOneJsonObjectPerLineOnDemand) {
  image(0, firmware(6000, 2));
  const Outcome outcome = flashhost({"--json"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  std::istringstream lines(outcome.out);
  std::string line;
  nlohmann::json last;
  int count = 0;
  while (std::getline(lines, line)) {
    last = nlohmann::json::parse(line);
    EXPECT_TRUE(last.contains("event")) << line;
    ++count;
  }
  EXPECT_GE(count, 5);
  EXPECT_EQ(last.at("event"), "result");
  EXPECT_EQ(last.at("exit_code"), 0);
  EXPECT_EQ(last.at("programmed_bytes"), 6000);
}

TEST_F(Output, OfAnErrorInJsonHasTheExitCode) {
  image(127 * 1024, firmware(2048, 2));
  const Outcome outcome = flashhost({"--json"});
  EXPECT_EQ(outcome.exit_code, 4);
  const nlohmann::json error = last_line(outcome.out);
  EXPECT_EQ(error.at("event"), "error");
  EXPECT_EQ(error.at("exit_code"), 4);
  EXPECT_THAT(std::string(error.at("text")), HasSubstr("does not fit"));
}

TEST_F(Output, OfListPlugins) {
  const Outcome outcome =
      run_process({FLASHHOST_PROGRAM, "--plugin-dir", FLASHHOST_PLUGINS, "list", "plugins"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("family"), HasSubstr("f1"), HasSubstr("ihex"),
                                 HasSubstr("srec"), HasSubstr("sim")));
}

TEST_F(Output, OfListChips) {
  const Outcome outcome =
      run_process({FLASHHOST_PROGRAM, "--plugin-dir", FLASHHOST_PLUGINS, "list", "chips"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("STM32F103CB"));
}

TEST_F(Output, OfVersion) {
  const Outcome outcome = run_process({FLASHHOST_PROGRAM, "--version"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("flashhost 0."));
}

TEST_F(Output, IsQuietWhenAsked) {
  image(0, firmware(6000, 2));
  const Outcome outcome = flashhost({"-q"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.err + outcome.out, "");
}

TEST_F(Output, OfWrongUsageExplains) {
  const Outcome outcome = run_process({FLASHHOST_PROGRAM, "flsh"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_FALSE(outcome.err.empty());
}

}  // namespace
}  // namespace flashhost::testing
