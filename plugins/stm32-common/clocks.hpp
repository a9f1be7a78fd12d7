// The clocks that preparing a chip touches.
#pragma once

#include <flashhost/family.hpp>

namespace stm32 {

inline constexpr std::uint32_t hsion = 1U << 0, hsirdy = 1U << 1, pllon = 1U << 24, sw = 3,
                               sws = 3U << 2;
inline constexpr std::uint32_t iwdg_kr = 0x40003000, iwdg_reload = 0xAAAA;
inline constexpr std::uint32_t wwdg_cr = 0x40002C00, wwdg_wdga = 1U << 7, apb1_wwdg = 1U << 11;

struct ClockRegisters {
  std::uint32_t cr = 0, cfgr = 0;
  std::uint32_t prescalers = 0;  // of CFGR
};
// SYSCLK = HSI with prescalers 1. Logs nothing: how the old clocks come back is the family's.
void use_internal_oscillator(flashhost::Probe &probe, const ClockRegisters &rcc);

// A window watchdog cannot be fed blindly, and only a reset stops it: without its clock it stands.
void stop_window_watchdog(flashhost::Probe &probe, std::uint32_t apb1enr, flashhost::UndoLog &undo);

}  // namespace stm32
