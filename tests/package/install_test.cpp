// Installs the build, stripped, into a folder; builds the SDK's template out of tree against that.
#include "hosts.hpp"
#include "plugin/plugin_loader.hpp"
#include "shell.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace fs = std::filesystem;

namespace flashhost {
namespace {

using testing::Contains;
using testing::HasSubstr;

std::string quoted(const fs::path &path) {
  return "'" + path.string() + "'";
}

class Installed : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = std::make_unique<TemporaryFolder>();
    install_ = run(std::string(CMAKE_PROGRAM) + " --install " BUILD_DIR " --strip --prefix " +
                   quoted(prefix()));
  }
  static void TearDownTestSuite() { folder_.reset(); }
  void SetUp() override { ASSERT_EQ(install_.exit_code, 0) << install_.output; }

  static fs::path prefix() { return folder_->path() / "prefix"; }
  static fs::path plugins() { return prefix() / LIBDIR / "flashhost/plugins-2"; }
  static fs::path program() { return prefix() / "bin/flashhost"; }
  static std::vector<PluginRow> list(const std::vector<fs::path> &folders) {
    return PluginLoader(folders,
                        [](const std::string &) { return std::make_unique<testing::QuietHost>(); })
        .list();
  }

  static std::unique_ptr<TemporaryFolder> folder_;
  static Outcome install_;
};
std::unique_ptr<TemporaryFolder> Installed::folder_;
Outcome Installed::install_;

TEST_F(Installed, LaysOutWhatPluginAuthorsNeed) {
  for (const char *file :
       {"include/flashhost/plugin.h", "include/flashhost/plugin.hpp", LIBDIR "/libflashhost_sdk.so",
        LIBDIR "/libflashhost_sdk.so.2", LIBDIR "/cmake/flashhost/flashhostConfig.cmake",
        LIBDIR "/cmake/flashhost/FlashhostPlugin.cmake",
        LIBDIR "/cmake/flashhost/FlashhostLoader.cmake", "share/flashhost/loaders/add-loader",
        "share/flashhost/loaders/blob.sh", "share/flashhost/loaders/loader.ld",
        "share/flashhost/loaders/agent/tick.h", "share/flashhost/loaders/agent/tick.S",
        "share/flashhost/loaders/agent/loader.h", "share/flashhost/loaders/agent/agent.c",
        "share/flashhost/loaders/agent/agent.inc", "share/flashhost/template/CMakeLists.txt",
        LIBDIR "/cmake/flashhost/FlashhostConformance.cmake", "bin/flashhost-conformance"}) {
    EXPECT_TRUE(fs::exists(prefix() / file)) << file;
  }
}

TEST_F(Installed, HoldsEveryPluginOfTheBuildAndNoTestFixture) {
  std::vector<std::string> built, installed;
  for (const fs::path &file : shared_objects(fs::path(BUILD_DIR) / "plugins"))
    built.push_back(file.filename());
  for (const fs::path &file : shared_objects(plugins())) installed.push_back(file.filename());
  EXPECT_EQ(installed, built);
}

TEST_F(Installed, StrippedPluginsAreUsable) {
  for (const PluginRow &row : list({plugins()})) {
    EXPECT_EQ(row.problem, "") << row.file;
    EXPECT_NE(row.summary, "") << row.file;
  }
}

TEST_F(Installed, NothingInstalledPointsBackIntoTheBuild) {
  std::vector<fs::path> binaries = shared_objects(plugins());
  binaries.push_back(prefix() / LIBDIR / "libflashhost_sdk.so");
  binaries.push_back(program());
  for (const fs::path &file : binaries) {
    const Outcome dynamic = run("readelf -d " + quoted(file));
    ASSERT_EQ(dynamic.exit_code, 0) << dynamic.output;
    EXPECT_THAT(dynamic.output, testing::Not(HasSubstr(BUILD_DIR))) << file;
  }
}

TEST_F(Installed, ProgramFindsItsLibraryAndItsPluginsByItself) {
  const Outcome outcome =
      run("env -u LD_LIBRARY_PATH -u FLASHHOST_PLUGIN_PATH " + quoted(program()) + " list plugins");
  ASSERT_EQ(outcome.exit_code, 0) << outcome.output;
  for (const fs::path &file : plugin_files(plugins())) {
    const auto name = parse_plugin_file(file.filename().string());
    ASSERT_TRUE(name.has_value()) << file;
    EXPECT_THAT(outcome.output, HasSubstr(name->id));
  }
}

TEST_F(Installed, TemplateBuildsOutOfTreePassesItsConformanceTestAndIsListed) {
  const fs::path source = folder_->path() / "template";
  const fs::path build = folder_->path() / "template-build";
  fs::copy(prefix() / "share/flashhost/template", source, fs::copy_options::recursive);
  const std::string cmake = CMAKE_PROGRAM;
  const Outcome configure = run(cmake + " -G Ninja -S " + quoted(source) + " -B " + quoted(build) +
                                " -DCMAKE_CXX_COMPILER=" COMPILER
                                " -DCMAKE_CXX_FLAGS='" SANITIZE_FLAGS "' -DCMAKE_PREFIX_PATH=" +
                                quoted(prefix()));
  ASSERT_EQ(configure.exit_code, 0) << configure.output;
  const Outcome compile = run(cmake + " --build " + quoted(build));
  ASSERT_EQ(compile.exit_code, 0) << compile.output;
  const Outcome conformance = run("ctest --verbose --test-dir " + quoted(build));
  EXPECT_EQ(conformance.exit_code, 0) << conformance.output;
  EXPECT_THAT(conformance.output, HasSubstr("format plugin raw"));

  const std::vector<PluginRow> rows = list({build / "plugins"});
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].name, (PluginName{PluginKind::format, "raw"}));
  EXPECT_EQ(rows[0].problem, "");
  const Outcome listed =
      run(quoted(program()) + " --plugin-dir " + quoted(build / "plugins") + " list plugins");
  EXPECT_EQ(listed.exit_code, 0) << listed.output;
  EXPECT_THAT(listed.output, HasSubstr("raw"));

  // And installed beside the others.
  const Outcome install =
      run(cmake + " --install " + quoted(build) + " --prefix " + quoted(prefix()));
  ASSERT_EQ(install.exit_code, 0) << install.output;
  EXPECT_TRUE(fs::exists(plugins() / "format-raw.so"));
}

}  // namespace
}  // namespace flashhost
