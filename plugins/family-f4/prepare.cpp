#include "f4.hpp"
#include "registers.hpp"

namespace f4 {

using namespace flashhost;

namespace {

// Stops the watchdogs while the core is halted, keeps the debug port alive in sleep modes, and
// gives a running independent watchdog its full time.
void freeze_watchdogs(Probe &probe, UndoLog &undo) {
  stm32::set_debug_bits(probe, dbgmcu_cr, dbgmcu_low_power, undo, "debug configuration");
  stm32::set_debug_bits(probe, dbgmcu_apb1_fz, dbgmcu_iwdg_stop | dbgmcu_wwdg_stop, undo,
                        "watchdog freeze");
  probe.write_word(stm32::iwdg_kr, stm32::iwdg_reload);
}

// Sets SYSCLK = HSI with prescalers 1. The undo steps, applied in reverse, first set the flash's
// wait states and caches, then leave and stop the loader's PLL, set up and start the old one, then
// switch back.
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

// Caches are off while the flash changes. A reset does not clear them: when firmware switches them
// on again, they would still deliver old content.
void flush_caches(Probe &probe, UndoLog &undo) {
  const std::uint32_t control = probe.read_word(flash_acr);
  undo.push_back({flash_acr, control, false, "flash wait states and caches"});
  const std::uint32_t off = control & acr_latency;
  probe.write_word(flash_acr, off);  // a cache can be reset only while it is off
  probe.write_word(flash_acr, off | acr_reset_caches);
  probe.write_word(flash_acr, off);
}

}  // namespace

void prepare(Host &host, Probe &probe, const Chip &chip, UndoLog &undo) {
  freeze_watchdogs(probe, undo);
  stm32::stop_masters(probe, rcc_ahb1enr, ahb1_masters, 0, undo);
  stm32::stop_window_watchdog(probe, rcc_apb1enr, undo);
  use_internal_oscillator(probe, undo);
  flush_caches(probe, undo);
  open_controller(host, probe, chip, flash_base,
                  {"the flash controller",
                   "FLASH_CR",
                   flash_cr,
                   cr_lock,
                   flash_keyr,
                   {stm32::key1, stm32::key2}},
                  sr_all, undo);
  host.debug("the flash is written {} bits at a time", 8 * chip.program_unit);
}

}  // namespace f4
