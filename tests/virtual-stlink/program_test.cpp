// The program virtual-stlink as such: its command line, exit codes and summaries.
#include "process.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <fstream>

namespace virtual_stlink::testing {

namespace {

using flashhost::testing::Outcome;
using flashhost::testing::run_process;
using flashhost::testing::TemporaryDirectory;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Outcome run(std::vector<std::string> words) {
  words.insert(words.begin(), VIRTUAL_STLINK);
  return run_process(words);
}

TEST(VirtualStlinkProgram, its_exit_code_is_the_commands) {
  EXPECT_EQ(run({"--", "true"}).exit_code, 0);
  EXPECT_EQ(run({"--", "sh", "-c", "exit 7"}).exit_code, 7);
  EXPECT_EQ(run({"--", "sh", "-c", "kill -TERM $$"}).exit_code, 128 + 15);
}

TEST(VirtualStlinkProgram, the_commands_streams_are_its_own) {
  const Outcome outcome = run({"--", "sh", "-c", "echo out; echo err >&2"});
  EXPECT_EQ(outcome.out, "out\n");
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("err\n"), HasSubstr("0 bulk transfers")));
}

TEST(VirtualStlinkProgram, a_command_that_does_not_exist_is_127) {
  const Outcome outcome = run({"--", "no-such-program"});
  EXPECT_EQ(outcome.exit_code, 127);
  EXPECT_THAT(outcome.err, HasSubstr("cannot start no-such-program"));
}

TEST(VirtualStlinkProgram, wrong_options_are_told_before_anything_is_started) {
  const std::vector<std::vector<std::string>> wrong{
      {},
      {"--probe", "v4", "--", "echo", "started"},
      {"--pace", "slow", "--", "echo", "started"},
      {"--fault", "usb_unplug_at=0", "--", "echo", "started"},
      {"--fault", "no_such_fault", "--", "echo", "started"},
      {"--fault", "asleep=deeply", "--", "echo", "started"},
      {"--rules-off", "no_such_rule", "--", "echo", "started"},
      {"--serial", "xyz", "--", "echo", "started"},
      {"--chip", "STM32X", "--", "echo", "started"},
  };
  for (const auto &words : wrong) {
    const Outcome outcome = run(words);
    EXPECT_EQ(outcome.exit_code, 2) << outcome.err;
    EXPECT_THAT(outcome.out, IsEmpty());
    EXPECT_FALSE(outcome.err.empty());
  }
}

TEST(VirtualStlinkProgram, help_lists_the_faults) {
  const Outcome outcome = run({"--help"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_THAT(outcome.out,
              AllOf(HasSubstr("usb_unplug_at=N[:MS]"), HasSubstr("swd_wait_at=N[:COUNT]"),
                    HasSubstr("hsi_off"), HasSubstr("power_loss_at=N[:MS]"), HasSubstr("--pace")));
}

TEST(VirtualStlinkProgram, the_command_sees_the_probes_and_nothing_else) {
  const Outcome outcome =
      run({"--probe", "v2-1", "--probes", "2", "--", "sh", "-c",
           "cd /sys/bus/usb/devices; cat 1-*/idProduct 1-*/serial; ls /dev/bus/usb/001"});
  EXPECT_EQ(outcome.out,
            "374b\n374b\n"
            "0667FF0154577178670130010667FF025457717867013002"
            "001\n002\n003\n");
}

TEST(VirtualStlinkProgram, it_may_run_inside_a_test_bed_already) {
  const Outcome outcome =
      run_process({"/usr/bin/env", "umockdev-wrapper", VIRTUAL_STLINK, "--", "cat",
                   "/sys/bus/usb/devices/1-1/idProduct"},
                  {{"ASAN_OPTIONS", "detect_leaks=0:verify_asan_link_order=0"}});
  EXPECT_EQ(outcome.out, "3748\n") << outcome.err;
}

TEST(VirtualStlinkProgram, the_state_file_holds_what_a_new_flash_is_given) {
  const TemporaryDirectory directory;
  const std::string state = (directory.path() / "flash").string();
  const std::string firmware = (directory.path() / "firmware.bin").string();
  std::ofstream(firmware) << "firmware";
  EXPECT_EQ(run({"--state", state, "--firmware", firmware, "--", "true"}).exit_code, 0);
  std::ifstream stream(state);
  std::string content{std::istreambuf_iterator<char>(stream), {}};
  EXPECT_EQ(content.size(), 128U * 1024);
  EXPECT_EQ(content.substr(0, 9), "firmware\xFF");
  // Meanwhile it is in use.
  const Outcome second =
      run({"--state", state, "--", VIRTUAL_STLINK, "--state", state, "--", "true"});
  EXPECT_EQ(second.exit_code, 125);
  EXPECT_THAT(second.err, HasSubstr("in use by another program"));
}

TEST(VirtualStlinkProgram, the_summary_is_text_json_or_a_file) {
  const TemporaryDirectory directory;
  const std::string file = (directory.path() / "summary").string();
  const Outcome quiet = run({"--summary", file, "--", "false"});
  EXPECT_THAT(quiet.err, IsEmpty());
  std::ifstream stream(file);
  const auto written = nlohmann::json::parse(stream);
  EXPECT_EQ(written.at("exit_code"), 1);
  EXPECT_EQ(written.at("probes").size(), 1U);
  EXPECT_EQ(written.at("probes").at(0).at("bulk_transfers"), 0);
  const auto told = nlohmann::json::parse(run({"--summary", "json", "--", "true"}).err);
  EXPECT_EQ(told.at("probes").at(0).at("chip"), "STM32F103CB");
}

}  // namespace

}  // namespace virtual_stlink::testing
