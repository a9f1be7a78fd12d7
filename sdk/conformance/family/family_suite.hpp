// What the tests of a family's facts share.
#pragma once

#include "plugin_under_test.hpp"

#include <flashhost/family.hpp>

#include <vector>

namespace flashhost::conformance {

class FamilyFacts : public testing::TestWithParam<std::string> {
 protected:
  [[nodiscard]] Family &family() { return plugin_.configured<Family>(); }
  [[nodiscard]] static const FamilyCase &given() { return run().given.family; }
  // One chip for each row of the table of parts.
  [[nodiscard]] std::vector<Chip> all_chips();

  PluginUnderTest plugin_;
};

}  // namespace flashhost::conformance
