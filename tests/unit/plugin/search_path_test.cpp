#include "plugin/search_path.hpp"

#include "temporary_folder.hpp"

#include <flashhost/error.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

namespace flashhost {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;

class SearchPath : public testing::Test {
 protected:
  fs::path folder(const std::string &name) const {
    fs::create_directories(root_ / name);
    return root_ / name;
  }

  // What is said about --plugin-dir name, after the name.
  std::string refusal(const std::string &name) const {
    try {
      (void)plugin_search_path({root_ / name}, "", root_ / "bin/flashhost");
    } catch (const Error &error) {
      EXPECT_EQ(error.code(), Errc::usage);
      EXPECT_FALSE(error.hint().empty());
      const std::string text = error.what();
      const std::string start = "--plugin-dir " + (root_ / name).string() + ": ";
      EXPECT_TRUE(text.starts_with(start)) << text;
      return text.substr(start.size());
    }
    return "nothing was thrown";
  }

  const bench::TemporaryFolder temporary_;
  const fs::path root_ = temporary_.path();
};

TEST_F(SearchPath, OrderIsOptionThenEnvironmentThenBuildThenInstalled) {
  const fs::path option = folder("option"), one = folder("one"), two = folder("two");
  const fs::path build = folder("tree/plugins");
  const fs::path installed = folder("tree/" FLASHHOST_LIBDIR "/flashhost/plugins-2");
  std::ofstream(root_ / "tree/CMakeCache.txt") << "";
  EXPECT_THAT(
      plugin_search_path({option}, one.string() + ":" + two.string(), root_ / "tree/bin/flashhost"),
      ElementsAre(option, one, two, build, installed));
}

TEST_F(SearchPath, FolderBesideAnInstalledProgramIsNotABuildTree) {
  folder("prefix/plugins");
  EXPECT_THAT(plugin_search_path({}, "", root_ / "prefix/bin/flashhost"), IsEmpty());
}

TEST_F(SearchPath, EmptyAndMissingPartsOfTheEnvironmentAreLeftOut) {
  const fs::path one = folder("one");
  EXPECT_THAT(plugin_search_path({}, ":" + one.string() + "::" + (root_ / "missing").string() + ":",
                                 root_ / "bin/flashhost"),
              ElementsAre(one));
}

TEST_F(SearchPath, EachFolderIsSearchedOnceWithLinksResolved) {
  const fs::path one = folder("one");
  fs::create_directory_symlink(one, root_ / "link");
  EXPECT_THAT(
      plugin_search_path({root_ / "link"}, one.string() + "/:" + (root_ / "one/../one").string(),
                         root_ / "bin/flashhost"),
      ElementsAre(one));
}

TEST_F(SearchPath, SeveralPluginDirsStandInTheOrderGivenAndOnce) {
  const fs::path one = folder("one"), two = folder("two");
  EXPECT_THAT(plugin_search_path({two, one, two}, one.string(), root_ / "bin/flashhost"),
              ElementsAre(two, one));
}

TEST_F(SearchPath, PluginDirThatIsNoFolderIsAUsageErrorWithTheReason) {
  EXPECT_EQ(refusal("missing"), "there is no such folder");
  std::ofstream(root_ / "file") << "";
  EXPECT_EQ(refusal("file"), "it is not a folder");
  EXPECT_EQ(refusal("file/below"), "it is not a folder");
  fs::create_symlink("circle", root_ / "circle");
  EXPECT_EQ(refusal("circle"), "its symbolic links lead in a circle");
  fs::create_symlink("missing", root_ / "dangling");
  EXPECT_EQ(refusal("dangling"), "there is no such folder");
  ASSERT_EQ(mkfifo((root_ / "pipe").c_str(), 0600), 0);
  EXPECT_EQ(refusal("pipe"), "it is not a folder");
}

TEST_F(SearchPath, PartOfTheEnvironmentThatIsThereButNoFolderIsKept) {
  std::ofstream(root_ / "file") << "";
  fs::create_symlink("circle", root_ / "circle");
  EXPECT_THAT(plugin_search_path({}, (root_ / "circle").string() + ":" + (root_ / "file").string(),
                                 root_ / "bin/flashhost"),
              ElementsAre(root_ / "circle", root_ / "file"));
}

TEST_F(SearchPath, WithoutKnowingTheProgramsFolderTheCurrentOneIsNotSearched) {
  const fs::path before = fs::current_path();
  folder(FLASHHOST_LIBDIR "/flashhost/plugins-2");
  fs::current_path(root_);
  EXPECT_THAT(plugin_search_path({}, "", {}), IsEmpty());
  fs::current_path(before);
}

TEST_F(SearchPath, ThisTestFindsThePluginsOfItsBuildTree) {
  const std::vector<fs::path> folders = plugin_search_path({});
  ASSERT_FALSE(folders.empty());
  EXPECT_EQ(folders.back().filename(), "plugins");
}

}  // namespace
}  // namespace flashhost
