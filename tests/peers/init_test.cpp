// init on the virtual ST-Link: it writes a board file, which the next run uses. Each test is one
// shell command with several runs of flashhost.
#include "desk.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <filesystem>

namespace flashhost::testing {

namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const std::vector<std::string> twins{"--serial", "0669FF3031", "--serial", "0669FF3031"};
const std::vector<std::string> two{"--serial", "0669FF3031", "--serial", "0669FF4041"};

class InitOnStlink : public Desk {
 protected:
  // Lines of a shell script in the desk's folder, in which $F is flashhost; each says its exit
  // code.
  Outcome runs(const std::vector<std::string> &lines,
               const std::vector<std::string> &options = {}) {
    std::string script = fmt::format("cd '{}'; F='{} --plugin-dir {}'\n", directory.path().string(),
                                     FLASHHOST_PROGRAM, FLASHHOST_PLUGINS);
    for (const std::string &line : lines) script += line + "\necho \"exit $?\"\n";
    return on_probe({"/bin/sh", "-c", script}, options);
  }
  // init at a terminal, where this is typed.
  static std::string typed(const std::string &answers, const std::string &arguments = "") {
    return fmt::format("printf '{}' | script -qec \"$F init {}\" /dev/null", answers, arguments);
  }
  [[nodiscard]] std::string text(const std::string &name = "board.toml") const {
    const Flash content = read_file(name);
    return {content.begin(), content.end()};
  }
  [[nodiscard]] bool wrote(const std::string &name = "board.toml") const {
    return std::filesystem::exists(path(name));
  }
};

TEST_F(InitOnStlink, takes_what_is_found_and_the_next_run_uses_it) {
  const Flash image = pattern(3000, 1);
  write_file("app.bin", image);
  put_flash(used_flash());
  const Outcome outcome = runs({"$F init --yes --image app.bin </dev/null", "$F </dev/null"});
  EXPECT_EQ(outcome.out, "exit 0\nexit 0\n") << outcome.err;
  EXPECT_THAT(text(), AllOf(HasSubstr("name = \"STM32F103xB\""), HasSubstr("plugin = \"stlinkv2\""),
                            HasSubstr("\nserial = \""), HasSubstr("plugin = \"f1\""),
                            HasSubstr("\nchip = \"STM32F103xB\""),
                            HasSubstr("[[image]]\nfile = \"app.bin\"")));
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("board.toml: STM32F103xB on ST-LINK/V2"),
                                 HasSubstr("board file: board.toml"), HasSubstr("verified")));
  EXPECT_EQ(difference(with_image(used_flash(), 0, image), flash()), "");
}

TEST_F(InitOnStlink, changes_nothing_on_the_chip) {
  put_flash(used_flash());
  const Outcome outcome = runs({"$F init --yes </dev/null"});
  EXPECT_EQ(outcome.out, "exit 0\n") << outcome.err;
  EXPECT_EQ(difference(used_flash(), flash()), "");
  EXPECT_EQ(summary.at("system_resets"), 0);
  EXPECT_EQ(summary.at("programmed_units"), 0);
  EXPECT_TRUE(summary.at("board_notes").empty()) << summary.dump(2);
}

TEST_F(InitOnStlink, asks_on_a_terminal) {
  write_file("app.bin", pattern(500, 1));
  const Outcome outcome =
      runs({typed("99\\nstm32f103cb\\nblue \"pill\"\\n../app.bin@0x08004000\\n", "sub/rig.toml"),
            "mkdir sub",
            typed("99\\nstm32f103cb\\nblue \"pill\"\\napp.bin@0x08004000\\n", "sub/rig.toml"),
            "$F -c sub/rig.toml </dev/null"});
  EXPECT_THAT(outcome.out,
              AllOf(HasSubstr("No such file or directory"), HasSubstr("exit 2"),
                    HasSubstr("1  STM32F103xB: leave it at that"), HasSubstr("STM32F103CB"),
                    HasSubstr("Which chip is on the board [1]: "),
                    HasSubstr("Answer with a number from 1 to"),
                    HasSubstr("Name of the board [STM32F103CB]: "),
                    HasSubstr("Firmware file (may be left out): ")));
  EXPECT_THAT(text("sub/rig.toml"),
              AllOf(HasSubstr("name = \"blue \\\"pill\\\"\""), HasSubstr("chip = \"STM32F103CB\""),
                    HasSubstr("file = \"../app.bin\""), HasSubstr("\naddress = 0x08004000")));
  EXPECT_THAT(outcome.err, HasSubstr("blue \"pill\": STM32F103CB on ST-LINK/V2"));
  EXPECT_EQ(difference(with_image(Flash(flash_size, 0xFF), 0x4000, pattern(500, 1)), flash()), "");
}

TEST_F(InitOnStlink, takes_its_proposals_for_empty_answers_and_nothing_without_any) {
  const Outcome outcome = runs({typed("\\n\\n\\n"), "$F info </dev/null"});
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("exit 0"), HasSubstr("board       STM32F103xB")));
  EXPECT_THAT(text(), AllOf(HasSubstr("\nchip = \"STM32F103xB\""), HasSubstr("# [[image]]")));
  std::filesystem::remove(path("board.toml"));
  const Outcome ended = runs({typed("1\\n\\004")});
  EXPECT_THAT(ended.out,
              AllOf(HasSubstr("not answered"), HasSubstr("exit 6")));
  EXPECT_FALSE(wrote());
}

