#include "plugin/search_path.hpp"

#include <flashhost/error.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>

namespace flashhost {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;

class SearchPath : public testing::Test {
 protected:
  SearchPath() {
    std::string name = testing::TempDir() + "flashhost-XXXXXX";
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no folder for the test");
    root_ = fs::canonical(name);
  }
  ~SearchPath() override { fs::remove_all(root_); }

  fs::path folder(const std::string &name) const {
    fs::create_directories(root_ / name);
    return root_ / name;
  }

  fs::path root_;
};

TEST_F(SearchPath, OrderIsOptionThenEnvironmentThenBuildThenInstalled) {
  const fs::path option = folder("option"), one = folder("one"), two = folder("two");
  const fs::path build = folder("tree/plugins");
  const fs::path installed = folder("tree/" FLASHHOST_LIBDIR "/flashhost/plugins-1");
  std::ofstream(root_ / "tree/CMakeCache.txt") << "";
  EXPECT_THAT(
      plugin_search_path(option, one.string() + ":" + two.string(), root_ / "tree/bin/flashhost"),
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
      plugin_search_path(root_ / "link", one.string() + "/:" + (root_ / "one/../one").string(),
                         root_ / "bin/flashhost"),
      ElementsAre(one));
}

TEST_F(SearchPath, MissingPluginDirIsAUsageErrorThatNamesIt) {
  try {
    (void)plugin_search_path(root_ / "missing", "", root_ / "bin/flashhost");
    FAIL() << "nothing was thrown";
  } catch (const Error &error) {
    EXPECT_EQ(error.code(), Errc::usage);
    EXPECT_EQ(error.what(),
              "--plugin-dir " + (root_ / "missing").string() + ": there is no such folder");
  }
  std::ofstream(root_ / "file") << "";
  EXPECT_THROW((void)plugin_search_path(root_ / "file", "", root_ / "bin/flashhost"), Error);
}

TEST_F(SearchPath, ThisTestFindsThePluginsOfItsBuildTree) {
  const std::vector<fs::path> folders = plugin_search_path({});
  ASSERT_FALSE(folders.empty());
  EXPECT_EQ(folders.back().filename(), "plugins");
}

}  // namespace
}  // namespace flashhost
