// What is installed is complete and stands by itself.
#include "hosts.hpp"
#include "installed.hpp"
#include "plugin/plugin_loader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace fs = std::filesystem;

namespace flashhost {
namespace {

using testing::HasSubstr;

std::vector<PluginRow> list(const std::vector<fs::path> &folders) {
  return PluginLoader(folders,
                      [](const std::string &) { return std::make_unique<testing::QuietHost>(); })
      .list();
}

TEST_F(Installed, LaysOutWhatPluginAuthorsNeed) {
  for (const char *file : {"include/flashhost/plugin.h",
                           "include/flashhost/plugin.hpp",
                           LIBDIR "/libflashhost_sdk.so",
                           LIBDIR "/libflashhost_sdk.so.2",
                           LIBDIR "/cmake/flashhost/flashhostConfig.cmake",
                           LIBDIR "/cmake/flashhost/FlashhostPlugin.cmake",
                           LIBDIR "/cmake/flashhost/FlashhostLoader.cmake",
                           "share/flashhost/loaders/add-loader",
                           "share/flashhost/loaders/blob.sh",
                           "share/flashhost/loaders/loader.ld",
                           "share/flashhost/loaders/agent/tick.h",
                           "share/flashhost/loaders/agent/tick.S",
                           "share/flashhost/loaders/agent/loader.h",
                           "share/flashhost/loaders/agent/agent.c",
                           "share/flashhost/loaders/agent/agent.inc",
                           "share/flashhost/template/format/CMakeLists.txt",
                           "share/flashhost/template/family/CMakeLists.txt",
                           "share/flashhost/template/transport/CMakeLists.txt",
                           "bin/virtual-stlink",
                           LIBDIR "/cmake/flashhost/FlashhostConformance.cmake",
                           "bin/flashhost-conformance"}) {
    EXPECT_TRUE(fs::exists(prefix() / file)) << file;
  }
}

TEST_F(Installed, HasAllExamples) {
  const fs::path source = std::string(SOURCE_DIR) + "/examples";
  int compared = 0;
  for (const auto &entry : fs::recursive_directory_iterator(source)) {
    if (!entry.is_regular_file()) continue;
    ++compared;
    const fs::path installed = "share/flashhost/examples" / fs::relative(entry.path(), source);
    EXPECT_TRUE(fs::exists(prefix() / installed)) << installed;
  }
  EXPECT_GE(compared, 7);
}

TEST_F(Installed, AnExampleWorksWhereItIsCopiedTo) {
  fs::copy(prefix() / "share/flashhost/examples", folder() / "examples",
           fs::copy_options::recursive);
  fs::create_directory(folder() / "build");  // of the simulated board's state
  const Outcome outcome = flashhost(folder(), "-c examples/blue-pill-sim.toml");
  EXPECT_EQ(outcome.exit_code, 0) << outcome.output;
  EXPECT_THAT(outcome.output, HasSubstr("written and verified"));
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
  const Outcome outcome = flashhost(folder(), "list plugins");
  ASSERT_EQ(outcome.exit_code, 0) << outcome.output;
  for (const fs::path &file : plugin_files(plugins())) {
    const auto name = parse_plugin_file(file.filename().string());
    ASSERT_TRUE(name.has_value()) << file;
    EXPECT_THAT(outcome.output, HasSubstr(name->id));
  }
}

TEST_F(Installed, APluginBuiltOutOfTreeIsListedAndInstalledBesideTheOthers) {
  const fs::path source = folder() / "acme";
  fs::copy(prefix() / "share/flashhost/template/format", source, fs::copy_options::recursive);
  configure_and_build(source);

  const std::vector<PluginRow> rows = list({source / "build/plugins"});
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].name, (PluginName{PluginKind::format, "acme"}));
  EXPECT_EQ(rows[0].problem, "");
  const Outcome listed = flashhost(source, "--plugin-dir build/plugins list plugins");
  EXPECT_EQ(listed.exit_code, 0) << listed.output;
  EXPECT_THAT(listed.output, HasSubstr("acme"));

  const Outcome install = run(std::string(CMAKE_PROGRAM) + " --install " +
                              quoted(source / "build") + " --prefix " + quoted(prefix()));
  ASSERT_EQ(install.exit_code, 0) << install.output;
  EXPECT_TRUE(fs::exists(plugins() / "format-acme.so"));
}

}  // namespace
}  // namespace flashhost
