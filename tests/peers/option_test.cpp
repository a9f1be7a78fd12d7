// Option bytes on the virtual ST-Link. They last as long as the virtual board has power, so each
// test is one shell command with several runs of flashhost.
#include "desk.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>

namespace flashhost::testing {

namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

class OptionBytesOnStlink : public Desk {
 protected:
  // Runs of flashhost one after the other; each says its exit code on a line of its own.
  Outcome runs(const std::vector<std::string> &lines, const std::string &chip = "STM32F103CB",
               const Flash &image = {}) {
    std::string program;
    for (const std::string &word : flashhost({}, image)) program += "'" + word + "' ";
    std::string script;
    for (const std::string &line : lines) {
      script += line.starts_with("@") ? line.substr(1) + "\n" : program + line + " </dev/null\n";
      script += "echo \"exit $?\"\n";
    }
    return on_probe({"/bin/sh", "-c", fmt::format("F=\"{}\"\n{}", program, script)},
                    {"--chip", chip});
  }
};

TEST_F(OptionBytesOnStlink, are_shown_set_and_read_back) {
  put_flash(used_flash());
  const Outcome outcome = runs({"option", "option set WDG_SW=0 DATA0=0x42 --yes", "option",
                                "option set WDG_SW=0 --yes", "option restore -y"});
  EXPECT_EQ(outcome.out,
            "RDP         0xa5        read protection: off: a debugger can read the flash\n"
            "WDG_SW      1           independent watchdog: started by software\n"
            "nRST_STOP   1           Stop mode: no reset\n"
            "nRST_STDBY  1           Standby mode: no reset\n"
            "DATA0       0xff        free for the user\n"
            "DATA1       0xff        free for the user\n"
            "WRP         0xffffffff  write protection: none\n"
            "exit 0\n"
            "exit 0\n"
            "RDP         0xa5        read protection: off: a debugger can read the flash\n"
            "WDG_SW      0           independent watchdog: starts at every reset\n"
            "nRST_STOP   1           Stop mode: no reset\n"
            "nRST_STDBY  1           Standby mode: no reset\n"
            "DATA0       0x42        free for the user\n"
            "DATA1       0xff        free for the user\n"
            "WRP         0xffffffff  write protection: none\n"
            "exit 0\n"
            "exit 0\n"
            "exit 0\n");
  EXPECT_THAT(outcome.err,
              AllOf(HasSubstr("WDG_SW  1 -> 0        independent watchdog: starts at every reset "
                              "(now: started by software)"),
                    HasSubstr("option bytes written and verified"),
                    HasSubstr("nothing to do: the option bytes are so already"),
                    HasSubstr("nothing to restore: no change of its option bytes was interrupted"),
                    HasSubstr("will be reset again and again")));
  EXPECT_EQ(difference(used_flash(), flash()), "");
  EXPECT_TRUE(summary.at("board_notes").empty()) << summary.dump(2);
}

TEST_F(OptionBytesOnStlink, are_not_changed_without_consent) {
  const Outcome outcome = runs({"option set WDG_SW=0", "option set WDG_SW=0 --json", "option"});
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("exit 2\n"), HasSubstr("\"exit_code\":2"),
                                 HasSubstr("WDG_SW      1 ")));
  EXPECT_THAT(outcome.err, HasSubstr("this needs your consent, and there is no terminal to ask on\n"
                                     "       --yes gives it.\n       Nothing was changed."));
}

TEST_F(OptionBytesOnStlink, are_asked_for_on_a_terminal) {
  const auto answered = [](const char *answer) {
    return fmt::format("@printf '{}\\n' | script -qec \"$F option set WDG_SW=0\" /dev/null",
                       answer);
  };
  const Outcome no = runs({answered("n"), answered(""), "option"});
  EXPECT_THAT(no.out,
              AllOf(HasSubstr("Write these option bytes? [y/N] "), HasSubstr("not confirmed"),
                    HasSubstr("exit 6"), ContainsRegex("WDG_SW +1 +independent")));
  const Outcome yes = runs({answered("y"), "option"});
  EXPECT_THAT(yes.out, AllOf(HasSubstr("option bytes written and verified"), HasSubstr("exit 0"),
                             ContainsRegex("WDG_SW +0 +independent")));
}

