#include "prepare.hpp"

#include <flashhost/error.hpp>
#include <flashhost/text.hpp>
#include <flashhost/wait.hpp>

#include <vector>

namespace stm32 {

using namespace flashhost;

namespace {

using namespace std::chrono_literals;

constexpr Nanoseconds clock_limit = 20ms, poll_interval = 1ms;

bool wait_for(Probe &probe, std::uint32_t address, std::uint32_t mask, std::uint32_t value) {
  return wait_until(probe, clock_limit, poll_interval,
                    [&] { return (probe.read_word(address) & mask) == value; });
}

}  // namespace

void freeze_watchdogs(Probe &probe, std::span<const DebugBits> registers, UndoLog &undo) {
  std::vector<Access> accesses;
  for (const DebugBits &one : registers) accesses.push_back(Access::read(one.address));
  probe.run(accesses);
  for (std::size_t i = 0; i < registers.size(); ++i) {
    const std::uint32_t found = accesses[i].value;
    undo.push_back({registers[i].address, found, true, registers[i].what});
    accesses[i] = Access::write(registers[i].address, found | registers[i].bits);
  }
  accesses.push_back(Access::write(iwdg_kr, iwdg_reload));
  probe.run(accesses);
}

void stop_masters(Probe &probe, std::uint32_t ahbenr, std::uint32_t clocks, std::uint32_t masters,
                  std::uint32_t needed, UndoLog &undo) {
  undo.push_back({ahbenr, clocks, false, "DMA clocks"});
  const std::uint32_t wanted = (clocks & ~masters) | needed;
  if (wanted != clocks) probe.write_word(ahbenr, wanted);
}

void use_internal_oscillator(Probe &probe, const ClockRegisters &rcc, const FoundClocks &found) {
  const auto [control, configuration] = found;
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
    // The prescalers are changed later: at the old speed APB1 still needs them.
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

void stop_window_watchdog(Probe &probe, std::uint32_t apb1enr, std::uint32_t clocks,
                          UndoLog &undo) {
  if ((clocks & apb1_wwdg) == 0 || (probe.read_word(wwdg_cr) & wwdg_wdga) == 0) return;
  undo.push_back({apb1enr, clocks, false, "window watchdog's clock"});
  probe.write_word(apb1enr, clocks & ~apb1_wwdg);
  if ((probe.read_word(apb1enr) & apb1_wwdg) == 0) return;
  throw Error(Errc::refused, "the firmware's window watchdog is running and cannot be stopped",
              "Only a reset stops it. Let flashhost reset the chip: --reset run or --reset "
              "halt, or reset = \"run\" or \"halt\" in [flash] of the board file.")
      .see(Cause::window_watchdog);
}

}  // namespace stm32
