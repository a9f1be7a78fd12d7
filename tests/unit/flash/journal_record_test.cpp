#include "flash/journal_record.hpp"

#include "files/sha256.hpp"

#include <gmock/gmock.h>

#include <stdexcept>

namespace flashhost {
namespace {

using ::testing::HasSubstr;

JournalRecord record() {
  return {{0x410, {1, 2, 0xFE}, "06\xFF"},
          "TEST8K",
          true,
          {{{0x08000400, 4}, 1, 0xFFFFFFFF, {1, 2, 3, 4}, {1, 2, 9, 9}, {5, 6, 7, 8}},
           {{0x08000800, 1024}, 3, 4, {}, {}, {}}},
          {{{0x08000C00, 1024}, 17}}};
}

std::string complaint(const std::string &text) {
  try {
    (void)parse_journal(text);
  } catch (const std::invalid_argument &error) {
    return error.what();
  }
  return "accepted";
}

// A file whose checksum is right, whatever stands in it.
std::string sealed(const std::string &body) {
  return "flashhost-journal 2 " +
         files::sha256({reinterpret_cast<const std::uint8_t *>(body.data()), body.size()}) + "\n" +
         body;
}

TEST(JournalText, GivesTheRecordBack) {
  EXPECT_EQ(parse_journal(journal_text(record())), record());
  JournalRecord strange = record();
  strange.identity.probe = "a b/%41\n-\x1b[2J";
  strange.chip.clear();
  strange.sectors[0].guarded = true;
  strange.identity.unique_id.clear();
  EXPECT_EQ(parse_journal(journal_text(strange)), strange);
}

TEST(JournalText, IsRefusedWithAnyByteChanged) {
  const std::string text = journal_text(record());
  for (std::size_t i = 0; i < text.size(); ++i) {
    for (const int flip : {0x01, 0x20, 0x80}) {
      std::string damaged = text;
      damaged[i] = static_cast<char>(damaged[i] ^ flip);
      EXPECT_NE(complaint(damaged), "accepted") << "at " << i;
    }
  }
}

TEST(JournalText, IsRefusedCutOffAnywhereAndWithAnythingBehind) {
  const std::string text = journal_text(record());
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_NE(complaint(text.substr(0, size)), "accepted") << size;
  }
  EXPECT_NE(complaint(text + " "), "accepted");
  EXPECT_EQ(complaint(""), "it is empty");
}

TEST(JournalText, OfAnotherVersionIsNamedSo) {
  std::string text = journal_text(record());
  text.replace(text.find(" 2 "), 3, " 3 ");
  EXPECT_EQ(complaint(text), "another version of flashhost wrote it");
  EXPECT_EQ(complaint(R"({"version":1,"chip":"x","sectors":[]})"),
            "it does not begin as a journal of this version of flashhost does");
}

struct Change {
  const char *from;
  const char *to;
  const char *complaint;
};

TEST(JournalText, IsRefusedWhereAValueIsNotWhatItMustBe) {
  const std::string text = journal_text(record());
  const std::string body = text.substr(text.find('\n') + 1);
  ASSERT_EQ(complaint(sealed(body)), "accepted");
  const Change changes[] = {
      {"device 00000410", "device 410", "line 3 has no number of 8 hexadecimal digits"},
      {"device 00000410", "device -0000410", "line 3 has no number"},
      {"device 00000410", "device 00000 10", "line 3 has no number"},
      {"device 00000410", "device", "line 3 is too short"},
      {"mass_erase yes", "mass_erase true", "it is not written as flashhost writes"},
      {"mass_erase yes", "mass_erase yes ", "it is not written as flashhost writes"},
      {"mass_erase yes\n", "", "line 6 does not begin with \"mass_erase\""},
      {"id 0102fe", "id 0102FE", "it is not written as flashhost writes"},
      {"id 0102fe", "id 0102f", "line 4 has something that is no hexadecimal digit"},
      {"id 0102fe", "id 0102f ", "line 4 has something that is no hexadecimal digit"},
      {"%ff", "%fg", "line 5 has something that is no hexadecimal digit"},
      {"%ff", "%f", "line 5 has something that is no hexadecimal digit"},
      {"sector 08000400", "sector 08000800", "line 8 does not come after the one before it"},
      {"sector 08000400", "sector ffffffff", "line 7 reaches beyond 32 bits"},
      {"08000400 00000004", "08000400 00000000", "line 7 has a sector without a byte"},
      {"08000400 00000004", "08000400 00000005", "line 7 has contents of another length"},
      {"01020304", "-", "line 7 has contents of another length"},
      {"01020304", "010203", "line 7 has contents of another length"},
      {"01020304", "+1020304", "line 7 has something that is no hexadecimal digit"},
      {"01020304", "0102030", "line 7 has something that is no hexadecimal digit"},
      {"witness 08000c00", "witness 8000c00", "line 9 has no number"},
      {"end\n", "", "line 10 does not begin with \"end\""},
      {"end\n", "end\nend\n", "it is not written as flashhost writes"},
      {"end\n", "\nend\n", "line 10 does not begin with \"end\""},
  };
  for (const Change &change : changes) {
    std::string changed = body;
    ASSERT_NE(changed.find(change.from), std::string::npos) << change.from;
    changed.replace(changed.find(change.from), std::string(change.from).size(), change.to);
    EXPECT_THAT(complaint(sealed(changed)), HasSubstr(change.complaint)) << change.to;
  }
  for (const char *other : {"", "\n", "end\n", "chip x\n"}) {
    EXPECT_NE(complaint(sealed(other)), "accepted") << other;
  }
}

TEST(JournalText, WithoutAnySectorIsRefused) {
  JournalRecord empty = record();
  empty.sectors.clear();
  EXPECT_EQ(complaint(journal_text(empty)), "it names no sector");
}

TEST(OptionRecordText, GivesTheRecordBackAndIsRefusedWithAnyByteChanged) {
  const OptionRecord options{{0x413, {1, 0xFE}, "06 67"}, "a chip", {1, 0xFFFFFFFF}, {2, 3}};
  const std::string text = option_record_text(options);
  EXPECT_EQ(parse_option_record(text), options);
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string damaged = text;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    EXPECT_THROW((void)parse_option_record(damaged), std::invalid_argument) << "at " << i;
    EXPECT_THROW((void)parse_option_record(text.substr(0, i)), std::invalid_argument) << i;
  }
  EXPECT_THROW((void)parse_option_record(text + "\n"), std::invalid_argument);
  EXPECT_THROW((void)parse_journal(text), std::invalid_argument);
  EXPECT_THROW((void)parse_option_record(journal_text(record())), std::invalid_argument);
}

TEST(OptionRecordText, NeedsAWord) {
  EXPECT_THROW((void)parse_option_record(option_record_text({{}, "x", {}, {}})),
               std::invalid_argument);
}

}  // namespace
}  // namespace flashhost
