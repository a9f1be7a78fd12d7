#include <flashhost/conformance.hpp>

namespace flashhost::conformance {
namespace {

FamilyQuirks quirks() {
  FamilyQuirks quirks;
  quirks.name = "f1";
  quirks.order_codes = {{"STM32F103CBT6", "STM32F103CB"}, {"stm32f103rct6", "STM32F103RC"}};
  quirks.statuses = {0x14, 0x34};  // PGERR and WRPRTERR together, with EOP
  return quirks;
}

INSTANTIATE_TEST_SUITE_P(Plugin, FamilyConformance, testing::Values(quirks()));

}  // namespace
}  // namespace flashhost::conformance
