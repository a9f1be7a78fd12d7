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

TEST_F(OnStlink, a_g071_is_flashed_through_its_loader_and_without_it) {
  const Flash image = pattern(1500, 1);
  const Flash expected = with_image_alone(used_flash(), 2048, image);
  put_flash(used_flash());
  expect_flash(expected, on_probe(flashhost({}, image, 2048), {"--chip", "STM32G071RB"}));
  put_flash(used_flash());
  const Outcome direct = on_probe(flashhost({}, image, 2048),
                                  {"--chip", "STM32G071RB", "--fault", "bad_sram=0x20000041"});
  expect_flash(expected, direct);
  EXPECT_THAT(direct.err, HasSubstr("0x20000041"));
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
                    HasSubstr("53FF6A064884534837312587"), HasSubstr("usb:1-3")));
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

class WithoutBoardFile : public OnStlink {
 protected:
  // The firmware in a file, and a command line without any board file.
  [[nodiscard]] std::vector<std::string> command(const std::vector<std::string> &options) const {
    std::vector<std::string> words{FLASHHOST_PROGRAM, "--plugin-dir", FLASHHOST_PLUGINS,
                                   "--no-config", write_file("app.bin", image_)};
    words.insert(words.end(), options.begin(), options.end());
    return words;
  }
  Flash image_ = pattern(2000, 1);
  Flash erased_ = Flash(flash_size, 0xFF);
};

TEST_F(WithoutBoardFile, the_only_probe_is_used_and_the_chip_identified) {
  const Outcome outcome = on_probe(command({}));
  expect_flash(with_image_alone(erased_, 0, image_), outcome);
  EXPECT_THAT(outcome.err, HasSubstr("STM32F103xB on ST-LINK/V2 "));
}

TEST_F(WithoutBoardFile, of_several_probes_none_is_taken_by_chance) {
  const std::vector<std::string> two{"--serial", "0669FF3031", "--serial", "0669FF4041"};
  const Outcome none = on_probe(command({}), two);
  EXPECT_EQ(none.exit_code, no_probe);
  EXPECT_THAT(none.err,
              AllOf(HasSubstr("2 debug probes are plugged in, and nothing says which one to use"),
                    HasSubstr("--probe 0669FF303100000000000000 (ST-LINK/V2 at usb:1-1)"),
                    HasSubstr("--probe 0669FF404100000000000000 (ST-LINK/V2 at usb:1-2)")));
  EXPECT_EQ(difference(erased_, read_file("flash.1")), "");
  const Outcome wrong = on_probe(command({"--probe", "0700"}), two);
  EXPECT_EQ(wrong.exit_code, no_probe);
  EXPECT_THAT(wrong.err,
              HasSubstr("no debug probe with a serial number that begins with \"0700\""));
}

TEST_F(WithoutBoardFile, a_probe_is_named_by_its_serial_number_or_its_port) {
  const std::vector<std::string> two{"--serial", "0669FF3031", "--serial", "0669FF4041"};
  for (const char *name : {"0669ff40", "usb:1-2"}) {
    const Outcome chosen = on_probe(command({"--probe", name}), two);
    EXPECT_EQ(chosen.exit_code, 0) << chosen.err;
    EXPECT_EQ(difference(erased_, read_file("flash.1")), "");
    EXPECT_EQ(difference(with_image_alone(erased_, 0, image_), read_file("flash.2")), "");
  }
}

TEST_F(WithoutBoardFile, equal_serial_numbers_are_told_apart_by_the_port) {
  const std::vector<std::string> twins{"--serial", "0669FF3031", "--serial", "0669FF3031"};
  const Outcome none = on_probe(command({"--probe", "0669"}), twins);
  EXPECT_EQ(none.exit_code, no_probe);
  EXPECT_THAT(none.err, AllOf(HasSubstr("--probe usb:1-1"), HasSubstr("--probe usb:1-2")));
  const Outcome chosen = on_probe(command({"--probe", "usb:1-2"}), twins);
  EXPECT_EQ(chosen.exit_code, 0) << chosen.err;
  EXPECT_EQ(difference(erased_, read_file("flash.1")), "");
  EXPECT_EQ(difference(with_image_alone(erased_, 0, image_), read_file("flash.2")), "");
  const Outcome by_board_file = on_probe(flashhost({}, image_, 0, "usb = \"1-1\""), twins);
  EXPECT_EQ(by_board_file.exit_code, 0) << by_board_file.err;
  EXPECT_EQ(difference(with_image_alone(erased_, 0, image_), read_file("flash.1")), "");
}

TEST_F(WithoutBoardFile, a_port_without_a_probe_is_an_error_that_lists_what_is_there) {
  const Outcome outcome = on_probe(command({"--probe", "usb:1-7", "--transport", "stlinkv2"}));
  EXPECT_EQ(outcome.exit_code, no_probe);
  EXPECT_THAT(outcome.err,
              AllOf(HasSubstr("no probe is at the USB port 1-7"), HasSubstr("usb:1-1")));
}

