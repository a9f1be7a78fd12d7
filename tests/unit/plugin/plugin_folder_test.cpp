#include "plugin/plugin_folder.hpp"

#include "hosts.hpp"
#include "plugin/plugin_loader.hpp"
#include "plugin/search_path.hpp"
#include "temporary_folder.hpp"
#include "thrown.hpp"

#include <flashhost/error.hpp>

#include <dirent.h>
#include <dlfcn.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <limits>

namespace {

int good_entries = std::numeric_limits<int>::max();  // before the listing fails

}  // namespace

// Takes the place of the C library's: a folder on a device that fails half-way.
extern "C" dirent *readdir(DIR *folder) {
  static auto *const real = reinterpret_cast<dirent *(*)(DIR *)>(dlsym(RTLD_NEXT, "readdir"));
  if (good_entries-- > 0) return real(folder);
  errno = EIO;
  return nullptr;
}

namespace flashhost {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::UnorderedElementsAre;

class PluginFolder : public testing::Test {
 protected:
  ~PluginFolder() override { good_entries = std::numeric_limits<int>::max(); }

  fs::path file(const std::string &name) const {
    std::ofstream(root_ / name) << "";
    return root_ / name;
  }
  PluginLoader loader(const std::vector<fs::path> &search_path) {
    return {search_path,
            [this](const std::string &) { return std::make_unique<Recorder>(lines_); }};
  }
  static Error refusal(const PluginLoader &plugins) {
    return bench::error_of([&] { return plugins.format("wanted"); });
  }

  fs::path folder(const std::string &name, unsigned mode) const {
    fs::create_directory(root_ / name);
    fs::permissions(root_ / name, static_cast<fs::perms>(mode));
    return root_ / name;
  }

  const bench::TemporaryFolder temporary_;
  const fs::path root_ = temporary_.path();
  std::vector<std::string> lines_;

 private:
  // Its lines outlive it.
  class Recorder : public testing::QuietHost {
   public:
    explicit Recorder(std::vector<std::string> &lines) : lines_(lines) {}
    void log(Level level, std::string_view text) noexcept override {
      if (level == Level::warning) lines_.emplace_back(text);
    }
    [[nodiscard]] bool enabled(Level /*level*/) const noexcept override { return true; }

   private:
    std::vector<std::string> &lines_;
  };
};

TEST_F(PluginFolder, ListsWhatIsInIt) {
  file("a.so");
  file("b");
  std::vector<std::string> names;
  EXPECT_EQ(list_folder(root_, names), 0);
  EXPECT_THAT(names, UnorderedElementsAre("a.so", "b"));
}

TEST_F(PluginFolder, SaysWhyItCannotBeListed) {
  std::vector<std::string> names;
  EXPECT_EQ(list_folder(root_ / "missing", names), ENOENT);
  EXPECT_EQ(list_folder(file("file"), names), ENOTDIR);
  EXPECT_THAT(names, IsEmpty());
}

TEST_F(PluginFolder, SaysSoWhenTheListingFailsHalfway) {
  file("a.so");
  file("b.so");
  good_entries = 3;
  std::vector<std::string> names;
  EXPECT_EQ(list_folder(root_, names), EIO);
  EXPECT_THAT(names, Not(IsEmpty()));
}

// Modes deny root nothing. The effective user is what counts for files.
class Unprivileged {
 public:
  Unprivileged() : before_(::geteuid()) {
    if (before_ == 0) {
      EXPECT_EQ(::seteuid(65534), 0);
    }
  }
  Unprivileged(const Unprivileged &) = delete;
  Unprivileged &operator=(const Unprivileged &) = delete;
  ~Unprivileged() { EXPECT_EQ(::seteuid(before_), 0); }

