// What the conformance kit needs to know about this plugin.
#include <flashhost/conformance.hpp>

namespace flashhost::conformance {

static FormatQuirks quirks() {
  FormatQuirks quirks;
  quirks.name = "raw";
  quirks.extension = "raw";
  quirks.sample = {0x00, 0x00, 0x00, 0x08, 1, 2, 3};
  quirks.expected = {{{0x08000000, {1, 2, 3}}}, std::nullopt};
  quirks.malformed = {{}, {0, 0, 0}, {0xFF, 0xFF, 0xFF, 0xFF, 1, 2}};
  return quirks;
}

INSTANTIATE_TEST_SUITE_P(Plugin, FormatConformance, testing::Values(quirks()));

}  // namespace flashhost::conformance
