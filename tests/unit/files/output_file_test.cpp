#include <config/support.hpp>
#include <files/files.hpp>
#include <files/output_file.hpp>
#include <gmock/gmock.h>
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
