#include "f1.hpp"
#include "registers.hpp"

#include <flashhost/words.hpp>

namespace f1 {

using namespace flashhost;

namespace {

// Sets SYSCLK = HSI with prescalers 1. The undo steps, applied in reverse, first set the flash's
// wait states, then set up and start the PLL (the loader uses it), then switch back.
void use_internal_oscillator(Probe &probe, std::uint32_t control, std::uint32_t configuration,
                             UndoLog &undo) {
  const std::uint32_t wait_states = probe.read_word(flash_acr);
  undo.push_back({rcc_cr, control, false, "oscillators"});
  undo.push_back({rcc_cfgr, configuration, false, "clock configuration"});
  if ((control & rcc_pllon) != 0) {
    undo.push_back({rcc_cr, control | rcc_hsion, false, "PLL"});
    undo.push_back({rcc_cfgr, configuration & ~rcc_sw, false, "PLL configuration"});
  }
  undo.push_back({flash_acr, wait_states, false, "flash wait states"});
  stm32::use_internal_oscillator(probe, {rcc_cr, rcc_cfgr, rcc_prescalers},
                                 {control, configuration});
}

void open_bank(Host &host, Probe &probe, const Chip &chip, std::uint32_t address, UndoLog &undo) {
  const std::uint32_t bank = bank_offset(chip, address);
  const std::string what = bank == 0 ? "the flash controller" : "the flash controller of bank 2";
  open_controller(host, probe, chip, address,
                  {what, "FLASH_CR", flash_cr + bank, cr_lock, flash_keyr + bank, {key1, key2}},
                  sr_eop | sr_errors, undo);
}

}  // namespace

void prepare(Host &host, Probe &probe, const Chip &chip, UndoLog &undo) {
  const SeriesFacts &facts = facts_of(line_of(chip).series);
  stm32::freeze_watchdogs(probe, facts.debug_bits, undo);
  const RegisterBlock rcc(probe, rcc_cr, rcc_apb1enr);
  stm32::stop_masters(probe, rcc_ahbenr, rcc.at(rcc_ahbenr), facts.masters, ahb_sram | ahb_flitf,
                      undo);
  stm32::stop_window_watchdog(probe, rcc_apb1enr, rcc.at(rcc_apb1enr), undo);
  use_internal_oscillator(probe, rcc.at(rcc_cr), rcc.at(rcc_cfgr), undo);
  open_bank(host, probe, chip, flash_base, undo);
  if (line_of(chip).banks > 1) open_bank(host, probe, chip, bank2_base, undo);
}

}  // namespace f1
