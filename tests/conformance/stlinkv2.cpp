// Runs under virtual-stlink.
#include <flashhost/conformance.hpp>

namespace flashhost::conformance {
namespace {

TransportQuirks quirks() {
  TransportQuirks quirks;
  quirks.name = "stlinkv2, on a virtual V2J37 with an STM32F103CB";
  quirks.settings = {{"time_scale", 4.0, "board.toml:4:1"}};
  quirks.scratch = {0x20000000, 4096};
  quirks.unmapped = 0x30000000;
  return quirks;
}

INSTANTIATE_TEST_SUITE_P(Plugin, TransportConformance, testing::Values(quirks()));

}  // namespace
}  // namespace flashhost::conformance
