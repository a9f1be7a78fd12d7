// Gate 1 on real files. What cannot be made without being root is tested on facts, in tests/unit.
#include "corpus.hpp"

#include <flashhost/text.hpp>

#include <fmt/format.h>

namespace flashhost {
namespace {

namespace fs = std::filesystem;

class Trust : public Corpus {
 protected:
  Trust() : file_(install("format-good.so")) {}

  void expect_refusal(const std::string &reason, const std::string &remedy) {
    const Error error = refusal("good");
    EXPECT_EQ(error.code(), Errc::plugin);
    EXPECT_EQ(error.what(),
              fmt::format("plugin {} is refused because its file cannot be trusted: {}",
                          file_.string(), reason));
    EXPECT_THAT(error.hint(), testing::HasSubstr(remedy));
    EXPECT_FALSE(code_has_run());
    EXPECT_FALSE(is_loaded(file_));
  }

  fs::path file_;
};

TEST_F(Trust, FileWritableByOthersIsRefusedWithTheCommandThatRepairsIt) {
  fs::permissions(file_, fs::perms(0646));
  expect_refusal("it can be written by others (mode 0646)", "chmod o-w '" + file_.string() + "'");
  fs::permissions(file_, fs::perms::others_write, fs::perm_options::remove);
  EXPECT_NO_THROW((void)loader().format("good"));
}

TEST_F(Trust, FileWritableByAnotherGroupIsRefused) {
  fs::permissions(file_, fs::perms(0664));
  expect_refusal(fmt::format("it can be written by group {}, which is not your own (mode 0664)",
                             file_facts(file_).group),
                 "chmod g-w '" + file_.string() + "'");
}

TEST_F(Trust, FileWritableByTheUsersPrivateGroupIsAccepted) {
  fs::permissions(file_, fs::perms(0664));
  user_.private_group = file_facts(file_).group;
  EXPECT_NO_THROW((void)loader().format("good"));
}

TEST_F(Trust, FolderWritableByOthersIsRefused) {
  fs::permissions(folder_, fs::perms(0707));
  expect_refusal("its folder is not safe: it can be written by others (mode 0707)",
                 "chmod o-w '" + folder_.string() + "'");
}

TEST_F(Trust, FolderWritableByAnotherGroupIsRefused) {
  fs::permissions(folder_, fs::perms(0770));
  expect_refusal(
      fmt::format("its folder is not safe: it can be written by group {}, which is not your own "
                  "(mode 0770)",
                  file_facts(folder_).group),
      "chmod g-w '" + folder_.string() + "'");
}

TEST_F(Trust, SymbolicLinkIsRefused) {
  fs::rename(file_, folder_ / "elsewhere");
  fs::create_symlink(folder_ / "elsewhere", file_);
  expect_refusal("it is a symbolic link, not a regular file", "Put the file itself");
}

TEST_F(Trust, DanglingLinkIsRefusedNotOverlooked) {
  fs::remove(file_);
  fs::create_symlink(folder_ / "nowhere", file_);
  expect_refusal("it is a symbolic link, not a regular file", "Put the file itself");
}

TEST_F(Trust, FolderNamedLikeAPluginIsRefused) {
  fs::remove(file_);
  fs::create_directory(file_);
  expect_refusal("it is not a regular file", "Put the file itself");
}

TEST_F(Trust, FileOfAnotherUserIsRefused) {
  // The file belongs to whoever runs this; seen by somebody else it is another user's. As root's
  // files are trusted by all, it is given away first where that is possible.
  if (geteuid() == 0) {
    ASSERT_EQ(chown(file_.c_str(), 4242, 4242), 0);
  } else {
    user_.id = geteuid() + 1;
    // Then its folder belongs to a stranger too, and is named first.
    const Error error = refusal("good");
    EXPECT_THAT(error.what(), testing::HasSubstr("its folder is not safe: it belongs to user"));
    EXPECT_FALSE(code_has_run());
    return;
  }
  expect_refusal("it belongs to user 4242, neither to root nor to you", "chown root '");
}

TEST_F(Trust, QuoteInAPathDoesNotBreakTheCommand) {
  const fs::path odd = folder_ / "it's";
  fs::create_directory(odd);
  fs::copy_file(file_, odd / "format-good.so");
  fs::permissions(odd / "format-good.so", fs::perms(0666));
  const PluginLoader loader({odd}, [](const std::string &) { return nullptr; }, user_);
  const Error error = error_of([&] { (void)loader.format("good"); });
  EXPECT_THAT(error.hint(), testing::HasSubstr(R"(it'\''s/format-good.so')"));
}

}  // namespace
}  // namespace flashhost
