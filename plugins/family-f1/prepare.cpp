#include "f1.hpp"
#include "registers.hpp"

#include <flashhost/error.hpp>
#include <flashhost/text.hpp>
#include <flashhost/wait.hpp>

#include <fmt/format.h>

namespace f1 {

namespace {

using namespace std::chrono_literals;
using flashhost::Chip;
using flashhost::Errc;
using flashhost::Error;
using flashhost::hex;
using flashhost::Probe;
using flashhost::UndoLog;

constexpr flashhost::Nanoseconds clock_limit = 20ms, poll_interval = 1ms;

bool wait_for(Probe &probe, std::uint32_t address, std::uint32_t mask, std::uint32_t value) {
  return flashhost::wait_until(probe, clock_limit, poll_interval,
                               [&] { return (probe.read_word(address) & mask) == value; });
}

// Stops the watchdogs while the core is halted, keeps the debug port alive in sleep modes, and
// gives a running independent watchdog its full time.
void freeze_watchdogs(Probe &probe, UndoLog &undo) {
  const std::uint32_t found = probe.read_word(dbgmcu_cr);
  undo.push_back({dbgmcu_cr, found, true, "debug configuration"});
  probe.write_word(dbgmcu_cr, found | dbgmcu_low_power | dbgmcu_iwdg_stop | dbgmcu_wwdg_stop);
  probe.write_word(iwdg_kr, iwdg_reload);
}

// A window watchdog cannot be fed blindly, and only a reset stops it: without its clock it stands.
void stop_window_watchdog(Probe &probe, UndoLog &undo) {
  const std::uint32_t clocks = probe.read_word(rcc_apb1enr);
  if ((clocks & apb1_wwdg) == 0 || (probe.read_word(wwdg_cr) & wwdg_wdga) == 0) return;
  undo.push_back({rcc_apb1enr, clocks, false, "window watchdog's clock"});
  probe.write_word(rcc_apb1enr, clocks & ~apb1_wwdg);
  if ((probe.read_word(rcc_apb1enr) & apb1_wwdg) == 0) return;
  throw Error(Errc::target, "the firmware's window watchdog is running and cannot be stopped",
              "Only a reset stops it. Let flashhost reset the chip: set reset = \"run\" or "
              "\"halt\" in [flash] of the board file.");
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
  constexpr std::uint32_t on = rcc_hsion | rcc_hsirdy;
  if ((control & on) != on) {
    probe.write_word(rcc_cr, control | rcc_hsion);
    if (!wait_for(probe, rcc_cr, rcc_hsirdy, rcc_hsirdy)) {
      throw Error(Errc::target,
                  "the internal oscillator (HSI) does not start (RCC_CR " +
                      hex(probe.read_word(rcc_cr)) + "); the flash controller needs it",
                  "Reset or power-cycle the board and try again; if it stays so, the chip is "
                  "defective.");
    }
  }
  if ((configuration & (rcc_sw | rcc_sws)) != 0) {
    // The prescalers come later: at the old speed they keep APB1 within its limit.
    probe.write_word(rcc_cfgr, configuration & ~rcc_sw);
    if (!wait_for(probe, rcc_cfgr, rcc_sws, 0)) {
      throw Error(Errc::target,
                  "the system clock does not switch to the internal oscillator (RCC_CFGR " +
                      hex(probe.read_word(rcc_cfgr)) + ")",
                  "Reset or power-cycle the board and try again.");
    }
  }
  if ((configuration & rcc_prescalers) != 0) {
    probe.write_word(rcc_cfgr, configuration & ~(rcc_sw | rcc_prescalers));
  }
}

void stop_dma(Probe &probe, UndoLog &undo) {
  const std::uint32_t clocks = probe.read_word(rcc_ahbenr);
  // Logged in any case: the loader clocks the CRC unit.
  undo.push_back({rcc_ahbenr, clocks, false, "DMA clocks"});
  const std::uint32_t wanted = (clocks & ~ahb_masters) | ahb_sram | ahb_flitf;
  if (wanted != clocks) probe.write_word(rcc_ahbenr, wanted);
}

// A key that does not fit is a bus fault.
bool write_key(Probe &probe, std::uint32_t bank, std::uint32_t key) {
  try {
    probe.write_word(flash_keyr + bank, key);
    return true;
  } catch (const Error &error) {
    if (error.code() != Errc::memory_fault) throw;
    return false;
  }
}

// Idle, without error flags and stale control bits, unlocked. Locked first whatever LOCK reads:
// keys to an unlocked controller lock it until reset.
void open_bank(flashhost::Host &host, Probe &probe, const Chip &chip, std::uint32_t bank,
               UndoLog &undo) {
  const std::uint32_t banks = line_of(chip).banks;
  static_cast<void>(wait_idle(host, probe, bank, chip.mass_erase_maximum / banks,
                              "waiting for an operation of the old firmware"));
  undo.push_back({flash_cr + bank, cr_lock, false, "flash lock"});
  if ((probe.read_word(flash_cr + bank) & cr_lock) == 0) {
    probe.write_word(flash_cr + bank, cr_lock);
  }
  const bool taken = write_key(probe, bank, key1) && write_key(probe, bank, key2);
  const std::uint32_t control = probe.read_word(flash_cr + bank);
  if (!taken || (control & cr_lock) != 0) {
    throw Error(Errc::target,
                fmt::format("the flash controller{} does not unlock (FLASH_CR {})",
                            bank == 0 ? "" : " of bank 2", hex(control)),
                "A wrong key sequence, by the old firmware or another tool, locks it until the "
                "next reset. Reset the chip and try again.");
  }
  probe.write_word(flash_sr + bank, sr_eop | sr_errors);
  if (control != 0) probe.write_word(flash_cr + bank, 0);
}

}  // namespace

void prepare(flashhost::Host &host, Probe &probe, const Chip &chip, UndoLog &undo) {
  freeze_watchdogs(probe, undo);
  stop_dma(probe, undo);
  stop_window_watchdog(probe, undo);
  use_internal_oscillator(probe, undo);
  open_bank(host, probe, chip, 0, undo);
  if (line_of(chip).banks > 1) open_bank(host, probe, chip, bank2_offset, undo);
}

}  // namespace f1
