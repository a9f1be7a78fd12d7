// flashhost on the virtual ST-Link: the main job, several probes, and what can be wrong with one.
#include "desk.hpp"

#include <flashhost/text.hpp>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <algorithm>

namespace flashhost::testing {

namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr int bad_image = 4, no_probe = 5, differs = 9;

class OnStlink : public Desk {
 protected:
  void expect_flash(const Flash &expected, const Outcome &outcome) const {
    EXPECT_EQ(outcome.exit_code, 0) << outcome.out << outcome.err;
    EXPECT_EQ(difference(expected, flash()), "") << outcome.err;
    EXPECT_TRUE(summary.at("probe_notes").empty()) << summary.dump(2);
    EXPECT_TRUE(summary.at("board_notes").empty()) << summary.dump(2);
  }
};

TEST_F(OnStlink, the_example_board_is_flashed_verified_and_left_running) {
  const Outcome outcome =
      on_probe({FLASHHOST_PROGRAM, "--plugin-dir", FLASHHOST_PLUGINS, "--config", EXAMPLE_BOARD},
               {"--firmware", OLD_FIRMWARE, "--run-time", "1"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("written and verified in"), HasSubstr("PC13 toggled")));
  EXPECT_GT(summary.at("bulk_transfers"), 100);
  EXPECT_GT(summary.at("commands"), 50);
  EXPECT_GT(summary.at("programmed_units"), 1000);
  EXPECT_TRUE(summary.at("probe_notes").empty()) << summary.dump(2);
}

TEST_F(OnStlink, the_other_verbs_work_as_well) {
  put_flash(used_flash());
  const Outcome info = on_probe(flashhost({"info"}));
  EXPECT_EQ(info.exit_code, 0) << info.err;
  EXPECT_THAT(info.out, AllOf(HasSubstr("ST-LINK/V2"), HasSubstr("V2J37S7"), HasSubstr("3.30 V"),
                              HasSubstr("STM32F103"), HasSubstr("128 KiB at 0x08000000"),
                              HasSubstr("protection")));
  expect_flash(used_flash(), on_probe(flashhost({"reset"})));
  EXPECT_GE(summary.at("system_resets"), 1);
  EXPECT_EQ(on_probe(flashhost({"verify"}, pattern(500, 9))).exit_code, differs);

  Flash expected = used_flash();
  std::fill_n(expected.begin() + 5 * page_size + 100, 3000, std::uint8_t{0xFF});
  expect_flash(expected, on_probe(flashhost({"erase", "--range", "0x08001464:3000"})));
  expect_flash(Flash(flash_size, 0xFF), on_probe(flashhost({"erase"})));
  EXPECT_EQ(on_probe(flashhost({"erase", "--range", "0x20000000:1K"})).exit_code, bad_image);
}

TEST_F(OnStlink, a_v3_and_an_old_clone_do_the_job_too) {
  const Flash image = pattern(4000, 1);
  probe = "v3";
  expect_flash(with_image_alone(Flash(flash_size, 0xFF), 0, image), on_probe(flashhost({}, image)));
  probe = "v2";
  const Flash other = pattern(4000, 2);
  expect_flash(with_image_alone(Flash(flash_size, 0xFF), 0, other),
               on_probe(flashhost({}, other),
                        {"--firmware-version", "17", "--serial", "raw:53FF6A064884534837312587"}));
}

TEST_F(OnStlink, probes_left_in_another_mode_or_silent_are_brought_back) {
  const Flash image = pattern(2000, 1);
  const Flash expected = with_image_alone(Flash(flash_size, 0xFF), 0, image);
  for (const char *mode : {"dfu", "debug", "swim"}) {
    expect_flash(expected, on_probe(flashhost({}, image), {"--mode", mode}));
  }
  expect_flash(expected, on_probe(flashhost({"verify"}, image), {"--mute"}));
  EXPECT_EQ(summary.at("usb_resets"), 1);
}

TEST_F(OnStlink, everything_goes_faster_when_both_clocks_do) {
  const Flash image = pattern(6000, 1);
  expect_flash(with_image_alone(Flash(flash_size, 0xFF), 0, image),
               on_probe(flashhost({}, image, 0, "[transport.settings]\ntime_scale = 4"),
                        {"--pace", "fast=4"}));
}

TEST_F(OnStlink, all_probes_are_listed) {
  const Outcome outcome =
      on_probe({FLASHHOST_PROGRAM, "--plugin-dir", FLASHHOST_PLUGINS, "list", "probes"},
               {"--serial", "0669FF3031", "--serial", "0669FF4041", "--serial",
                "raw:53FF6A064884534837312587"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out,
              AllOf(HasSubstr("0669FF303100000000000000"), HasSubstr("0669FF404100000000000000"),
                    HasSubstr("53FF6A064884534837312587"), HasSubstr("V2J37S7")));
}

TEST_F(OnStlink, a_unique_beginning_of_a_serial_number_chooses_the_probe) {
  const Flash image = pattern(2000, 1);
  const std::vector<std::string> two{"--serial", "0669FF3031", "--serial", "0669FF4041"};
  const Outcome chosen = on_probe(flashhost({}, image, 0, "serial = \"0669FF4\""), two);
  EXPECT_EQ(chosen.exit_code, 0) << chosen.err;
  const Flash erased(flash_size, 0xFF);
  EXPECT_EQ(difference(erased, read_file("flash.1")), "");
  EXPECT_EQ(difference(with_image_alone(erased, 0, image), read_file("flash.2")), "");
}

TEST_F(OnStlink, an_ambiguous_or_missing_probe_is_an_error_that_lists_what_is_there) {
  const Flash image = pattern(2000, 1);
  const std::vector<std::string> two{"--serial", "0669FF3031", "--serial", "0669FF4041"};
  for (const char *serial : {"", "serial = \"0669FF\"", "serial = \"0700\""}) {
    const Outcome outcome = on_probe(flashhost({}, image, 0, serial), two);
    EXPECT_EQ(outcome.exit_code, no_probe) << outcome.err;
    EXPECT_THAT(outcome.err, AllOf(HasSubstr("0669FF303100000000000000"),
                                   HasSubstr("0669FF404100000000000000")));
  }
  EXPECT_EQ(difference(Flash(flash_size, 0xFF), read_file("flash.1")), "");
}

TEST_F(OnStlink, a_probe_that_another_program_holds_is_named_as_such) {
  const Outcome outcome = on_probe(flashhost({}, pattern(2000, 1)), {"--fault", "busy"});
  EXPECT_EQ(outcome.exit_code, no_probe);
  EXPECT_THAT(outcome.err, HasSubstr("in use by another program"));
}

TEST_F(OnStlink, without_permission_the_message_names_the_rule_file) {
  // Another user can neither see the test's folder nor, perhaps, the one of the build.
  for (const fs::path file : {FLASHHOST_PROGRAM, FLASHHOST_SDK, TRANSPORT_PLUGIN, FAMILY_PLUGIN}) {
    fs::copy_file(file, directory.path() / file.filename());
  }
  fs::permissions(directory.path(), fs::perms::all);
  std::vector<std::string> words = flashhost({"info"});
  words[0] = path("flashhost");
  words[2] = directory.path().string();
  fs::permissions(directory.path(), fs::perms::others_write | fs::perms::group_write,
                  fs::perm_options::remove);
  std::vector<std::string> command{"env", "LD_LIBRARY_PATH=" + directory.path().string()};
  if (::geteuid() == 0) command.insert(command.begin(), {"runuser", "-u", "nobody", "--"});
  command.insert(command.end(), words.begin(), words.end());
  const Outcome outcome = on_probe(command, {"--fault", "no_permission"});
  EXPECT_EQ(outcome.exit_code, no_probe) << outcome.out << outcome.err;
  EXPECT_THAT(outcome.err,
              AllOf(HasSubstr("no permission to use"), HasSubstr("70-flashhost-stlink.rules")));
  if (::geteuid() != 0) return;
  // Not a matter of the test bed: with the node open to all, the same user gets through.
  const Outcome open = on_probe(command);
  EXPECT_THAT(open.err, Not(HasSubstr("no permission")));
  EXPECT_GT(summary.at("bulk_transfers"), 10) << open.err;
}

TEST_F(OnStlink, unplugged_for_good_the_job_fails_and_a_second_run_completes_it) {
  put_flash(used_flash());
  const Flash image = pattern(6000, 1);
  for (const char *moment : {"1", "40", "150"}) {
    const Outcome outcome =
        on_probe(flashhost({}, image, 2048, "[transport.settings]\ntime_scale = 20"),
                 {"--pace", "fast=20", "--fault", std::string("usb_unplug_at=") + moment});
    EXPECT_EQ(outcome.exit_code, no_probe) << moment << outcome.err;
    EXPECT_EQ(summary.at("unplugged"), 1);
  }
  expect_flash(with_image_alone(used_flash(), 2048, image), on_probe(flashhost({}, image, 2048)));
}

TEST_F(OnStlink, unplugged_and_plugged_in_again_the_job_goes_on) {
  put_flash(used_flash());
  const Flash image = pattern(6000, 1);
  const Outcome outcome =
      on_probe(flashhost({}, image, 2048), {"--fault", "usb_unplug_at=120:300"});
  expect_flash(with_image_alone(used_flash(), 2048, image), outcome);
  EXPECT_EQ(summary.at("unplugged"), 1);
}

TEST_F(OnStlink, trouble_on_usb_does_not_end_the_job) {
  const Flash image = pattern(6000, 1);
  const Flash expected = with_image_alone(used_flash(), 2048, image);
  for (const char *fault : {"usb_stall_at=81", "usb_short_reply_at=82", "usb_no_reply_at=83",
                            "usb_late_reply_at=90:1500"}) {
    put_flash(used_flash());
    const Outcome outcome = on_probe(flashhost({}, image, 2048), {"--fault", fault});
    EXPECT_EQ(outcome.exit_code, 0) << fault << outcome.err;
    EXPECT_EQ(difference(expected, flash()), "") << fault << outcome.err;
  }
}

}  // namespace

}  // namespace flashhost::testing
