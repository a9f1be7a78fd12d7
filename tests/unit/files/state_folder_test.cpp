#include <config/support.hpp>
#include <files/state_folder.hpp>
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

namespace flashhost::files {
namespace {

namespace fs = std::filesystem;
using config::test::error_of;
using config::test::Folder;
using config::test::read_text;
using ::testing::HasSubstr;

constexpr std::size_t limit = 1000;
const Bytes content{'n', 'e', 'w'};

mode_t mode_of(const fs::path &path) {
  struct stat facts{};
  EXPECT_EQ(::lstat(path.c_str(), &facts), 0) << path;
  return facts.st_mode & 07777;
}

class StateFolderTest : public ::testing::Test {
 protected:
  [[nodiscard]] fs::path path() const { return around_.path() / "a" / "state"; }
  [[nodiscard]] std::string reading(const std::string &name) const {
    return error_of(Errc::config, [&] { return StateFolder(path()).read(name, limit); });
  }
  Folder around_;
};

TEST_F(StateFolderTest, is_made_for_its_owner_alone) {
  const StateFolder folder(path());
  EXPECT_EQ(mode_of(path()), 0700U);
  EXPECT_EQ(mode_of(path().parent_path()), 0700U);
  folder.replace("f", content);
  EXPECT_EQ(mode_of(path() / "f"), 0600U);
}

TEST_F(StateFolderTest, does_not_let_others_write_to_one_that_is_there) {
  fs::create_directories(path());
  ASSERT_EQ(::chmod(path().c_str(), 0777), 0);
  const StateFolder folder(path());
  EXPECT_EQ(mode_of(path()), 0755U);
}

TEST_F(StateFolderTest, looking_makes_nothing) {
  EXPECT_FALSE(StateFolder::open_if_there(path()));
  EXPECT_FALSE(fs::exists(path()));
}

TEST_F(StateFolderTest, gives_back_what_was_put_there) {
  const StateFolder folder(path());
  EXPECT_EQ(folder.read("f", limit), std::nullopt);
  folder.replace("f", {'o', 'l', 'd'});
  folder.replace("f", content);
  EXPECT_EQ(folder.read("f", limit), content);
  folder.remove("f");
  EXPECT_EQ(folder.read("f", limit), std::nullopt);
  EXPECT_NO_THROW(folder.remove("f"));
  EXPECT_TRUE(fs::is_empty(path()));
}

TEST_F(StateFolderTest, reads_no_more_than_the_limit) {
  const StateFolder folder(path());
  folder.replace("f", Bytes(limit, 1));
  EXPECT_EQ(folder.read("f", limit)->size(), limit);
  folder.replace("f", Bytes(limit + 1, 1));
  EXPECT_EQ(reading("f"), "cannot read " + (path() / "f").string() + ": File too large");
}

TEST_F(StateFolderTest, never_follows_a_link) {
  const fs::path victim = around_.write("victim", "precious");
  const StateFolder folder(path());
  for (const char *name : {"f", "f.new", "lock"}) fs::create_symlink(victim, path() / name);
  EXPECT_THAT(reading("f"), HasSubstr("Too many levels of symbolic links"));
  EXPECT_THAT(error_of(Errc::config, [&] { return folder.lock("lock"); }),
              HasSubstr("Too many levels of symbolic links"));
  folder.replace("f", content);
  EXPECT_EQ(read_text(victim), "precious");
  EXPECT_EQ(read_text(path() / "f"), "new");
  EXPECT_FALSE(fs::is_symlink(path() / "f"));
}

TEST_F(StateFolderTest, never_waits_for_a_pipe) {
  const StateFolder folder(path());
  for (const char *name : {"f", "g.new", "lock"}) {
    ASSERT_EQ(::mkfifo((path() / name).c_str(), 0600), 0);
  }
  EXPECT_EQ(reading("f"), (path() / "f").string() + ": it is a pipe, not a file");
  EXPECT_THAT(error_of(Errc::config, [&] { return folder.lock("lock"); }),
              HasSubstr("it is a pipe"));
  folder.replace("g", content);
  EXPECT_EQ(read_text(path() / "g"), "new");
}

TEST_F(StateFolderTest, says_when_something_else_is_in_its_place) {
  fs::create_directories(path().parent_path());
  std::ofstream(path()) << "a file";
  EXPECT_EQ(error_of(Errc::config, [&] { return StateFolder(path()); }),
            "cannot open " + path().string() + ": Not a directory");
}

TEST_F(StateFolderTest, is_locked_by_one_at_a_time) {
  const StateFolder folder(path());
  {
    const Descriptor first = folder.lock("l");
    EXPECT_TRUE(first);
    EXPECT_FALSE(StateFolder(path()).lock("l"));
    EXPECT_TRUE(folder.lock("m"));
  }
  EXPECT_TRUE(folder.lock("l"));
}

// What belongs to whom can only be tried by root.
class StateFolderOfAnother : public StateFolderTest {
 protected:
  static constexpr uid_t nobody = 65534;
  StateFolderOfAnother() {
    fs::create_directories(path());
    EXPECT_EQ(::chown(path().c_str(), nobody, nobody), 0);
    ::unsetenv("SUDO_UID");
  }
  ~StateFolderOfAnother() override { ::unsetenv("SUDO_UID"); }
};

TEST_F(StateFolderOfAnother, is_refused) {
  if (::geteuid() != 0) return;
  EXPECT_EQ(error_of(Errc::config, [&] { return StateFolder(path()); }),
            path().string() + " belongs to user 65534, not to you (user 0)");
  EXPECT_EQ(error_of(Errc::config, [&] { return StateFolder::open_if_there(path()); }),
            path().string() + " belongs to user 65534, not to you (user 0)");
}

TEST_F(StateFolderOfAnother, is_used_for_the_user_who_called_sudo_and_its_files_stay_theirs) {
  if (::geteuid() != 0) return;
  ::setenv("SUDO_UID", "65534", 1);
  const StateFolder folder(path());
  folder.replace("f", content);
  static_cast<void>(folder.lock("l"));
  for (const char *name : {"f", "l"}) {
    struct stat facts{};
    ASSERT_EQ(::stat((path() / name).c_str(), &facts), 0);
    EXPECT_EQ(facts.st_uid, nobody) << name;
  }
}

TEST_F(StateFolderOfAnother, and_so_is_a_file_in_ones_own) {
  if (::geteuid() != 0) return;
  const fs::path mine = around_.path() / "mine";
  const StateFolder folder(mine);
  folder.replace("f", content);
  ASSERT_EQ(::chown((mine / "f").c_str(), nobody, nobody), 0);
  EXPECT_EQ(error_of(Errc::config, [&] { return folder.read("f", limit); }),
            (mine / "f").string() + ": it belongs to user 65534");
}

}  // namespace
}  // namespace flashhost::files
