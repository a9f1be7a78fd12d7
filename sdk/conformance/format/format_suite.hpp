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
  // The result of parse; empty when the file was refused with Errc::image. Anything else that it
  // throws, more memory than this, or an answer against the contract fails the test.
  static constexpr std::size_t memory_for_a_file = std::size_t{64} << 20;
  std::optional<ParsedFile> parse(const Bytes &file, const ParseOptions &with,
                                  std::size_t memory = memory_for_a_file);

  PluginUnderTest plugin_;
};

}  // namespace flashhost::conformance
