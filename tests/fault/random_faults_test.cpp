#include "random_faults.hpp"

#include "test_models.hpp"

#include <flashhost/machine/target.hpp>

#include <gtest/gtest.h>

#include <algorithm>

namespace flashhost::testing {
namespace {

TEST(RandomJobs, KnowAValueForEveryFaultSwitchOfTheModel) {
  for (const std::string &entry : test::models().fault_names()) {
    const std::string name = entry.substr(0, entry.find_first_of("[="));
    const auto switches = fault_switches();
    EXPECT_TRUE(std::ranges::find(switches, name, &FaultSwitch::name) != switches.end())
        << name << " has no line in random_faults.cpp";
  }
}

TEST(RandomJobs, DrawOnlyFaultSwitchesOfTheModel) {
  const std::vector<std::string> names = test::models().fault_names();
  for (const FaultSwitch &entry : fault_switches()) {
    const bool known = std::ranges::any_of(names, [&](const std::string &name) {
      return name.substr(0, name.find_first_of("[=")) == entry.name;
    });
    EXPECT_TRUE(known || entry.weight == 0) << entry.name;
  }
}

}  // namespace
}  // namespace flashhost::testing
