// flashhost_add_plugin and flashhost_add_model take the ids that the host takes.
#include "gates/plugin_id.hpp"

#include "shell.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <regex>

namespace flashhost {
namespace {

// Whether call is refused because of the id in it. A script makes no targets, so it always fails.
bool is_refused(const std::string &call) {
  const TemporaryFolder folder;
  const std::string script = (folder.path() / "script.cmake").string();
  const std::string modules = std::string("include(") + SOURCE_DIR + "/sdk/cmake/";
  std::ofstream(script) << modules << "FlashhostPlugin.cmake)\n"
                        << modules << "FlashhostModel.cmake)\n"
                        << call << "\n";
  const Outcome outcome = run(CMAKE_PROGRAM " -P " + script);
  EXPECT_NE(outcome.exit_code, 0);
  // CMake breaks long messages into lines.
  const std::string output = std::regex_replace(outcome.output, std::regex("\\s+"), " ");
  return output.find("an id is made of") != std::string::npos;
}

TEST(PluginsId, IsRefusedByCMakeWhereTheHostRefusesIt) {
  for (const std::string &id :
       {std::string(), std::string("-x"), std::string("X"), std::string("a b"), std::string("../x"),
        std::string(64, 'a'), std::string(65, 'a'), std::string("9_-")}) {
    const std::string rest = " \"" + id + "\" SOURCES plugin.cpp)";
    EXPECT_EQ(is_refused("flashhost_add_plugin(format" + rest), !valid_plugin_id(id)) << id;
    EXPECT_EQ(is_refused("flashhost_add_model(" + rest), !valid_plugin_id(id)) << id;
  }
}

}  // namespace
}  // namespace flashhost