 private:
  uid_t before_;
};

TEST_F(PluginFolder, WithoutPermissionToListOrToSearchItIsOfNoUse) {
  fs::permissions(root_, static_cast<fs::perms>(0755));
  const fs::path closed = folder("closed", 0), unsearchable = folder("list-only", 0444),
                 unlistable = folder("search-only", 0111);
  const Unprivileged user;
  std::vector<std::string> names;
  EXPECT_EQ(list_folder(closed, names), EACCES);
  EXPECT_EQ(list_folder(unlistable, names), EACCES);
  EXPECT_EQ(list_folder(unsearchable, names), EACCES);
  EXPECT_EQ(list_folder(closed / "below", names), EACCES);
}

TEST_F(PluginFolder, APluginDirWithoutPermissionIsRefusedForThatReason) {
  fs::permissions(root_, static_cast<fs::perms>(0755));
  const fs::path closed = folder("closed", 0);
  const Unprivileged user;
  for (const fs::path &dir : {closed, closed / "below"}) {
    try {
      (void)plugin_search_path({dir}, "", root_ / "bin/flashhost");
      FAIL() << "nothing was thrown";
    } catch (const Error &error) {
      EXPECT_EQ(error.what(),
                "--plugin-dir " + dir.string() + ": you have no permission to read it");
      EXPECT_THAT(error.hint(), HasSubstr("r and x"));
    }
  }
}

TEST_F(PluginFolder, APartOfTheEnvironmentWithoutPermissionIsWarnedAbout) {
  fs::permissions(root_, static_cast<fs::perms>(0755));
  const fs::path closed = folder("closed", 0);
  const Unprivileged user;
  const auto path = plugin_search_path({}, closed.string() + ":" + (closed / "below").string(),
                                       root_ / "bin/flashhost");
  EXPECT_THAT(path, ElementsAre(closed, closed / "below"));
  EXPECT_THAT(loader(path).formats(), IsEmpty());
  EXPECT_THAT(lines_, ElementsAre(HasSubstr("closed cannot be used: you have no permission"),
                                  HasSubstr("below cannot be used: you have no permission")));
  EXPECT_THAT(refusal(loader({closed})).hint(), HasSubstr("But the plugin folder"));
}

TEST_F(PluginFolder, EachTroubleHasItsReasonAndARemedyThatFits) {
  const auto words = [](int error) {
    const FolderTrouble trouble = folder_trouble("/x", error);
    return trouble.reason + ". " + trouble.remedy;
  };
  EXPECT_THAT(words(ENOENT), HasSubstr("there is no such folder"));
  EXPECT_THAT(words(ENOTDIR), HasSubstr("it is not a folder"));
  EXPECT_THAT(words(EACCES), AllOf(HasSubstr("no permission"), HasSubstr("permissions r and x")));
  EXPECT_THAT(words(ELOOP), HasSubstr("lead in a circle"));
  EXPECT_THAT(words(EMFILE), HasSubstr("ulimit -n"));
  EXPECT_THAT(words(EIO), AllOf(HasSubstr("Input/output error"), HasSubstr("damaged")));
}

TEST_F(PluginFolder, OneThatCannotBeReadIsWarnedAboutOnce) {
  const PluginLoader plugins = loader({file("no-folder")});
  EXPECT_THAT(plugins.formats(), IsEmpty());
  EXPECT_THAT(plugins.families(), IsEmpty());
  EXPECT_THAT(lines_, ElementsAre(AllOf(HasSubstr((root_ / "no-folder").string()),
                                        HasSubstr("cannot be used: it is not a folder"))));
}

TEST_F(PluginFolder, AListingThatFailsHalfwayIsWarnedAbout) {
  file("format-a.so");
  file("format-b.so");
  const PluginLoader plugins = loader({root_});
  good_entries = 3;
  EXPECT_THAT(plugins.formats(), IsEmpty());
  EXPECT_THAT(lines_, testing::Contains(HasSubstr("cannot be used: Input/output error")));
}

TEST_F(PluginFolder, OneThatCannotBeReadIsInTheListOfPlugins) {
  const PluginLoader plugins = loader({file("no-folder")});
  const std::vector<PluginRow> rows = plugins.list();
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].file, root_ / "no-folder");
  EXPECT_EQ(rows[0].problem, "the plugin folder " + (root_ / "no-folder").string() +
                                 " cannot be used: it is not a folder");
  EXPECT_FALSE(rows[0].remedy.empty());
  EXPECT_THAT(lines_, IsEmpty()) << "that would be the same again";
}

TEST_F(PluginFolder, APluginThatIsNotFoundMayBeInAFolderThatCannotBeRead) {
  const Error error = refusal(loader({root_, file("no-folder")}));
  EXPECT_STREQ(error.what(), "there is no format plugin \"wanted\" (format-wanted.so)");
  EXPECT_THAT(error.hint(),
              HasSubstr("But the plugin folder " + (root_ / "no-folder").string() +
                        " cannot be used: it is not a folder. Name the folder that holds"));
}

TEST_F(PluginFolder, APluginFoundBehindAFolderThatCannotBeReadIsWarnedAbout) {
  file("format-wanted.so");
  const Error error = refusal(loader({file("no-folder"), root_}));
  EXPECT_THAT(error.what(), HasSubstr("is refused because")) << "it was found";
  EXPECT_THAT(lines_, ElementsAre(HasSubstr("no-folder cannot be used")));
}

TEST_F(PluginFolder, OneThatStandsBehindIsNotAskedForWhatWasFoundBefore) {
  file("format-wanted.so");
  const Error error = refusal(loader({root_, file("no-folder")}));
  EXPECT_THAT(error.what(), HasSubstr("is refused because"));
  EXPECT_THAT(lines_, IsEmpty());
}

}  // namespace
}  // namespace flashhost
