#include <flashhost/conformance.hpp>

namespace flashhost::conformance {
namespace {

FormatQuirks quirks() {
  const Bytes sample = {1, 2, 3, 4, 5};
  return {"bin", {}, "bin", 0x08000000, sample, {{{0x08000000, sample}}, {}}, {}};
}

INSTANTIATE_TEST_SUITE_P(Plugin, FormatConformance, testing::Values(quirks()));

}  // namespace
}  // namespace flashhost::conformance
