#include "flash/journal_record.hpp"

#include "files/sha256.hpp"

#include <gmock/gmock.h>

#include <stdexcept>

namespace flashhost {
namespace {

using ::testing::HasSubstr;

JournalRecord record() {
  return {{0x410, {1, 2, 0xFE}, "06\xFF", "/boards/b.toml"},
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
  JournalRecord expected = record();
  expected.identity.probe = "06\xEF\xBF\xBD";  // what is no UTF-8 is replaced
  EXPECT_EQ(parse_journal(journal_text(record())), expected);
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
      {"\"sectors\":[", "\"sectors\":null,\"x\":[", "a key that is none of a journal's"},
      {"\"mass_erase\":true", "\"mass_erase\":1", "journal.mass_erase is neither true nor false"},
      {"\"address\":134218752", "\"address\":-1", "sectors[0].address is no whole number"},
      {"\"address\":134218752", "\"address\":true", "sectors[0].address is no whole number"},
      {"\"address\":134218752", "\"address\":1.0", "sectors[0].address is no whole number"},
      {"\"address\":134218752", "\"address\":4294967296", "sectors[0].address is no whole number"},
      {"\"address\":134218752", "\"address\":4294967295", "sectors[0] reaches beyond 32 bits"},
      {"\"address\":134218752", "\"address\":134220000", "sectors[1] does not come after"},
      {"\"old\":\"01020304\"", "\"old\":\" 1020304\"", "sectors[0].old has something"},
      {"\"old\":\"01020304\"", "\"old\":\"0102030\"", "sectors[0].old has an odd number"},
      {"\"old\":\"01020304\"", "\"old\":\"010203\"", "sectors[0] has contents of another length"},
      {"\"old\":\"01020304\"", "\"old\":\"\"", "sectors[0] has contents of another length"},
      {"\"old\":\"01020304\"", "\"old\":null", "sectors[0].old is no text"},
      {"\"old\":\"01020304\"", "\"old\":\"0102030A\"", "sectors[0].old has something"},
      {"\"size\":4,", "\"size\":0,", "sectors[0].size is zero"},
      {"\"size\":4,", "\"size\":5,", "sectors[0] has contents of another length"},
      {"\"crc\":17", "\"crc\":\"17\"", "witnesses[0].crc is no whole number"},
      {"\"chip\":\"TEST8K\",", "", "journal.chip is missing"},
      {"\"unique_id\":\"0102fe\"", "\"unique_id\":7", "journal.unique_id is no text"},
  };
  for (const Change &change : changes) {
    std::string changed = body;
    ASSERT_NE(changed.find(change.from), std::string::npos) << change.from;
    changed.replace(changed.find(change.from), std::string(change.from).size(), change.to);
    EXPECT_THAT(complaint(sealed(changed)), HasSubstr(change.complaint)) << change.to;
  }
  for (const char *other : {"null", "[]", "1", "\"x\"", "{}", "{", "", "{\"sectors\":[]}"}) {
    EXPECT_NE(complaint(sealed(other)), "accepted") << other;
  }
}

TEST(JournalText, WithoutAnySectorIsRefused) {
  JournalRecord empty = record();
  empty.sectors.clear();
  EXPECT_EQ(complaint(journal_text(empty)), "journal.sectors is empty");
}

}  // namespace
}  // namespace flashhost
