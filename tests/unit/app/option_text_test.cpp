#include "app/option_text.hpp"

#include "thrown.hpp"

#include <flashhost/error.hpp>

#include <gmock/gmock.h>

namespace flashhost {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<OptionField> fields() {
  return {{"RDP", "read protection", 0, 8, 8, {{0xAA, "off", "off"}, {0, "on", ""}}, "on", true},
          {"WDG_SW", "watchdog", 0, 5, 1, {{0, "", "by the chip"}, {1, "", "by software"}}},
          {"DATA", "free", 0, 16, 12, {}},
          {"ALL", "everything", 1, 0, 32, {}}};
}

OptionWords words() {
  return {0x0123AA20, 0xFFFFFFFF};
}

OptionWords set(const std::vector<config::OptionAssignment> &assignments) {
  return with_values(fields(), words(), assignments);
}

Error refusal(const std::vector<config::OptionAssignment> &assignments) {
  return bench::error_of([&] { return set(assignments); });
}

TEST(OptionText, ShowsEachFieldWithItsMeaningInColumns) {
  EXPECT_THAT(option_lines(fields(), words()),
              ElementsAre("RDP     0xaa        read protection: off",
                          "WDG_SW  1           watchdog: by software", "DATA    0x123       free",
                          "ALL     0xffffffff  everything"));
}

TEST(OptionText, ShowsOnlyWhatChangesAndWhatItWas) {
  EXPECT_THAT(change_lines(fields(), words(), {0x01230000, 0xFFFFFFFF}),
              ElementsAre("RDP     0xaa -> 0x00  read protection: on (now: off)",
                          "WDG_SW  1 -> 0        watchdog: by the chip (now: by software)"));
  EXPECT_THAT(change_lines(fields(), words(), words()), IsEmpty());
}

TEST(OptionText, ValuesAreNumbersOrNamesInAnyCase) {
  EXPECT_EQ(set({{"wdg_sw", "0"}}), (OptionWords{0x0123AA00, 0xFFFFFFFF}));
  EXPECT_EQ(set({{"RDP", "ON"}}), (OptionWords{0x01230020, 0xFFFFFFFF}));
  EXPECT_EQ(set({{"rdp", "0xBB"}, {"DATA", "4095"}}), (OptionWords{0x0FFFBB20, 0xFFFFFFFF}));
  EXPECT_EQ(set({{"ALL", "0x80000000"}}), (OptionWords{0x0123AA20, 0x80000000}));
  EXPECT_EQ(set({}), words());
}

TEST(OptionText, NumbersThatLookLikeNamesAreRefused) {
  const Error error = refusal({{"RDP", "1"}});
  EXPECT_EQ(error.code(), Errc::usage);
  EXPECT_STREQ(error.what(), "RDP=1 could mean two things");
  EXPECT_EQ(error.hint(),
            "Name the value (\"off\" or \"on\"), or write its bits in hexadecimal: RDP=0x1.");
}

TEST(OptionText, RefusesWhatTheChipDoesNotHave) {
  EXPECT_THAT(refusal({{"WDGSW", "1"}}).what(), HasSubstr("did you mean \"WDG_SW\"?"));
  EXPECT_THAT(refusal({{"WDGSW", "1"}}).hint(), HasSubstr("RDP, WDG_SW, DATA, ALL"));
  EXPECT_STREQ(refusal({{"WDG_SW", "2"}}).what(), "WDG_SW=2 is too large for WDG_SW");
  EXPECT_THAT(refusal({{"WDG_SW", "2"}}).hint(), HasSubstr("It has 1 bit: at most 1."));
  EXPECT_THAT(refusal({{"DATA", "0x1000"}}).hint(), HasSubstr("It has 12 bits: at most 0xfff."));
  for (const char *word : {"-1", "0x", "1x", "yes", "0x100000000", "99999999999"}) {
    EXPECT_THAT(refusal({{"DATA", word}}).what(), HasSubstr("is no number")) << word;
  }
  EXPECT_STREQ(refusal({{"DATA", "1"}, {"data", "1"}}).what(), "DATA is given twice");
}

}  // namespace
}  // namespace flashhost
