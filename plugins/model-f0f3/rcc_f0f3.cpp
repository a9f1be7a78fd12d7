#include "rcc_f0f3.hpp"

namespace flashhost::machine::stm32 {

void RccF0F3::gate(BusClocks &clocks, bool gating) const {
  constexpr std::uint32_t ports = 0x7F, debug_clock = 1U << 22;
  const bool is_f0 = part().core != CoreKind::cortex_m4;
  RccF1::gate(clocks, gating);
  clocks.gpio = gating ? ahb_enable_ >> 17 & ports : ports;
  clocks.debug = !gating || !is_f0 || (apb2_enable_ & debug_clock) != 0;
}

}  // namespace flashhost::machine::stm32
