#include "l4.hpp"
#include "registers.hpp"

#include <flashhost/cause.hpp>
#include <flashhost/controller.hpp>
#include <flashhost/error.hpp>
#include <flashhost/identify.hpp>
#include <flashhost/text.hpp>
#include <flashhost/wait.hpp>
#include <flashhost/words.hpp>

#include <array>

namespace l4 {

using namespace flashhost;

namespace {

using namespace std::chrono_literals;

constexpr Nanoseconds clock_limit = 20ms, poll_interval = 1ms;

bool becomes(Probe &probe, std::uint32_t address, std::uint32_t mask, std::uint32_t value) {
  return wait_until(probe, clock_limit, poll_interval,
                    [&] { return (probe.read_word(address) & mask) == value; });
}

// Where the debug unit has a clock of its own, its registers may not answer without it.
void clock_debug_unit(Probe &probe, const SeriesFacts &facts, UndoLog &undo) {
  if (!facts.debug_clock) return;
  const std::uint32_t apb1 = facts.rcc + facts.apb1;
  const std::uint32_t clocks = probe.read_word(apb1);
  if ((clocks & apb1_dbgen) != 0) return;
  undo.push_back({apb1, clocks, false, "clock of the debug unit"});
  probe.write_word(apb1, clocks | apb1_dbgen);
}

// Sets SYSCLK = HSI with prescalers 1, PLL off. The undo steps, applied in reverse, switch back
// when the old clock runs again.
void use_internal_oscillator(Probe &probe, const SeriesFacts &facts, UndoLog &undo) {
  const std::uint32_t cr = facts.rcc + rcc_cr, cfgr = facts.rcc + rcc_cfgr;
  const auto [control, configuration] = read_words<2>(probe, {cr, cfgr});
  undo.push_back({cr, control, false, "oscillators"});
  undo.push_back({cfgr, configuration, false, "clock configuration"});
  undo.push_back({cr, control | rcc_hsion, false, "PLL"});

  if ((control & rcc_hsirdy) == 0) {
    probe.write_word(cr, control | rcc_hsion);
    if (!becomes(probe, cr, rcc_hsirdy, rcc_hsirdy)) {
      throw Error(
          Errc::target,
          "the internal oscillator (HSI) does not start (RCC_CR " + hex(probe.read_word(cr)) + ")",
          "Reset or power-cycle the board and try again; if it stays so, the chip is "
          "defective.")
          .see(Cause::oscillator_off);
    }
  }
  const std::uint32_t source = facts.clock_status_at == 2 ? 3 : 7;  // RCC_CFGR.SW
  const std::uint32_t status = source << facts.clock_status_at;
  const std::uint32_t internal = facts.internal << facts.clock_status_at;
  if ((configuration & (source | status)) != (facts.internal | internal)) {
    // The prescalers are changed later: at the old speed the buses still need them.
    probe.write_word(cfgr, (configuration & ~source) | facts.internal);
    if (!becomes(probe, cfgr, status, internal)) {
      throw Error(Errc::target,
                  "the system clock does not switch to the internal oscillator (RCC_CFGR " +
                      hex(probe.read_word(cfgr)) + ")",
                  "Reset or power-cycle the board and try again.")
          .see(Cause::oscillator_off);
    }
  }
  const std::uint32_t changed = rcc_hsidiv | rcc_pllon | facts.system_divider;
  const std::uint32_t plain = (control & ~changed) | rcc_hsion | facts.divider;
  std::array accesses{Access::write(cr, plain), Access::write(cfgr, facts.internal)};
  probe.run(accesses);
}

// In voltage range 2 the flash can only be read, and in low-power run mode the core may not be
// clocked faster than at 2 MHz.
void leave_low_power(Probe &probe, const SeriesFacts &facts, UndoLog &undo) {
  if (facts.power == 0) return;
  const std::uint32_t status = facts.power + 0x14;  // PWR_SR2
  const std::uint32_t apb1 = facts.rcc + facts.apb1;
  const std::uint32_t clocks = probe.read_word(apb1);
  if ((clocks & apb1_pwren) == 0) {
    undo.push_back({apb1, clocks, false, "clock of the power controller"});
    probe.write_word(apb1, clocks | apb1_pwren);
  }
  const std::uint32_t control = read_if_there(probe, facts.power).value_or(0);
  const bool low_run = (control & power_low_run) != 0;
  const bool low_range = (control & power_range) == power_range2;
  if (!low_run && !low_range) return;
  undo.push_back({facts.power, control, false, "voltage range and low-power run mode"});
  const std::uint32_t full = control & ~power_low_run;
  if (low_run) {
    probe.write_word(facts.power, full);
    static_cast<void>(becomes(probe, status, power_low_regulator, 0));
  }
  if (low_range) {
    probe.write_word(facts.power, (full & ~power_range) | power_range1);
    static_cast<void>(becomes(probe, status, power_range_changes, 0));
  }
}

// FLASH_ACR. A damaged reading must not turn the debug port off.
std::uint32_t read_access(Probe &probe, const Chip &chip) {
  const SeriesFacts &facts = facts_of(chip);
  const bool switchable = facts.debug_switch && !is_value_line(chip);
  return probe.read_word(facts.flash + flash_acr) | (switchable ? acr_dbg_swen : 0);
}

constexpr std::uint32_t caches = acr_prefetch | acr_instruction_cache | acr_data_cache;

// A cache can be reset only while it is off.
void empty_caches(Probe &probe, const SeriesFacts &facts, std::uint32_t control,
                  std::uint32_t after) {
  const std::uint32_t acr = facts.flash + flash_acr, off = control & ~caches;
  std::array writes{Access::write(acr, off), Access::write(acr, off | acr_reset_caches),
                    Access::write(acr, after)};
  probe.run(writes);
}

// Caches are off while the flash changes. A reset does not empty them: when firmware switches them
// on again, they would still deliver old content.
void flush_caches(Probe &probe, const Chip &chip, UndoLog &undo) {
  const SeriesFacts &facts = facts_of(chip);
  const std::uint32_t acr = facts.flash + flash_acr;
  const std::uint32_t control = read_access(probe, chip);
  // An undo step would call the flash empty again, whatever finish() has said. So where a chip
  // takes it for empty, and runs its boot ROM, the caches are emptied but left on; the loader
  // switches them off, and finish() on.
  const bool empty = (control & acr_empty) != 0;
  if (!empty) undo.push_back({acr, control, false, "flash wait states and caches"});
  empty_caches(probe, facts, control, empty ? control : control & ~caches);
}

void require_open_area(Probe &probe, std::uint32_t cr) {
  if ((probe.read_word(cr) & cr_sec_prot) == 0) return;
  throw Error(Errc::refused,
              "the firmware has closed the secured area at the start of the flash (SEC_PROT)",
              "Only a reset opens it. Let flashhost reset the chip: --reset run or --reset halt, "
              "or reset = \"run\" or \"halt\" in [flash] of the board file.")
      .see(Cause::write_protection);
}

// A WL may have no second core, and then no such register.
void require_own_flash(Probe &probe, const SeriesFacts &facts) {
  if (facts.series != Series::wb) return;
  if ((probe.read_word(facts.flash + flash_sfr) & (sfr_sfsa | sfr_fsd)) != 0) return;
  throw Error(Errc::refused, "all of the flash belongs to the second core (CPU2)",
              "Its firmware decides that by the option SFSA; erase that first, by the tool of its "
              "vendor.")
      .see(Cause::write_protection);
}

// Read errors that others have met: the flag would stand for what this run reads.
void clear_read_errors(Probe &probe, const Line &line) {
  const SeriesFacts &facts = facts_of(line.series);
  if (!facts.ecc) return;
  const auto clear = [&](std::uint32_t offset) {
    const std::uint32_t found = probe.read_word(facts.flash + offset);
    if ((found & (eccr_corrected | eccr_detected)) == 0) return;
    probe.write_word(facts.flash + offset, found);
  };
  clear(flash_eccr);
  if (line.banks == Banks::g0b) clear(flash_ecc2r);
}

}  // namespace

void prepare(Host &host, Probe &probe, const Chip &chip, UndoLog &undo) {
  const Line &line = line_of(chip);
  const SeriesFacts &facts = facts_of(line.series);
  clock_debug_unit(probe, facts, undo);
  const std::array debug_bits{
      stm32::DebugBits{facts.dbgmcu + dbgmcu_cr, facts.low_power_debug, "debug configuration"},
      stm32::DebugBits{facts.dbgmcu + facts.freeze, dbgmcu_iwdg_stop | dbgmcu_wwdg_stop,
                       "watchdog freeze"}};
  stm32::freeze_watchdogs(probe, debug_bits, undo);
  const std::uint32_t ahb = facts.rcc + facts.ahb, apb1 = facts.rcc + facts.apb1;
  const auto [masters, clocks] = read_words<2>(probe, {ahb, apb1});
  stm32::stop_masters(probe, ahb, masters, facts.masters, 0, undo);
  stm32::stop_window_watchdog(probe, apb1, clocks, undo);
  leave_low_power(probe, facts, undo);
  use_internal_oscillator(probe, facts, undo);
  flush_caches(probe, chip, undo);
  const std::uint32_t control = facts.flash + flash_cr;
  open_controller(host, probe, chip, chip.flash.address,
                  {"the flash controller",
                   "FLASH_CR",
                   control,
                   cr_lock,
                   facts.flash + flash_keyr,
                   {stm32::key1, stm32::key2}},
                  sr_all, undo);
  require_open_area(probe, control);
  require_own_flash(probe, facts);
  clear_read_errors(probe, line);
}

// At power-on the chip saw an empty flash, and would start its boot ROM until the next power-on: no
// reset makes it look again.
void finish(Host &host, Probe &probe, const Chip &chip) {
  const Line &line = line_of(chip);
  if (line.empty == Empty::nobody || chip.flash.address != flash_base) return;
  const SeriesFacts &facts = facts_of(line.series);
  const bool in_acr = line.empty == Empty::acr;
  const std::uint32_t address = facts.flash + (in_acr ? flash_acr : flash_sr);
  const std::uint32_t bit = in_acr ? acr_empty : sr_bit17;
  const std::uint32_t found = in_acr ? read_access(probe, chip) : probe.read_word(address);
  if ((found & bit) == 0) return;
  const bool blank = probe.read_word(flash_base) == 0xFFFFFFFF;
  if (in_acr) {
    // Caches as the boot ROM has them from the reset.
    const std::uint32_t on = acr_instruction_cache | (facts.core == cortex_m4 ? acr_data_cache : 0);
    empty_caches(probe, facts, found, (blank ? found : found & ~bit) | on);
  } else if (!blank) {
    probe.write_word(address, bit);  // a 1 inverts the bit, and a 0 leaves all as it is
  }
  if (blank) return;
  if ((probe.read_word(address) & bit) != 0) {
    host.log(Level::warning,
             with_page("the chip still takes its flash for empty, as it was at power-on, and will "
                       "start its boot "
                       "ROM; take the supply off the board for a second, then the firmware starts",
                       Cause::empty_check));
    return;
  }
  host.info(
      "the flash was empty at power-on, so the chip would have started its boot ROM at every "
      "reset; "
      "it was told that there is firmware now");
}

}  // namespace l4
