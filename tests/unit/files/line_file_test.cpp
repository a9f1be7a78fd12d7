#include <config/support.hpp>
#include <fcntl.h>
#include <files/line_file.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <sstream>
#include <utility>

namespace flashhost::files {
namespace {

namespace test = config::test;
using test::error_of;

TEST(LineFile, is_made_and_grows_by_lines) {
  const test::Folder folder;
  const auto name = folder.path() / "f";
  EXPECT_EQ(LineFile(name).append("one"), LineFile::Before::whole);
  LineFile file(name);
  EXPECT_EQ(file.append("two"), LineFile::Before::whole);
  EXPECT_EQ(file.append("three"), LineFile::Before::whole);
  EXPECT_EQ(test::read_text(name), "one\ntwo\nthree\n");
}

TEST(LineFile, ends_a_line_that_a_crash_has_torn_and_says_so) {
  const test::Folder folder;
  const auto name = folder.write("f", "one\ntw");
  EXPECT_EQ(LineFile(name).append("three"), LineFile::Before::torn);
  EXPECT_EQ(test::read_text(name), "one\ntw\nthree\n");
}

TEST(LineFile, is_refused_at_once_where_none_can_be) {
  const test::Folder folder;
  const auto refusal = [](const std::filesystem::path &path) {
    return error_of(Errc::usage, [&] { return LineFile(path), 0; });
  };
  const std::string name = folder.path().string();
  EXPECT_EQ(refusal(name), "cannot add to " + name + ": Is a directory");
  EXPECT_EQ(refusal("/dev/null"), "cannot add to /dev/null: it is a device, not a file");
  EXPECT_EQ(refusal(name + "/none/f"),
            "cannot add to " + name + "/none/f: No such file or directory");
  ASSERT_EQ(::mkfifo((name + "/pipe").c_str(), 0600), 0);
  EXPECT_EQ(refusal(name + "/pipe"), "cannot add to " + name + "/pipe: it is a pipe, not a file");
}

TEST(LineFile, takes_the_lines_of_several_processes_without_mixing_them) {
  constexpr int processes = 6, lines = 40;
  const test::Folder folder;
  const auto name = folder.path() / "f";
  for (int i = 0; i < processes; ++i) {
    if (::fork() != 0) continue;
    for (int k = 0; k < lines; ++k) LineFile(name).append(std::string(9000, char('a' + i)));
    ::_exit(0);
  }
  for (int i = 0; i < processes; ++i) {
    int status = -1;
    ASSERT_GT(::wait(&status), 0);
    EXPECT_EQ(status, 0);
  }
  std::istringstream text(test::read_text(name));
  int count = 0;
  for (std::string line; std::getline(text, line); ++count) {
    ASSERT_EQ(line, std::string(9000, line.front()));
  }
  EXPECT_EQ(count, processes * lines);
}

TEST(LineFile, waits_for_another_process_that_is_adding_a_line) {
  const test::Folder folder;
  const auto name = folder.path() / "f";
  LineFile file(name);
  const int other = ::open(name.c_str(), O_RDWR | O_CLOEXEC);
  ASSERT_EQ(::flock(other, LOCK_EX), 0);
  // Gives the lock free when this thread has been refused it once.
  class Refused final : public System {
   public:
    explicit Refused(int other) : other_(other) {}
    int flock(int descriptor, int operation) override {
      const int result = System::flock(descriptor, operation);
      if (result != 0) ::flock(other_, LOCK_UN);
      return result;
    }

   private:
    int other_;
  } system(other);
  const SystemForTest use(system);
  file.append("one");
  EXPECT_EQ(test::read_text(name), "one\n");
  ::close(other);
}

// One call fails; a write has moved half of its bytes before.
class OneFails final : public System {
 public:
  explicit OneFails(int call) : left_(call) {}
  ssize_t write(int descriptor, const void *data, std::size_t size) override {
    if (left_ == 1 && size > 1) size /= 2;
    if (fails()) return -1;
    return System::write(descriptor, data, size);
  }
  ssize_t pread(int descriptor, void *out, std::size_t size, off_t offset) override {
    return fails() ? -1 : System::pread(descriptor, out, size, offset);
  }
  int openat(int where, const char *path, int flags, mode_t mode) override {
    return fails() ? -1 : System::openat(where, path, flags, mode);
  }
  int fstat(int descriptor, struct stat *facts) override {
    return fails() ? -1 : System::fstat(descriptor, facts);
  }
  int fsync(int descriptor) override { return fails() ? -1 : System::fsync(descriptor); }
  int flock(int descriptor, int operation) override {
    return fails() ? -1 : System::flock(descriptor, operation);
  }
  [[nodiscard]] bool reached() const { return left_ <= 0; }

 private:
  bool fails() {
    if (--left_ != 0) return false;
    errno = ENOSPC;
    return true;
  }
  int left_;
};

TEST(LineFile, has_the_line_whole_or_not_at_all_whatever_fails) {
  for (const std::string before : {"", "one\n"}) {
    for (int call = 1;; ++call) {
      const test::Folder folder;
      const auto name = folder.write("f", before);
      OneFails system(call);
      bool added = false;
      {
        const SystemForTest use(system);
        try {
          LineFile(name).append("line");
          added = true;
        } catch (const Error &error) {
          EXPECT_THAT(error.what(), ::testing::HasSubstr("No space left on device"));
        }
      }
      EXPECT_EQ(test::read_text(name), before + (added ? "line\n" : "")) << call;
      if (!system.reached()) {
        EXPECT_TRUE(added);
        EXPECT_GT(call, 5);
        break;
      }
    }
  }
}

// A full disk takes the beginning of a line.
class Half final : public System {
 public:
  ssize_t write(int descriptor, const void *data, std::size_t size) override {
    if (std::exchange(full_, true)) {
      errno = ENOSPC;
      return -1;
    }
    return System::write(descriptor, data, size / 2);
  }

 private:
  bool full_ = false;
};

TEST(LineFile, takes_back_the_beginning_of_a_line_for_which_there_is_no_room) {
  const test::Folder folder;
  const auto name = folder.write("f", "one\n");
  Half system;
  const SystemForTest use(system);
  EXPECT_THROW(LineFile(name).append("a longer line"), Error);
  EXPECT_EQ(test::read_text(name), "one\n");
}

}  // namespace
}  // namespace flashhost::files
