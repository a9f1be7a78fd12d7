#include "f4.hpp"
#include "registers.hpp"

#include <flashhost/words.hpp>

#include <array>

namespace f4 {

using namespace flashhost;

namespace {

constexpr std::array debug_bits{
    stm32::DebugBits{dbgmcu_cr, dbgmcu_low_power, "debug configuration"},
    stm32::DebugBits{dbgmcu_apb1_fz, dbgmcu_iwdg_stop | dbgmcu_wwdg_stop, "watchdog freeze"}};

// Sets SYSCLK = HSI with prescalers 1. The undo steps, applied in reverse, first set the flash's
// wait states and caches, then leave and stop the loader's PLL, set up and start the old one, then
// switch back.
void use_internal_oscillator(Probe &probe, UndoLog &undo) {
  const auto [control, configuration, pll] = read_words<3>(probe, {rcc_cr, rcc_cfgr, rcc_pllcfgr});
  undo.push_back({rcc_cr, control, false, "oscillators"});
  undo.push_back({rcc_cfgr, configuration, false, "clock configuration"});
  if ((control & stm32::pllon) != 0) {
    undo.push_back({rcc_cr, control | stm32::hsion, false, "PLL"});
  }
  undo.push_back({rcc_pllcfgr, pll, false, "PLL configuration"});
  undo.push_back({rcc_cr, (control | stm32::hsion) & ~stm32::pllon, false, "PLL off"});
  undo.push_back({rcc_cfgr, configuration & ~stm32::sw, false, "HSI"});
  stm32::use_internal_oscillator(probe, {rcc_cr, rcc_cfgr, rcc_prescalers},
                                 {control, configuration});
}

// Caches are off while the flash changes. A reset does not clear them: when firmware switches them
// on again, they would still deliver old content.
void flush_caches(Probe &probe, UndoLog &undo) {
  const std::uint32_t control = probe.read_word(flash_acr);
  undo.push_back({flash_acr, control, false, "flash wait states and caches"});
  const std::uint32_t off = control & acr_latency;
  // A cache can be reset only while it is off.
  std::array writes{Access::write(flash_acr, off), Access::write(flash_acr, off | acr_reset_caches),
                    Access::write(flash_acr, off)};
  probe.run(writes);
}

}  // namespace

void prepare(Host &host, Probe &probe, const Chip &chip, UndoLog &undo) {
  stm32::freeze_watchdogs(probe, debug_bits, undo);
  const auto [ahb1, apb1] = read_words<2>(probe, {rcc_ahb1enr, rcc_apb1enr});
  stm32::stop_masters(probe, rcc_ahb1enr, ahb1, ahb1_masters, 0, undo);
  stm32::stop_window_watchdog(probe, rcc_apb1enr, apb1, undo);
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
