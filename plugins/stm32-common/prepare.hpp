// Steps of Family::prepare that the STM32 families share.
#pragma once

#include <flashhost/controller.hpp>
#include <flashhost/family.hpp>

#include <span>

namespace stm32 {

inline constexpr std::uint32_t hsion = 1U << 0, hsirdy = 1U << 1, pllon = 1U << 24, sw = 3,
                               sws = 3U << 2;
inline constexpr std::uint32_t iwdg_kr = 0x40003000, iwdg_reload = 0xAAAA;
inline constexpr std::uint32_t wwdg_cr = 0x40002C00, wwdg_wdga = 1U << 7, apb1_wwdg = 1U << 11;
inline constexpr std::uint32_t key1 = 0x45670123, key2 = 0xCDEF89AB;

// Bits to set in a register of the debug unit, which only a power-on reset clears.
struct DebugBits {
  std::uint32_t address = 0, bits = 0;
  const char *what = "";
};
// Stops the watchdogs while the core is halted, keeps the debug port alive in sleep modes, and
// gives a running independent watchdog its full time.
void freeze_watchdogs(flashhost::Probe &probe, std::span<const DebugBits> registers,
                      flashhost::UndoLog &undo);

// Switches off the clocks of all masters that write to memory without the core, and switches on
// those that the loader needs. clocks: what ahbenr holds. The undo step is always added, since the
// loader itself enables the CRC unit's clock.
void stop_masters(flashhost::Probe &probe, std::uint32_t ahbenr, std::uint32_t clocks,
                  std::uint32_t masters, std::uint32_t needed, flashhost::UndoLog &undo);

struct ClockRegisters {
  std::uint32_t cr = 0, cfgr = 0;
  std::uint32_t prescalers = 0;  // of CFGR
};
struct FoundClocks {
  std::uint32_t cr = 0, cfgr = 0;  // as they are
};
// Sets SYSCLK = HSI with prescalers 1. Adds no undo steps: the family must do that.
void use_internal_oscillator(flashhost::Probe &probe, const ClockRegisters &rcc,
                             const FoundClocks &found);

// Stops a window watchdog by switching off its clock: it must be fed at the right time, and only a
// reset stops it. clocks: what apb1enr holds.
void stop_window_watchdog(flashhost::Probe &probe, std::uint32_t apb1enr, std::uint32_t clocks,
                          flashhost::UndoLog &undo);

}  // namespace stm32
