#include <config/support.hpp>
#include <fcntl.h>
#include <files/files.hpp>
#include <files/output_file.hpp>
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

namespace flashhost::files {
namespace {

namespace test = config::test;
using test::error_of;

const Bytes content{'n', 'e', 'w'};

std::size_t files_in(const test::Folder &folder) {
  return static_cast<std::size_t>(
      std::distance(std::filesystem::directory_iterator(folder.path()), {}));
}

TEST(OutputFile, is_there_whole_after_commit) {
  const test::Folder folder;
  OutputFile file(folder.path() / "f");
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "f"));
  file.commit(content);
  EXPECT_EQ(test::read_text(folder.path() / "f"), "new");
  EXPECT_EQ(files_in(folder), 1U);
}

TEST(OutputFile, leaves_nothing_without_commit) {
  const test::Folder folder;
  {
    const OutputFile file(folder.path() / "f");
  }
  EXPECT_EQ(files_in(folder), 0U);
}

TEST(OutputFile, leaves_the_older_file_alone_without_commit) {
  const test::Folder folder;
  {
    const OutputFile file(folder.write("f", "old"));
  }
  EXPECT_EQ(test::read_text(folder.path() / "f"), "old");
  EXPECT_EQ(files_in(folder), 1U);
}

TEST(OutputFile, takes_the_place_of_what_a_link_points_to) {
  const test::Folder folder;
  std::filesystem::create_symlink(folder.write("f", "old"), folder.path() / "link");
  OutputFile(folder.path() / "link").commit(content);
  EXPECT_EQ(test::read_text(folder.path() / "f"), "new");
  EXPECT_TRUE(std::filesystem::is_symlink(folder.path() / "link"));
}

TEST(OutputFile, is_refused_at_once_where_none_can_be) {
  const test::Folder folder;
  const auto refusal = [](const std::filesystem::path &path) {
    return error_of(Errc::usage, [&] { return OutputFile(path), 0; });
  };
  const std::string name = folder.path().string();
  EXPECT_EQ(refusal(name), "cannot write " + name + ": it is a folder");
  EXPECT_EQ(refusal("/dev/null"), "cannot write /dev/null: it is no ordinary file");
  EXPECT_EQ(refusal(name + "/none/f"),
            "cannot write " + name + "/none/f: No such file or directory");
}

TEST(OutputFile, is_made_where_a_link_leads_to_nothing_yet) {
  const test::Folder folder;
  std::filesystem::create_directory(folder.path() / "sub");
  std::filesystem::create_symlink("sub/f", folder.path() / "link");
  OutputFile(folder.path() / "link").commit(content);
  EXPECT_EQ(test::read_text(folder.path() / "sub" / "f"), "new");
  EXPECT_TRUE(std::filesystem::is_symlink(folder.path() / "link"));
  std::filesystem::create_symlink("circle", folder.path() / "circle");
  EXPECT_THAT(error_of(Errc::usage, [&] { return OutputFile(folder.path() / "circle"), 0; }),
              ::testing::HasSubstr("Too many levels of symbolic links"));
}

TEST(OutputFile, that_must_be_new_leaves_the_older_file_alone) {
  const test::Folder folder;
  const auto file = folder.write("f", "old");
  EXPECT_EQ(error_of(Errc::usage, [&] { return OutputFile(file, Older::refused), 0; }),
            "cannot write " + file.string() + ": File exists");
  OutputFile late(folder.path() / "g", Older::refused);
  static_cast<void>(folder.write("g", "made meanwhile"));
  EXPECT_EQ(error_of(Errc::usage, [&] { return late.commit(content), 0; }),
            "cannot write " + (folder.path() / "g").string() + ": File exists");
  EXPECT_EQ(test::read_text(folder.path() / "g"), "made meanwhile");
  OutputFile(folder.path() / "h", Older::refused).commit(content);
  EXPECT_EQ(test::read_text(folder.path() / "h"), "new");
  EXPECT_EQ(files_in(folder), 3U);
}

// As FAT: files have one name, from the beginning.
class NoLinks final : public System {
 public:
  int openat(int folder, const char *path, int flags, mode_t mode) override {
    if ((flags & O_TMPFILE) != O_TMPFILE) return System::openat(folder, path, flags, mode);
    errno = EOPNOTSUPP;
    return -1;
  }
  int linkat(const char * /*from*/, int /*folder*/, const char * /*to*/) override {
    errno = EPERM;
    return -1;
  }
};