TEST_F(InitOnStlink, does_not_ask_for_what_is_given) {
  const Outcome outcome = runs({typed("\\n",
                                      "--chip stm32f103cb --set board.name=rig --speed 950kHz "
                                      "--probe usb:1-1")});
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("exit 0"), Not(HasSubstr("Which")),
                                 Not(HasSubstr("Name of")), HasSubstr("Firmware file")));
  EXPECT_THAT(text(), AllOf(HasSubstr("name = \"rig\""), HasSubstr("\nchip = \"STM32F103CB\""),
                            HasSubstr("\nspeed = \"950kHz\""), HasSubstr("\nusb = \"1-1\""),
                            Not(HasSubstr("\nserial"))));
}

TEST_F(InitOnStlink, needs_a_terminal_or_yes) {
  const Outcome outcome = runs({"$F init </dev/null", "$F init --json </dev/null"});
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("exit 2\n"), HasSubstr("\"exit_code\":2")));
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("there is no terminal to ask on"), HasSubstr("--yes")));
  EXPECT_FALSE(wrote());
  const Outcome json = runs({"$F init --json --yes </dev/null"});
  EXPECT_THAT(json.out, AllOf(HasSubstr("\"event\":\"done\""), HasSubstr("\"verb\":\"init\"")));
  EXPECT_TRUE(wrote());
}

TEST_F(InitOnStlink, lets_the_user_choose_among_several_probes) {
  const Outcome none = runs({"$F init --yes </dev/null"}, two);
  EXPECT_EQ(none.out, "exit 5\n");
  EXPECT_THAT(none.err, HasSubstr("--probe 0669FF404100000000000000"));
  EXPECT_FALSE(wrote());
  const Outcome chosen = runs({typed("\\n2\\n\\n\\n\\n"), "$F info </dev/null"}, two);
  EXPECT_THAT(chosen.out,
              AllOf(HasSubstr("2  ST-LINK/V2 0669FF404100000000000000 at usb:1-2"),
                    HasSubstr("Which probe: "), HasSubstr("serial      0669FF404100000000000000")));
  EXPECT_THAT(text(), HasSubstr("\nserial = \"0669FF404100000000000000\""));
}

TEST_F(InitOnStlink, can_be_stopped_while_it_waits_for_an_answer) {
  const Outcome outcome =
      runs({"mkfifo silent", "script -qec \"$F init --timeout 1\" /dev/null <>silent"}, two);
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("Which probe: "),
                                 HasSubstr("the time limit of 1 s is over"), HasSubstr("exit 11")));
  EXPECT_FALSE(wrote());
}

TEST_F(InitOnStlink, names_the_port_where_serial_numbers_are_equal) {
  const Outcome outcome = runs({typed("2\\n\\n\\n\\n"), "$F info </dev/null"}, twins);
  EXPECT_THAT(outcome.out, Not(HasSubstr("exit 5"))) << outcome.err;
  EXPECT_THAT(text(), AllOf(HasSubstr("# The one at this USB port, since another probe has its "
                                      "serial number 0669FF303100000000000000, too."),
                            HasSubstr("\nusb = \"1-2\""), Not(HasSubstr("\nserial"))));
}

TEST_F(InitOnStlink, never_overwrites_a_file) {
  const Outcome outcome =
      runs({"echo mine >board.toml", "$F init --yes </dev/null", "$F init --yes . </dev/null"});
  EXPECT_EQ(outcome.out, "exit 0\nexit 2\nexit 2\n");
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("cannot write board.toml: File exists"),
                                 HasSubstr("It is left as it is"), Not(HasSubstr("connecting"))));
  EXPECT_EQ(text(), "mine\n");
}

TEST_F(InitOnStlink, writes_nothing_when_there_is_no_chip) {
  const Outcome outcome = runs({"$F init --yes </dev/null"},
                               {"--fault", "asleep=standby", "--fault", "nrst_not_wired"});
  EXPECT_EQ(outcome.out, "exit 6\n") << outcome.err;
  EXPECT_FALSE(wrote());
  const Outcome wrong = runs({"$F init --yes --chip STM32F103RE </dev/null"});
  EXPECT_EQ(wrong.out, "exit 6\n") << wrong.err;
  EXPECT_FALSE(wrote());
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory.path()), {}), 2)
      << "the flash and the summary";
}

TEST_F(InitOnStlink, leaves_the_chip_open_where_its_size_is_not_sure) {
  const Outcome outcome = runs({"$F init --yes </dev/null", "$F info </dev/null"},
                               {"--fault", "flash_size_register=2d28"});
  EXPECT_THAT(outcome.out, Not(HasSubstr("exit 2"))) << outcome.err;
  EXPECT_THAT(text(), AllOf(HasSubstr("\n# Not named, since the size of its flash is not sure"),
                            HasSubstr("\n# chip = \"STM32F103x")));
}

}  // namespace

}  // namespace flashhost::testing
