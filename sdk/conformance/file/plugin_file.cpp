// Level 0, for every kind: the file, its descriptor, loading and unloading.
#include "family/family_bench.hpp"
#include "file/exports.hpp"
#include "plugin_under_test.hpp"

#include <flashhost/plugin.hpp>

#include <dlfcn.h>

#include <string_view>

namespace flashhost::conformance {

namespace {

class PluginFile : public testing::TestWithParam<std::string> {};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(PluginFile);
INSTANTIATE_TEST_SUITE_P(Level0, PluginFile, testing::ValuesIn(id_of_any_kind()), test_name);

bool is_loaded(const std::filesystem::path &file) {
  void *handle = dlopen(file.c_str(), RTLD_LAZY | RTLD_NOLOAD);
  if (handle != nullptr) dlclose(handle);
  return handle != nullptr;
}

std::string in_words(const Error &error) {
  return std::string(error.what()) + "\n" + error.hint();
}

TEST_P(PluginFile, PassesTheGatesOfTheHost) {
  FLASHHOST_PROMISE("plugin.h: the descriptor, and the file's name");
  try {
    const PluginLibrary library(run().file, run().name, current_user());
  } catch (const Error &error) {
    FAIL() << in_words(error);
  }
}

TEST_P(PluginFile, DescriptorIsInOrder) {
  FLASHHOST_PROMISE("plugin.h: the descriptor");
  const PluginLibrary library(run().file, run().name, current_user());
  const flashhost_plugin &found = library.descriptor();
  EXPECT_EQ(found.struct_size, sizeof(flashhost_plugin));
  EXPECT_EQ(found.abi, FLASHHOST_ABI);
  EXPECT_EQ(found.reserved, 0U);
  EXPECT_STREQ(found.build_tag, FLASHHOST_BUILD_TAG);
  EXPECT_EQ(run().file.filename().string(), run().name.file());
  for (const std::string_view text : {found.version, found.summary}) {
    EXPECT_FALSE(text.empty()) << "version and summary are shown by `flashhost list plugins`";
    EXPECT_EQ(text.find('\n'), std::string_view::npos) << text;
  }
}

TEST_P(PluginFile, ExportsItsDescriptorAndNothingElse) {
  FLASHHOST_PROMISE("plugin.h: one symbol; flashhost_add_plugin of the CMake package sees to it");
  std::string names;
  for (const ExportedSymbol &symbol : exported_symbols(run().file)) {
    EXPECT_FALSE(symbol.unique) << symbol.name << " is GNU_UNIQUE: the plugin cannot be unloaded";
    names += (names.empty() ? "" : " ") + symbol.name;
  }
  EXPECT_EQ(names, FLASHHOST_SYMBOL);
}

TEST_P(PluginFile, LoadsAndUnloadsAndLoadsAgain) {
  FLASHHOST_PROMISE("plugin.h: destroy deletes what create returned, and nothing stays behind");
  unload_tested_family();
  for (int round = 0; round < 2; ++round) {
    try {
      PluginUnderTest plugin;
      EXPECT_TRUE(is_loaded(run().file));
    } catch (const Error &error) {
      FAIL() << in_words(error);
    }
    EXPECT_FALSE(is_loaded(run().file)) << "something of the plugin keeps it loaded";
  }
}

TEST_P(PluginFile, TwoObjectsLiveSideBySide) {
  FLASHHOST_PROMISE("plugin.h: create may be called again; no global state");
  PluginUnderTest first;
  PluginUnderTest second;
  EXPECT_NE(&first.fresh<char>(), &second.fresh<char>());
}

}  // namespace

}  // namespace flashhost::conformance
