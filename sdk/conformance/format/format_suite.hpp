// What the tests of formats share.
#pragma once

#include "plugin_under_test.hpp"

#include <flashhost/format.hpp>

#include <cstddef>
#include <optional>

namespace flashhost::conformance {

class FormatConformance : public testing::TestWithParam<std::string> {
 protected:
  [[nodiscard]] const Format &format() { return plugin_.configured<Format>(); }
  [[nodiscard]] static const FormatCase &given() { return run().given.format; }
  [[nodiscard]] static ParseOptions options() { return {given().address}; }
  // Nothing: it was refused, as an image error. Whatever else it throws, more memory than that, and
  // an answer that is not sound fail the test.
  static constexpr std::size_t memory_for_a_file = std::size_t{64} << 20;
  std::optional<ParsedFile> parse(const Bytes &file, const ParseOptions &with,
                                  std::size_t memory = memory_for_a_file);

  PluginUnderTest plugin_;
};

}  // namespace flashhost::conformance
