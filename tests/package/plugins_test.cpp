// Every plugin of the build, whatever plugins there are.
#include "hosts.hpp"
#include "plugin/loaded_plugin.hpp"
#include "shell.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace fs = std::filesystem;

namespace flashhost {
namespace {

std::unique_ptr<Host> silence(const std::string & /*id*/) {
  return std::make_unique<testing::QuietHost>();
}

std::vector<fs::path> plugins() {
  std::vector<fs::path> found = plugin_files(fs::path(BUILD_DIR) / "plugins");
  EXPECT_GE(found.size(), 2U) << "the build has hardly any plugins";
  return found;
}

// Takes file through all gates, makes its object and lets go of both.
void expect_loads_and_unloads(const fs::path &file) {
  const auto name = parse_plugin_file(file.filename().string());
  ASSERT_TRUE(name.has_value());
  {
    const LoadedPlugin plugin(file, *name, current_user(), silence);
    EXPECT_TRUE(is_loaded(file));
  }
  EXPECT_FALSE(is_loaded(file)) << "something of it keeps it loaded";
}

void expect_exports_only(const fs::path &file, const std::string &wanted) {
  SCOPED_TRACE(file);
  const Outcome nm = run("nm -D --defined-only '" + file.string() + "'");
  ASSERT_EQ(nm.exit_code, 0) << nm.output;
  std::istringstream lines(nm.output);
  std::string address, type, symbol;
  std::vector<std::string> symbols;
  while (lines >> address >> type >> symbol) {
    symbols.push_back(symbol);
    EXPECT_NE(type, "u") << symbol << " is GNU_UNIQUE: the library cannot be unloaded";
  }
  EXPECT_THAT(symbols, testing::ElementsAre(wanted));
}

TEST(EveryPlugin, ExportsExactlyOneSymbol) {
  for (const fs::path &file : plugins()) expect_exports_only(file, "flashhost_plugin_v2");
}

TEST(EveryModel, ExportsExactlyOneSymbolAndDoesNotNeedUnicorn) {
  for (const fs::path &file : model_files(fs::path(BUILD_DIR) / "plugins")) {
    expect_exports_only(file, "flashhost_model_v1");
    const Outcome needs = run("readelf -d '" + file.string() + "'");
    ASSERT_EQ(needs.exit_code, 0) << needs.output;
    EXPECT_THAT(needs.output, testing::Not(testing::HasSubstr("libunicorn")));
  }
}

TEST(EveryPlugin, PassesTheGatesAndUnloads) {
  for (const fs::path &file : plugins()) {
    SCOPED_TRACE(file);
    expect_loads_and_unloads(file);
  }
}

TEST(EveryPlugin, LoadsStripped) {
  const TemporaryFolder folder;
  for (const fs::path &file : plugins()) {
    SCOPED_TRACE(file);
    const fs::path stripped = folder.path() / file.filename();
    const Outcome strip = run("strip -o '" + stripped.string() + "' '" + file.string() + "'");
    ASSERT_EQ(strip.exit_code, 0) << strip.output;
    EXPECT_LT(fs::file_size(stripped), fs::file_size(file));
    expect_loads_and_unloads(stripped);
  }
}

TEST(EveryPlugin, NeedsNothingOfTheHost) {
  for (const fs::path &file : plugins()) {
    SCOPED_TRACE(file);
    const Outcome needed = run("readelf -d '" + file.string() + "'");
    ASSERT_EQ(needed.exit_code, 0) << needed.output;
    EXPECT_THAT(needed.output, testing::HasSubstr("[libflashhost_sdk.so.2]"));
    EXPECT_THAT(needed.output, testing::Not(testing::HasSubstr("spdlog")));
  }
}

}  // namespace
}  // namespace flashhost
