#include <flashhost/conformance.hpp>

namespace flashhost::conformance {
namespace {

TransportQuirks quirks(const std::string &chip) {
  TransportQuirks quirks;
  quirks.name = "sim, " + chip;
  quirks.settings = {{"chip", chip, "board.toml:4:1"}};
  quirks.scratch = {0x20000000, 4096};
  quirks.unmapped = 0x30000000;
  return quirks;
}

INSTANTIATE_TEST_SUITE_P(Plugin, TransportConformance,
                         testing::Values(quirks("STM32F103CB"), quirks("STM32F100C4"),
                                         quirks("STM32F407VG")));

}  // namespace
}  // namespace flashhost::conformance
