#include "f1.hpp"
#include "registers.hpp"

namespace f1 {

namespace {

using flashhost::Chip;
using flashhost::Probe;
using flashhost::UndoLog;

// Stops the watchdogs while the core is halted, keeps the debug port alive in sleep modes, and
// gives a running independent watchdog its full time.
void freeze_watchdogs(Probe &probe, UndoLog &undo) {
  const std::uint32_t found = probe.read_word(dbgmcu_cr);
  undo.push_back({dbgmcu_cr, found, true, "debug configuration"});
  probe.write_word(dbgmcu_cr, found | dbgmcu_low_power | dbgmcu_iwdg_stop | dbgmcu_wwdg_stop);
  probe.write_word(iwdg_kr, iwdg_reload);
}

// SYSCLK = HSI with prescalers 1. Applied in reverse, undo first gives the flash its wait states,
// then sets up and starts the PLL (the loader uses it), then switches back.
void use_internal_oscillator(Probe &probe, UndoLog &undo) {
  const std::uint32_t control = probe.read_word(rcc_cr);
  const std::uint32_t configuration = probe.read_word(rcc_cfgr);
  undo.push_back({rcc_cr, control, false, "oscillators"});
  undo.push_back({rcc_cfgr, configuration, false, "clock configuration"});
  if ((control & rcc_pllon) != 0) {
    undo.push_back({rcc_cr, control | rcc_hsion, false, "PLL"});
    undo.push_back({rcc_cfgr, configuration & ~rcc_sw, false, "PLL configuration"});
  }
  undo.push_back({flash_acr, probe.read_word(flash_acr), false, "flash wait states"});
  stm32::use_internal_oscillator(probe, {rcc_cr, rcc_cfgr, rcc_prescalers});
}

void stop_dma(Probe &probe, UndoLog &undo) {
  const std::uint32_t clocks = probe.read_word(rcc_ahbenr);
  // Logged in any case: the loader clocks the CRC unit.
  undo.push_back({rcc_ahbenr, clocks, false, "DMA clocks"});
  const std::uint32_t wanted = (clocks & ~ahb_masters) | ahb_sram | ahb_flitf;
  if (wanted != clocks) probe.write_word(rcc_ahbenr, wanted);
}

// Idle, without error flags and stale control bits, unlocked.
void open_bank(flashhost::Host &host, Probe &probe, const Chip &chip, std::uint32_t bank,
               UndoLog &undo) {
  const std::uint32_t banks = line_of(chip).banks;
  static_cast<void>(wait_idle(host, probe, bank, chip.mass_erase_maximum / banks,
                              "waiting for an operation of the old firmware"));
  undo.push_back({flash_cr + bank, cr_lock, false, "flash lock"});
  const std::uint32_t control = stm32::unlock(probe, flash_cr + bank, flash_keyr + bank, cr_lock,
                                              bank == 0 ? "" : " of bank 2");
  probe.write_word(flash_sr + bank, sr_eop | sr_errors);
  if (control != 0) probe.write_word(flash_cr + bank, 0);
}

}  // namespace

void prepare(flashhost::Host &host, Probe &probe, const Chip &chip, UndoLog &undo) {
  freeze_watchdogs(probe, undo);
  stop_dma(probe, undo);
  stm32::stop_window_watchdog(probe, rcc_apb1enr, undo);
  use_internal_oscillator(probe, undo);
  open_bank(host, probe, chip, 0, undo);
  if (line_of(chip).banks > 1) open_bank(host, probe, chip, bank2_offset, undo);
}

}  // namespace f1
