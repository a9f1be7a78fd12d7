// Writing a core register through DCRDR and DCRSR (ARMv7-M ARM, C1.6.3).
#pragma once

#include <flashhost/cortex_m.hpp>

#include <array>

namespace flashhost::cortex_m {

// The last of them reads DHCSR, for is_over.
[[nodiscard]] inline std::array<Access, 3> register_write(const RegisterValue &one) {
  return {Access::write(dcrdr, one.value),
          Access::write(dcrsr, dcrsr_write | static_cast<std::uint32_t>(one.which)),
          Access::read(dhcsr)};
}

// Whether a transfer between DCRDR and a core register is over; status: DHCSR.
[[nodiscard]] inline bool is_over(std::uint32_t status) {
  return (status & dhcsr_s_regrdy) != 0 && (status & dhcsr_s_halt) != 0;
}

}  // namespace flashhost::cortex_m
