// What is installed is complete and stands by itself.
#include "hosts.hpp"
#include "installed.hpp"
#include "plugin/plugin_loader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <regex>

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
                           LIBDIR "/cmake/flashhost/FlashhostFirmware.cmake",
                           "share/cmake/flashhost/flashhostConfig.cmake",
                           "share/cmake/flashhost/flashhostConfigVersion.cmake",
                           "share/cmake/flashhost/FlashhostFirmware.cmake",
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
                           "bin/virtual-cmsisdap",
                           "include/flashhost/machine/target.hpp",
                           "include/flashhost/machine/model_plugin.h",
                           LIBDIR "/libflashhost_gates.a",
                           LIBDIR "/libflashhost_model.a",
                           LIBDIR "/libflashhost_machine.a",
                           LIBDIR "/cmake/flashhost/flashhostTestkitTargets.cmake",
                           LIBDIR "/cmake/flashhost/FlashhostModel.cmake",
                           LIBDIR "/cmake/flashhost/FlashhostArguments.cmake",
                           LIBDIR "/cmake/flashhost/FlashhostConformance.cmake",
                           "bin/flashhost-conformance"}) {
    EXPECT_TRUE(fs::exists(prefix() / file)) << file;
  }
}

TEST_F(Installed, LaysOutWhatUsersExpectFromAProgram) {
  for (const char *file :
       {"lib/udev/rules.d/70-flashhost-stlink.rules",
        "lib/udev/rules.d/70-flashhost-cmsis-dap.rules", "share/man/man1/flashhost.1.gz",
        "share/bash-completion/completions/flashhost", "share/zsh/site-functions/_flashhost",
        "share/fish/vendor_completions.d/flashhost.fish", "share/doc/flashhost/failures.md",
        "share/doc/flashhost/copyright", "share/doc/flashhost/changelog.gz"}) {
    EXPECT_TRUE(fs::exists(prefix() / file)) << file;
  }
}

// Unicorn's licence (GPL-2) would be that of the whole package.
TEST_F(Installed, TheComponentOfTheProgramDoesNotLinkUnicorn) {
  const fs::path alone = folder() / "alone";
  const Outcome install = run(std::string(CMAKE_PROGRAM) + " --install " + BUILD_DIR +
                              " --component flashhost --prefix " + quoted(alone));
  ASSERT_EQ(install.exit_code, 0) << install.output;
  std::vector<fs::path> binaries = shared_objects(alone / LIBDIR "/flashhost/plugins-2");
  EXPECT_GE(binaries.size(), 8U);
  binaries.push_back(alone / "bin/flashhost");
  binaries.push_back(alone / LIBDIR "/libflashhost_sdk.so.2");
  for (const fs::path &file : binaries) {
    const Outcome dynamic = run("readelf -d " + quoted(file));
    ASSERT_EQ(dynamic.exit_code, 0) << dynamic.output;
    EXPECT_THAT(dynamic.output, HasSubstr("NEEDED"));
    EXPECT_THAT(dynamic.output, testing::Not(HasSubstr("unicorn"))) << file;
  }
  EXPECT_FALSE(fs::exists(alone / "include"));
  EXPECT_FALSE(fs::exists(alone / "bin/virtual-stlink"));
  const Outcome listed = run("env -u LD_LIBRARY_PATH -u FLASHHOST_PLUGIN_PATH " +
                             quoted(alone / "bin/flashhost") + " list plugins");
  EXPECT_EQ(listed.exit_code, 0) << listed.output;
  EXPECT_THAT(listed.output, HasSubstr("stlinkv2"));
  EXPECT_THAT(listed.output, testing::Not(HasSubstr("refused")));
}

TEST_F(Installed, HasAllExamplesAndIntegrations) {
  const fs::path source = SOURCE_DIR;
  for (const char *folder : {"examples", "integrations"}) {
    int compared = 0;
    for (const auto &entry : fs::recursive_directory_iterator(source / folder)) {
      if (!entry.is_regular_file()) continue;
      ++compared;
      const fs::path installed = "share/flashhost" / fs::relative(entry.path(), source);
      EXPECT_TRUE(fs::exists(prefix() / installed)) << installed;
    }
    EXPECT_GE(compared, 7) << folder;
  }
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

TEST_F(Installed, CMakeFilesNameNoLibraryByItsPathOnTheBuildersComputer) {
  int read = 0;
  const std::regex path(R"(["; :]/[^"; ]+\.(so|a)\b)");
  for (const auto &entry : fs::directory_iterator(prefix() / LIBDIR / "cmake/flashhost")) {
    std::ifstream file(entry.path());
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    ++read;
    EXPECT_FALSE(std::regex_search(text, path)) << entry.path();
  }
  EXPECT_GE(read, 8);
}

TEST_F(Installed, WithoutUnicornTheTemplateOfATransportSaysWhatToInstall) {
  const fs::path source = prefix() / "share/flashhost/template/transport";
  const std::string configure = std::string(CMAKE_PROGRAM) + " -G Ninja -S " + quoted(source) +
                                " -B " + quoted(folder() / "no-unicorn") +
                                " -DCMAKE_CXX_COMPILER=" COMPILER " -DUNICORN_LIBRARY= " +
                                "-DCMAKE_PREFIX_PATH=" + quoted(prefix());
  const Outcome refused = run(configure);
  EXPECT_NE(refused.exit_code, 0);
  EXPECT_THAT(refused.output, HasSubstr("libunicorn-dev"));
  const Outcome plugin_alone = run(configure + " -DCONFORMANCE=OFF");
  EXPECT_EQ(plugin_alone.exit_code, 0) << plugin_alone.output;
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
