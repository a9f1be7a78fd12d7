// The program virtual-cmsisdap as such: what a program sees of its probes, wrong options,
// summaries.
#include "process.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace virtual_cmsisdap::testing {

namespace {

using flashhost::testing::Outcome;
using flashhost::testing::run_process;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Outcome run(std::vector<std::string> words) {
  words.insert(words.begin(), VIRTUAL_CMSISDAP);
  return run_process(words);
}

TEST(VirtualCmsisDapProgram, the_command_sees_both_interfaces_and_the_hidraw_node) {
  const Outcome outcome = run(
      {"--serial", "S1", "--serial", "S2", "--", "sh", "-c",
       "cd /sys/bus/usb/devices; cat 1-*/idProduct 1-*/serial 1-1:1.*/interface; echo; ls /dev | "
       "grep hidraw; cat /sys/class/hidraw/hidraw0/device/uevent | grep HID_ID"});
  EXPECT_EQ(outcome.out,
            "0204\n0204\nS1S2CMSIS-DAP v2\nCMSIS-DAP v1\n\nhidraw0\nhidraw1\n"
            "HID_ID=0003:00000D28:00000204\n")
      << outcome.err;
}

TEST(VirtualCmsisDapProgram, a_bulk_probe_has_no_hidraw_node) {
  const Outcome outcome = run({"--interface", "v2", "--", "ls", "/sys/class"});
  EXPECT_THAT(outcome.out, ::testing::Not(HasSubstr("hidraw"))) << outcome.err;
}

TEST(VirtualCmsisDapProgram, wrong_options_are_told_before_anything_is_started) {
  const std::vector<std::vector<std::string>> wrong{
      {"--personality", "jlink", "--", "echo", "started"},
      {"--packet-size", "100", "--", "echo", "started"},
      {"--packet-size", "512", "--interface", "v1", "--", "echo", "started"},
      {"--fault", "wrong_echo_at", "--", "echo", "started"},
      {"--fault", "zlp_missing=1", "--", "echo", "started"},
      {"--fault", "no_such_fault", "--", "echo", "started"},
      {"--serial", "", "--", "echo", "started"},
  };
  for (const auto &words : wrong) {
    const Outcome outcome = run(words);
    EXPECT_EQ(outcome.exit_code, 2) << outcome.err;
    EXPECT_THAT(outcome.out, IsEmpty());
    EXPECT_FALSE(outcome.err.empty());
  }
}

TEST(VirtualCmsisDapProgram, help_lists_personalities_and_faults) {
  const Outcome outcome = run({"--help"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_THAT(outcome.out,
              AllOf(HasSubstr("debugprobe"), HasSubstr("edbg"), HasSubstr("stale_response"),
                    HasSubstr("usb_unplug_at=N[:MS]"), HasSubstr("hsi_off"), HasSubstr("--pace")));
}

TEST(VirtualCmsisDapProgram, the_summary_counts_requests_and_transfers) {
  const auto told = nlohmann::json::parse(run({"--summary", "json", "--", "false"}).err);
  EXPECT_EQ(told.at("exit_code"), 1);
  const auto &probe = told.at("probes").at(0);
  EXPECT_EQ(probe.at("serial"), "VCD00001");
  EXPECT_EQ(probe.at("commands"), 0);
  EXPECT_EQ(probe.at("swd_transfers"), 0);
}

}  // namespace

}  // namespace virtual_cmsisdap::testing
