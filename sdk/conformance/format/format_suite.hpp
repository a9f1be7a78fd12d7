// What the tests of formats share.
#pragma once

#include "plugin_under_test.hpp"

#include <flashhost/format.hpp>

namespace flashhost::conformance {

class FormatConformance : public testing::TestWithParam<std::string> {
 protected:
  [[nodiscard]] const Format &format() { return plugin_.configured<Format>(); }
  [[nodiscard]] static const FormatCase &given() { return run().given.format; }
  [[nodiscard]] static ParseOptions options() { return {given().address}; }

  PluginUnderTest plugin_;
};

}  // namespace flashhost::conformance
