#include "f4.hpp"
#include "registers.hpp"

namespace f4 {

namespace {

using flashhost::Chip;
using flashhost::Probe;
using flashhost::UndoLog;

// Stops the watchdogs while the core is halted, keeps the debug port alive in sleep modes, and
// gives a running independent watchdog its full time.
void freeze_watchdogs(Probe &probe, UndoLog &undo) {
  const std::uint32_t control = probe.read_word(dbgmcu_cr);
  undo.push_back({dbgmcu_cr, control, true, "debug configuration"});
  probe.write_word(dbgmcu_cr, control | dbgmcu_low_power);
  const std::uint32_t freeze = probe.read_word(dbgmcu_apb1_fz);
  undo.push_back({dbgmcu_apb1_fz, freeze, true, "watchdog freeze"});
  probe.write_word(dbgmcu_apb1_fz, freeze | dbgmcu_iwdg_stop | dbgmcu_wwdg_stop);
  probe.write_word(stm32::iwdg_kr, stm32::iwdg_reload);
}

void stop_dma(Probe &probe, UndoLog &undo) {
  const std::uint32_t clocks = probe.read_word(rcc_ahb1enr);
  // Logged in any case: the loader clocks the CRC unit.
  undo.push_back({rcc_ahb1enr, clocks, false, "DMA clocks"});
  if ((clocks & ahb1_masters) != 0) probe.write_word(rcc_ahb1enr, clocks & ~ahb1_masters);
}

// SYSCLK = HSI with prescalers 1. Applied in reverse, undo first gives the flash its wait states
// and caches, then leaves and stops the loader's PLL, sets up and starts the old one, then switches
// back.
void use_internal_oscillator(Probe &probe, UndoLog &undo) {
  const std::uint32_t control = probe.read_word(rcc_cr);
  const std::uint32_t configuration = probe.read_word(rcc_cfgr);
  undo.push_back({rcc_cr, control, false, "oscillators"});
  undo.push_back({rcc_cfgr, configuration, false, "clock configuration"});
  if ((control & stm32::pllon) != 0) {
    undo.push_back({rcc_cr, control | stm32::hsion, false, "PLL"});
  }
  undo.push_back({rcc_pllcfgr, probe.read_word(rcc_pllcfgr), false, "PLL configuration"});
  undo.push_back({rcc_cr, (control | stm32::hsion) & ~stm32::pllon, false, "PLL off"});
  undo.push_back({rcc_cfgr, configuration & ~stm32::sw, false, "HSI"});
  stm32::use_internal_oscillator(probe, {rcc_cr, rcc_cfgr, rcc_prescalers});
}

// Off as long as the flash changes. What they hold would be served again as soon as someone
// switches them on, a new firmware for one: a reset does not clear them.
void flush_caches(Probe &probe, UndoLog &undo) {
  const std::uint32_t control = probe.read_word(flash_acr);
  undo.push_back({flash_acr, control, false, "flash wait states and caches"});
  const std::uint32_t off = control & acr_latency;
  probe.write_word(flash_acr, off);  // a cache takes its reset only while it is off
  probe.write_word(flash_acr, off | acr_reset_caches);
  probe.write_word(flash_acr, off);
}

// Idle, without error flags and stale control bits, unlocked.
void open_controller(flashhost::Host &host, Probe &probe, const Chip &chip, UndoLog &undo) {
  static_cast<void>(wait_idle(host, probe, chip.mass_erase_maximum,
                              "waiting for an operation of the old firmware"));
  undo.push_back({flash_cr, cr_lock, false, "flash lock"});
  const std::uint32_t control = stm32::unlock(probe, flash_cr, flash_keyr, cr_lock, "");
  probe.write_word(flash_sr, sr_all);
  if (control != 0) probe.write_word(flash_cr, 0);
}

}  // namespace

void prepare(flashhost::Host &host, Probe &probe, const Chip &chip, UndoLog &undo) {
  freeze_watchdogs(probe, undo);
  stop_dma(probe, undo);
  stm32::stop_window_watchdog(probe, rcc_apb1enr, undo);
  use_internal_oscillator(probe, undo);
  flush_caches(probe, undo);
  open_controller(host, probe, chip, undo);
  host.debug("the flash is written {} bits at a time", 8 * chip.program_unit);
}

}  // namespace f4
