// The options of this run. Set by main before GoogleTest asks for the list of tests.
#pragma once

#include "case.hpp"
#include "plugin/plugin_kind.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

namespace flashhost::conformance {

inline constexpr int highest_level = 2;

struct Run {
  std::filesystem::path file;  // absolute
  PluginName name;
  Case given;
  int level = highest_level;
  bool every_part = false;
  std::vector<std::filesystem::path> model_folders;
};
[[nodiscard]] const Run &run();

// Takes the arguments that are not GoogleTest's. Throws Error; prints and exits for --help.
void set_up(int argc, char **argv);
// Further arguments for GoogleTest.
[[nodiscard]] std::vector<std::string> test_arguments();

// The parameter of a test suite: the plugin's id, or empty when the plugin is of another kind or
// the run ends below that level. So a suite that is not wanted has no tests at all.
[[nodiscard]] std::vector<std::string> ids_of(PluginKind kind, int level);
[[nodiscard]] std::vector<std::string> id_of_any_kind();
// For a test that cannot check something on this board or with this plugin: notes that in the
// results, and once in the output.
void not_tried(const std::string &what);
// A word for a test's name.
[[nodiscard]] std::string test_name(const testing::TestParamInfo<std::string> &info);

}  // namespace flashhost::conformance

// The tests of a fixture, for a plugin of that kind from that level on.
#define FLASHHOST_CONFORMANCE_SUITE(fixture, kind, level) \
  GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(fixture); \
  INSTANTIATE_TEST_SUITE_P(Level##level, fixture,         \
                           testing::ValuesIn(ids_of(PluginKind::kind, level)), test_name)
// Adds to every failure in this scope which promise was broken and where it is made: "family.hpp,
// identify: Reads only".
#define FLASHHOST_PROMISE(text) SCOPED_TRACE("the contract: flashhost/" text)
