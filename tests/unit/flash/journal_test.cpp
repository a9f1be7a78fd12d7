#include "flash/journal.hpp"

#include "test_chip.hpp"

#include <flashhost/error.hpp>

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

namespace flashhost {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

class JournalTest : public ::testing::Test {
 protected:
  JournalTest() {
    std::string name = (fs::temp_directory_path() / "flashhost-journal-XXXXXX").string();
    directory_ = ::mkdtemp(name.data());
  }
  ~JournalTest() override { fs::remove_all(directory_); }

  [[nodiscard]] fs::path state() const { return directory_ / "state"; }

  static JournalRecord record() {
    return {"TEST8K", {{{0x08000400, 4}, {1, 2, 3, 4}, {1, 2, 9, 9}}, {{0x08000800, 4}, {}, {}}}};
  }

  fs::path directory_;
};

TEST_F(JournalTest, GivesBackWhatWasStored) {
  Journal(state(), "key").store(record());
  EXPECT_EQ(Journal(state(), "key").load(), record());
}

TEST_F(JournalTest, IsEmptyBeforeAnythingIsStoredAndAfterItIsRemoved) {
  Journal journal(state(), "key");
  EXPECT_FALSE(journal.load());
  journal.store(record());
  journal.remove();
  EXPECT_FALSE(journal.load());
  EXPECT_NO_THROW(journal.remove());
}

TEST_F(JournalTest, CanBeLookedAtWithoutLockAndWithoutMakingAnything) {
  EXPECT_FALSE(peek_journal(state(), "key"));
  EXPECT_FALSE(fs::exists(state()));
  Journal journal(state(), "key");
  EXPECT_FALSE(peek_journal(state(), "key"));
  journal.store(record());
  EXPECT_EQ(peek_journal(state(), "key"), record());
}

TEST_F(JournalTest, IsForTheOwnersEyesOnly) {
  Journal journal(state(), "key");
  journal.store(record());
  struct stat facts{};
  ASSERT_EQ(::stat(journal.file().c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0600U);
  ASSERT_EQ(::stat(state().c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0700U);
}

TEST_F(JournalTest, RefusesASecondJobOnTheSameChip) {
  const Journal first(state(), "key");
  try {
    const Journal second(state(), "key");
    FAIL() << "nothing was thrown";
  } catch (const Error &error) {
    EXPECT_EQ(error.code(), Errc::target);
    EXPECT_THAT(error.what(), HasSubstr("another flashhost is working on this very chip"));
  }
  EXPECT_NO_THROW(Journal(state(), "another chip"));
}

TEST_F(JournalTest, NamesAFileThatCannotBeUnderstood) {
  for (const char *text : {"", "{", "{\"version\": 9}",
                           "{\"version\":1,\"chip\":\"x\",\"sectors\":"
                           "[{\"address\":0,\"size\":2,\"old\":\"zz\",\"wanted\":\"0000\"}]}",
                           "{\"version\":1,\"chip\":\"x\",\"sectors\":"
                           "[{\"address\":0,\"size\":2,\"old\":\"00\",\"wanted\":\"0000\"}]}"}) {
    Journal journal(state(), "key");
    std::ofstream(journal.file()) << text;
    try {
      (void)journal.load();
      ADD_FAILURE() << "accepted: " << text;
    } catch (const Error &error) {
      EXPECT_THAT(error.what(), HasSubstr(journal.file().string()));
      EXPECT_THAT(error.hint(), HasSubstr("--discard-journal"));
    }
  }
}

TEST_F(JournalTest, SaysWhereItCannotBeWritten) {
  std::ofstream(state()) << "a file, not a folder";
  try {
    const Journal journal(state(), "key");
    FAIL() << "nothing was thrown";
  } catch (const Error &error) {
    EXPECT_THAT(error.what(), HasSubstr(state().string()));
    EXPECT_THAT(error.hint(), HasSubstr("XDG_STATE_HOME"));
  }
}

TEST(JournalKey, IsTheChipsUniqueId) {
  EXPECT_EQ(journal_key(testing::small_chip(), "066F"), "123-uid-0102030405060708090a0b0c");
}

TEST(JournalKey, FallsBackToTheProbeWithoutOne) {
  Chip chip = testing::small_chip();
  chip.unique_id.clear();
  EXPECT_EQ(journal_key(chip, "06/6F"), "123-probe-06-6F");
}

}  // namespace
}  // namespace flashhost
