#include "flash/journal.hpp"

#include "files/sha256.hpp"
#include "files/system.hpp"
#include "temporary_folder.hpp"
#include "test_chip.hpp"

#include <flashhost/error.hpp>

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <optional>
#include <string_view>

namespace flashhost {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

class JournalTest : public ::testing::Test {
 protected:
  [[nodiscard]] fs::path state() const { return folder_.path() / "state"; }

  static JournalRecord record() {
    return {{0x123, {1, 2, 3}, "066F"},
            "TEST8K",
            false,
            {{{0x08000400, 4}, 1, 2, {1, 2, 3, 4}, {1, 2, 9, 9}, {}}},
            {}};
  }

  const bench::TemporaryFolder folder_;
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

TEST_F(JournalTest, KeepsOptionBytesInAFileOfTheirOwn) {
  const OptionRecord options{{0x123, {1, 2, 3}, "066F"}, "TEST8K", {0xFF00FF00, 1}, {2, 3}};
  Journal journal(state(), "key");
  journal.store(options);
  EXPECT_FALSE(journal.load());
  journal.store(record());
  EXPECT_EQ(journal.load_options(), options);
  EXPECT_EQ(peek_options(state(), "key"), options);
  EXPECT_FALSE(peek_options(state(), "other"));
  journal.remove_options();
  EXPECT_FALSE(journal.load_options());
  EXPECT_EQ(journal.load(), record());
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
    EXPECT_EQ(error.code(), Errc::refused);
    EXPECT_THAT(error.what(), HasSubstr("another flashhost is working on this very chip"));
  }
  EXPECT_NO_THROW(Journal(state(), "another chip"));
  int asked = 0;
  EXPECT_THROW(Journal(state(), "key", [&] { return ++asked < 3; }), Error);
  EXPECT_EQ(asked, 3);
}

TEST_F(JournalTest, IsTakenWhenTheOtherJobIsDone) {
  std::optional<Journal> first;
  first.emplace(state(), "key");
  EXPECT_NO_THROW(Journal(state(), "key", [&] {
    first.reset();
    return true;
  }));
}

TEST_F(JournalTest, NamesAFileThatCannotBeUnderstood) {
  Journal journal(state(), "key");
  std::ofstream(journal.file()) << "{}";
  try {
    (void)journal.load();
    FAIL() << "accepted";
  } catch (const Error &error) {
    EXPECT_EQ(error.code(), Errc::config);
    EXPECT_THAT(error.what(), HasSubstr("the journal of an interrupted run on this chip cannot be "
                                        "used: " +
                                        journal.file().string()));
    EXPECT_THAT(error.hint(), HasSubstr("--discard-journal"));
  }
}

class FailingOpen final : public files::System {
 public:
  int openat(int folder, const char *path, int flags, mode_t mode) override {
    if (!std::string_view(path).ends_with(".journal")) {
      return System::openat(folder, path, flags, mode);
    }
    errno = error;
    return -1;
  }
  int error = 0;
};

TEST_F(JournalTest, OnlyAFileThatIsNotThereIsNoJournal) {
  FailingOpen system;
  const files::SystemForTest in_force(system);
  for (const int error : {EACCES, EIO, EMFILE, ENFILE, ELOOP, ENOTDIR, EPERM, ENOMEM}) {
    system.error = error;
    Journal journal(state(), "key");
    EXPECT_THROW((void)journal.load(), Error) << std::strerror(error);
    EXPECT_THROW((void)peek_journal(state(), "key"), Error) << std::strerror(error);
  }
  system.error = ENOENT;
  EXPECT_FALSE(Journal(state(), "key").load());
  EXPECT_FALSE(peek_journal(state(), "key"));
}

TEST(JournalDirectory, IsNeverRelative) {
  const std::string home = std::getenv("HOME") == nullptr ? "" : std::getenv("HOME");
  ::unsetenv("XDG_STATE_HOME");
  ::setenv("HOME", "work", 1);
  try {
    (void)journal_directory();
    ADD_FAILURE() << "accepted";
  } catch (const Error &error) {
    EXPECT_STREQ(error.what(), "HOME is \"work\", which is no absolute path");
  }
  ::setenv("HOME", "/home/me", 1);
  EXPECT_EQ(journal_directory(), "/home/me/.local/state/flashhost");
  ::setenv("HOME", home.c_str(), 1);
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
  EXPECT_EQ(journal_key(chip, "06/6F"),
            "123-probe-06-6F-" + files::sha256(Bytes{'0', '6', '/', '6', 'F'}).substr(0, 16));
  EXPECT_EQ(journal_key(chip, "066F"), "123-probe-066F");
  EXPECT_LT(journal_key(chip, std::string(1000, 'x')).size(), 100U);
}

}  // namespace
}  // namespace flashhost
