#include "probe_faults.hpp"
#include "sim_fixture.hpp"
#include "test_models.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>
#include <set>
#include <sstream>
#include <string>

namespace flashhost::sim {
namespace {

// The names that stand in the first column of the table under this heading.
std::set<std::string> names_under(const std::string &heading) {
  std::istringstream readme([] {
    const Bytes bytes = file_bytes(SIM_README);
    return std::string(bytes.begin(), bytes.end());
  }());
  std::set<std::string> names;
  const std::regex row("^\\| `([^`]*)` \\|.*");
  bool inside = false;
  for (std::string line; std::getline(readme, line);) {
    if (line.starts_with("## ")) inside = line == "## " + heading;
    std::smatch match;
    if (inside && std::regex_match(line, match, row)) {
      names.insert(std::regex_replace(match[1].str(), std::regex(R"(\\\|)"), "|"));
    }
  }
  return names;
}

std::set<std::string> set_of(const std::vector<std::string> &names) {
  return {names.begin(), names.end()};
}

TEST(Readme, HasEveryFaultOfTheModelAndNoOther) {
  EXPECT_EQ(names_under("Faults"), set_of(test::models().fault_names()));
}

TEST(Readme, HasEveryFaultOfTheProbeAndNoOther) {
  std::set<std::string> names;
  for (const FaultName &fault : probe_fault_names()) names.insert(fault.name);
  EXPECT_EQ(names_under("Faults of the probe"), names);
}

TEST(Readme, HasEveryRuleOfTheModelAndNoOther) {
  EXPECT_EQ(names_under("Rules"), set_of(test::models().rule_names()));
}

}  // namespace
}  // namespace flashhost::sim