TEST(OutputFile, that_must_be_new_does_without_links) {
  NoLinks no_links;
  const SystemForTest use(no_links);
  const test::Folder folder;
  OutputFile(folder.path() / "f", Older::refused).commit(content);
  EXPECT_EQ(test::read_text(folder.path() / "f"), "new");
  OutputFile late(folder.path() / "g", Older::refused);
  static_cast<void>(folder.write("g", "made meanwhile"));
  EXPECT_THAT(error_of(Errc::usage, [&] { return late.commit(content), 0; }),
              ::testing::HasSubstr("File exists"));
  EXPECT_EQ(test::read_text(folder.path() / "g"), "made meanwhile");
}

TEST(OutputFile, keeps_mode_and_owner_of_the_older_file) {
  const test::Folder folder;
  const auto file = folder.write("f", "old");
  ASSERT_EQ(::chmod(file.c_str(), 0640), 0);
  const bool root = ::geteuid() == 0;  // only root can have it belong to somebody else
  constexpr uid_t nobody = 65534;
  if (root) {
    ASSERT_EQ(::chown(file.c_str(), nobody, nobody), 0);
  }
  OutputFile(file).commit(content);
  struct stat facts{};
  ASSERT_EQ(::stat(file.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 07777, 0640U);
  EXPECT_EQ(facts.st_uid, root ? nobody : ::geteuid());
}

TEST(OutputFile, may_have_the_longest_name_that_there_is) {
  const test::Folder folder;
  const std::string name(255, 'x');
  OutputFile(folder.path() / name).commit(content);
  EXPECT_EQ(test::read_text(folder.path() / name), "new");
}

// However the program ends.
TEST(OutputFile, leaves_nothing_when_the_program_is_killed) {
  const test::Folder folder;
  EXPECT_EXIT(
      {
        const OutputFile file(folder.path() / "f");
        ::kill(::getpid(), SIGKILL);
      },
      ::testing::KilledBySignal(SIGKILL), "");
  EXPECT_EQ(files_in(folder), 0U);
}

class NoRoom final : public System {
 public:
  ssize_t write(int descriptor, const void *data, std::size_t size) override {
    if (!full) return System::write(descriptor, data, size);
    errno = ENOSPC;
    return -1;
  }
  int openat(int where, const char *path, int flags, mode_t mode) override {
    if (!unnamed && (flags & O_TMPFILE) == O_TMPFILE) {
      errno = EOPNOTSUPP;
      return -1;
    }
    return System::openat(where, path, flags, mode);
  }
  bool full = false;
  bool unnamed = true;  // whether the file system has files without a name
};

TEST(OutputFile, leaves_the_older_file_alone_when_there_is_no_room) {
  for (const bool unnamed : {true, false}) {
    const test::Folder folder;
    const auto file = folder.write("f", "old");
    NoRoom system;
    system.full = true;
    system.unnamed = unnamed;
    const SystemForTest in_force(system);
    EXPECT_EQ(error_of(Errc::usage, [&] { return OutputFile(file).commit(content), 0; }),
              "cannot write " + file.string() + ": No space left on device");
    EXPECT_EQ(test::read_text(file), "old");
    EXPECT_EQ(files_in(folder), 1U);
  }
}

TEST(OutputFile, needs_no_files_without_a_name) {
  const test::Folder folder;
  NoRoom system;
  system.unnamed = false;
  const SystemForTest in_force(system);
  OutputFile(folder.path() / "f").commit(content);
  EXPECT_EQ(test::read_text(folder.path() / "f"), "new");
  EXPECT_EQ(files_in(folder), 1U);
}

TEST(WriteAll, says_when_the_reader_is_gone) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  ::close(ends[0]);
  EXPECT_EXIT(
      {
        std::signal(SIGPIPE, SIG_IGN);
        std::exit(!write_all(ends[1], content) && errno == EPIPE ? 0 : 1);
      },
      testing::ExitedWithCode(0), "");
  ::close(ends[1]);
}

}  // namespace
}  // namespace flashhost::files
