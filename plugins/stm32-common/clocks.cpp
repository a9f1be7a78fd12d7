#include "clocks.hpp"

#include <flashhost/error.hpp>
#include <flashhost/text.hpp>
#include <flashhost/wait.hpp>

namespace stm32 {

namespace {

using namespace std::chrono_literals;
using flashhost::Cause;
using flashhost::Errc;
using flashhost::Error;
using flashhost::hex;
using flashhost::Probe;

constexpr flashhost::Nanoseconds clock_limit = 20ms, poll_interval = 1ms;

bool wait_for(Probe &probe, std::uint32_t address, std::uint32_t mask, std::uint32_t value) {
  return flashhost::wait_until(probe, clock_limit, poll_interval,
                               [&] { return (probe.read_word(address) & mask) == value; });
}

}  // namespace

void use_internal_oscillator(Probe &probe, const ClockRegisters &rcc) {
  const std::uint32_t control = probe.read_word(rcc.cr);
  const std::uint32_t configuration = probe.read_word(rcc.cfgr);
  constexpr std::uint32_t on = hsion | hsirdy;
  if ((control & on) != on) {
    probe.write_word(rcc.cr, control | hsion);
    if (!wait_for(probe, rcc.cr, hsirdy, hsirdy)) {
      throw Error(Errc::target,
                  "the internal oscillator (HSI) does not start (RCC_CR " +
                      hex(probe.read_word(rcc.cr)) + "); the flash controller needs it",
                  "Reset or power-cycle the board and try again; if it stays so, the chip is "
                  "defective.")
          .see(Cause::oscillator_off);
    }
  }
  if ((configuration & (sw | sws)) != 0) {
    // The prescalers come later: at the old speed they keep APB1 within its limit.
    probe.write_word(rcc.cfgr, configuration & ~sw);
    if (!wait_for(probe, rcc.cfgr, sws, 0)) {
      throw Error(Errc::target,
                  "the system clock does not switch to the internal oscillator (RCC_CFGR " +
                      hex(probe.read_word(rcc.cfgr)) + ")",
                  "Reset or power-cycle the board and try again.")
          .see(Cause::oscillator_off);
    }
  }
  if ((configuration & rcc.prescalers) != 0) {
    probe.write_word(rcc.cfgr, configuration & ~(sw | rcc.prescalers));
  }
}

void stop_window_watchdog(Probe &probe, std::uint32_t apb1enr, flashhost::UndoLog &undo) {
  const std::uint32_t clocks = probe.read_word(apb1enr);
  if ((clocks & apb1_wwdg) == 0 || (probe.read_word(wwdg_cr) & wwdg_wdga) == 0) return;
  undo.push_back({apb1enr, clocks, false, "window watchdog's clock"});
  probe.write_word(apb1enr, clocks & ~apb1_wwdg);
  if ((probe.read_word(apb1enr) & apb1_wwdg) == 0) return;
  throw Error(Errc::target, "the firmware's window watchdog is running and cannot be stopped",
              "Only a reset stops it. Let flashhost reset the chip: set reset = \"run\" or "
              "\"halt\" in [flash] of the board file.")
      .see(Cause::window_watchdog);
}

}  // namespace stm32
