#include <flashhost/conformance.hpp>

namespace flashhost::conformance {
namespace {

FamilyQuirks quirks() {
  FamilyQuirks quirks;
  quirks.name = "f4";
  quirks.order_codes = {{"STM32F407VGT6", "STM32F407VG"}, {"stm32f429zit6", "STM32F429ZI"}};
  quirks.statuses = {0x10, 0x20, 0x40, 0x80, 0xF2};  // each error of programming, and all
  return quirks;
}

INSTANTIATE_TEST_SUITE_P(Plugin, FamilyConformance, testing::Values(quirks()));

}  // namespace
}  // namespace flashhost::conformance