TEST_F(OptionBytesOnStlink, protect_against_writing_and_unprotect) {
  put_flash(used_flash());
  const Outcome outcome =
      runs({"protect --range 0x08001234:4K --yes", "flash", "unprotect --yes", "flash"},
           "STM32F103CB", pattern(page_size, 3));
  EXPECT_THAT(outcome.out, HasSubstr("exit 0\nexit 0\nexit 0\nexit 0\n"))
      << "the image is outside of what is protected: " << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("write protection will be on for 0x08001000..0x08002fff"));

  put_flash(used_flash());
  const Outcome closed = runs({"protect --all --yes", "flash", "unprotect --yes", "flash"},
                              "STM32F103CB", pattern(page_size, 3));
  EXPECT_EQ(closed.out, "exit 0\nexit 7\nexit 0\nexit 0\n") << closed.err;
  EXPECT_EQ(difference(with_image(used_flash(), 0, pattern(page_size, 3)), flash()), "");
}

TEST_F(OptionBytesOnStlink, protect_against_reading_and_erase_when_that_is_taken_off) {
  put_flash(used_flash());
  const Outcome outcome =
      runs({"protect --read -y", "read -o dump.bin", "unprotect", "verify", "unprotect -y", "info"},
           "STM32F103CB", pattern(page_size, 3));
  EXPECT_THAT(outcome.out, HasSubstr("exit 0\nexit 7\nexit 2\nexit 7\nexit 0\n")) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("protection  none"));
  EXPECT_THAT(outcome.err,
              AllOf(HasSubstr("taking the read protection off erases the whole flash"),
                    HasSubstr("option bytes written and verified; the flash was erased")));
  EXPECT_EQ(difference(Flash(flash_size, 0xFF), flash()), "");
}

TEST_F(OptionBytesOnStlink, what_is_final_needs_to_be_said) {
  const Outcome outcome = runs({"option set RDP=level2 --yes", "option set RDP=2 --yes",
                                "option set RDP=level2 --yes --irreversible"},
                               "STM32F411CE");
  EXPECT_EQ(outcome.out, "exit 6\nexit 2\nexit 9\n") << outcome.err;
  EXPECT_THAT(outcome.err,
              AllOf(HasSubstr("RDP level 2 is final: no debugger can ever reach the chip again"),
                    HasSubstr("add --irreversible"),
                    HasSubstr("whether the chip took them cannot be seen")));
}

// The journal of a run that was to change DATA1 from 0x42 to 0x43 and was killed when the option
// bytes were erased.
TEST_F(OptionBytesOnStlink, of_an_interrupted_run_are_completed_or_restored) {
  put_flash(used_flash());
  const std::string unique_id = "684e9a8e3849b4090010001b";
  const std::string leave =
      "@mkdir -p $XDG_STATE_HOME/flashhost; printf 'chip STM32F103xB\ndevice 00000410\n"
      "id " +
      unique_id +
      "\nprobe 0667\nword 42ffffa5 43ffffa5\nword ffffffff ffffffff\nend\n' "
      ">$XDG_STATE_HOME/body; (echo \"flashhost-options 1 $(sha256sum <$XDG_STATE_HOME/body | cut "
      "-c1-64)\"; cat $XDG_STATE_HOME/body) >$XDG_STATE_HOME/flashhost/410-uid-" +
      unique_id + ".options";
  const Outcome restored =
      runs({leave, "option", "flash", "protect --all -y", "option restore -y", "option", "flash"},
           "STM32F103CB", pattern(page_size, 3));
  EXPECT_THAT(restored.out, ContainsRegex("exit 0\n[^e]*(.|\n)*exit 0\nexit 6\nexit 6\nexit 0\n"));
  EXPECT_THAT(restored.out, ContainsRegex("DATA1 +0x42"));
  EXPECT_THAT(
      restored.err,
      AllOf(HasSubstr("an earlier run was interrupted while it wrote option bytes on this chip"),
            HasSubstr("while it wrote the option bytes of this STM32F103xB"),
            HasSubstr("Do not reset the board"), HasSubstr("DATA1  0xff -> 0x42")));
  EXPECT_EQ(difference(with_image(used_flash(), 0, pattern(page_size, 3)), flash()), "");
  const Outcome completed = runs({leave, "option set DATA0=1 -y", "option", "flash"});
  EXPECT_THAT(completed.out, AllOf(ContainsRegex("DATA0 +0x01"), ContainsRegex("DATA1 +0x43")));
  const Outcome discarded = runs({leave, "option set DATA0=1 -y --discard-journal", "option"});
  EXPECT_THAT(discarded.out, AllOf(ContainsRegex("DATA0 +0x01"), ContainsRegex("DATA1 +0xff")));
}

}  // namespace

}  // namespace flashhost::testing