// A shell script with what it needs of flashhost in $F, and the file that it flashes in $I.
class Bench : public WithoutBoardFile {
 protected:
  [[nodiscard]] std::vector<std::string> script(const std::string &text) const {
    const std::string start =
        fmt::format("cd {}\nF='{} --plugin-dir {} --no-config'\nI={}\n", directory.path().string(),
                    FLASHHOST_PROGRAM, FLASHHOST_PLUGINS, write_file("app.bin", image_));
    return {"/bin/sh", "-c", start + text};
  }
  // A job that begins, and is seen to have begun before the script goes on.
  static constexpr const char *first_job =
      "$F $I 2> first & first=$!\n"
      "until grep -q programming first; do kill -0 $first || exit 99; done\n";
};

TEST_F(Bench, a_probe_in_use_is_refused_with_the_name_of_its_user_or_waited_for) {
  image_ = pattern(20'000, 1);
  const Outcome outcome = on_probe(script(std::string(first_job) + R"(
$F info 2> second; echo "second $?"
$F list probes
$F info --wait 60 > third 2>&1; echo "third $?"
wait $first; echo "first $?"
echo "pid $first."; cat second third)"));
  EXPECT_THAT(outcome.out,
              AllOf(HasSubstr("first 0\n"), HasSubstr("second 5\n"), HasSubstr("third 0\n"),
                    HasSubstr("is in use: flashhost (process "),
                    HasSubstr("--wait SECONDS waits until it is free"),
                    HasSubstr("in use: flashhost (process "),
                    HasSubstr("waiting up to 60 s for the probe: the probe ST-LINK/V2 ")))
      << outcome.err;
  EXPECT_EQ(difference(with_image_alone(erased_, 0, image_), flash()), "");
}

TEST_F(Bench, waiting_ends_when_its_time_is_over) {
  image_ = pattern(100'000, 1);
  const Outcome outcome = on_probe(script(std::string(first_job) + R"(
$F info --wait 0.3 > second 2>&1; echo "second $?"
$F info --wait 60 --timeout 0.3 > third 2>&1; echo "third $?"
kill -TERM $first; wait $first; echo "first $?"; cat second third)"));
  EXPECT_THAT(outcome.out,
              AllOf(HasSubstr("first 130\n"), HasSubstr("second 5\n"), HasSubstr("third 11\n"),
                    HasSubstr("the time limit of 300 ms is over\n       Give it more time: "
                              "--timeout.\n       Nothing was changed.")))
      << outcome.err;
}

TEST_F(Bench, a_probe_that_is_plugged_in_later_is_waited_for) {
  const Outcome outcome = on_probe(command({"--wait", "0.3", "--probe", "usb:1-9"}));
  EXPECT_EQ(outcome.exit_code, no_probe);
  EXPECT_THAT(outcome.err,
              HasSubstr("waiting up to 300 ms for the probe: there is no debug probe"));
}

TEST_F(Bench, a_job_that_takes_too_long_ends_safely_and_the_next_run_completes_it) {
  image_ = pattern(100'000, 1);
  put_flash(used_flash());
  const Outcome outcome = on_probe(command({"--timeout", "1"}));
  EXPECT_EQ(outcome.exit_code, 11) << outcome.err;
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("the time limit is over, the target is being left safe"),
                                 HasSubstr("error: the time limit of 1 s is over")));
  expect_flash(with_image(used_flash(), 0, image_), on_probe(command({"--timeout", "600"})));
}

TEST_F(Bench, sixteen_probes_are_flashed_at_the_same_time_and_none_is_disturbed) {
#ifdef FLASHHOST_SANITIZED
  constexpr int count = 4;  // each takes the computer several times as long
#else
  constexpr int count = 16;
#endif
  std::vector<std::string> options{"--pace", "slow=8"};  // so many boards take the computer longer
  std::string text;
  for (int i = 1; i <= count; ++i) {
    // Half of them have the same serial number.
    options.insert(options.end(),
                   {"--serial", i % 2 == 0 ? "0669FF3031" : fmt::format("0669FF40{:02}", i)});
    write_file(fmt::format("app.{}", i), pattern(2000, static_cast<std::uint32_t>(i)));
    text += fmt::format(
        "$F app.{0}@0x08000000 --probe usb:1-{0} --reset halt > log.{0} 2>&1 & job{0}=$!\n", i);
  }
  for (int i = 1; i <= count; ++i) text += fmt::format("wait $job{0} || cat log.{0}\n", i);
  const Outcome outcome = on_probe(script(text), options);
  EXPECT_EQ(outcome.out, "");
  for (int i = 1; i <= count; ++i) {
    EXPECT_EQ(difference(with_image_alone(erased_, 0, pattern(2000, static_cast<std::uint32_t>(i))),
                         read_file(fmt::format("flash.{}", i))),
              "")
        << i;
  }
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
              AllOf(HasSubstr("no permission to use"), HasSubstr("70-flashhost-stlink.rules"),
                    HasSubstr("/dev/bus/usb/001/"), HasSubstr("belongs to the user")));
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
