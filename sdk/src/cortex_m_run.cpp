#include "words.hpp"

#include <flashhost/cortex_m.hpp>
#include <flashhost/error.hpp>
#include <flashhost/text.hpp>
#include <flashhost/wait.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

namespace flashhost::cortex_m {

namespace {

using namespace std::chrono_literals;

constexpr Nanoseconds reset_limit = 500ms, pin_limit = 50ms, poll_interval = 1ms;

constexpr std::uint32_t dhcsr_maskints = 1U << 3;
constexpr std::uint32_t dfsr_vcatch = 1U << 3, dfsr_all = 0x1F;
constexpr std::uint32_t aircr_key = 0x05FA0000, aircr_prigroup = 0x700, aircr_vectclractive = 2;
constexpr std::uint32_t icsr_pendstclr = 1U << 25, icsr_pendsvclr = 1U << 27;
constexpr std::uint32_t ccr_unalign_trp = 1U << 3;
constexpr std::uint32_t shcsr_enables = 7U << 16;
constexpr std::uint32_t syst_csr_settings = 7;
constexpr std::uint32_t fp_ctrl_enable = 1, fp_ctrl_key = 2;
constexpr std::uint32_t ictr = 0xE000E004;
constexpr std::uint32_t all_ones = 0xFFFFFFFF;
constexpr std::uint32_t xpsr_thumb = 1U << 24;
constexpr std::uint32_t primask_set = 1;  // and CONTROL, FAULTMASK, BASEPRI zero

// Arms the vector catch for the coming reset and clears the traces of an earlier one.
void arm_reset_catch(Probe &probe) {
  const std::uint32_t masked = probe.read_word(dhcsr) & dhcsr_maskints;
  probe.write_word(dhcsr, dhcsr_key | dhcsr_debugen | dhcsr_halt | masked);
  probe.write_word(demcr, probe.read_word(demcr) | demcr_trcena | demcr_vc_corereset);
  probe.write_word(dfsr, dfsr_vcatch);
  static_cast<void>(probe.read_word(dhcsr));  // clears S_RESET_ST
}

// What the target showed after a reset request.
struct ResetOutcome {
  bool seen = false;    // S_RESET_ST, or what only a reset can have caused
  bool halted = false;  // S_HALT, out of reset
  bool caught = false;  // DFSR.VCATCH
  std::uint32_t last_dhcsr = 0;

  [[nodiscard]] bool good() const { return seen && halted && caught; }
};

ResetOutcome reset_once(Probe &probe, ResetMode mode) {
  arm_reset_catch(probe);
  ResetOutcome outcome;
  std::optional<Error> failure;
  // The debug port may need a moment after a reset: an error counts only if it lasts.
  const auto attempt = [&](const auto &action) {
    try {
      action();
      failure.reset();
    } catch (const Error &error) {
      failure = error;
    }
  };
  const auto look = [&] {
    attempt([&] {
      outcome.last_dhcsr = probe.read_word(dhcsr);
      const bool in_reset = (outcome.last_dhcsr & dhcsr_s_reset) != 0;
      outcome.seen = outcome.seen || in_reset;
      outcome.halted = !in_reset && (outcome.last_dhcsr & dhcsr_s_halt) != 0;
      if (!outcome.halted) return;
      // Reading S_RESET_ST clears it, and a probe or a server in between may have read it. The core
      // was halted before, so VCATCH can only come from this reset.
      outcome.caught = (probe.read_word(dfsr) & dfsr_vcatch) != 0;
      outcome.seen = outcome.seen || outcome.caught;
    });
    return outcome.seen && outcome.halted;
  };
  attempt([&] { probe.reset(mode); });
  const Nanoseconds first = mode == ResetMode::pin ? pin_limit : reset_limit;
  const bool done = wait_until(probe, first, poll_interval, look);
  // Still held in reset, or not answering yet.
  if (!done && (outcome.seen || failure)) {
    static_cast<void>(wait_until(probe, reset_limit, poll_interval, look));
  }
  if (failure && failure->code() == Errc::probe) throw Error(*failure);
  return outcome;
}

// Writes value if it differs from found, after appending the undo step.
void change(Probe &probe, UndoLog &undo, std::uint32_t address, std::uint32_t found,
            std::uint32_t value, const char *what) {
  if (found == value) return;
  undo.push_back({address, found, false, what});
  probe.write_word(address, value);
}

// lines: the value of ICTR.
void mask_interrupts(Probe &probe, UndoLog &undo, std::uint32_t lines) {
  constexpr std::size_t most = 8;  // 240 interrupts
  const std::size_t words = std::min<std::size_t>((lines & 0xF) + 1, most);
  std::array<std::uint8_t, 4 * most> buffer{};
  const auto bytes = std::span(buffer).first(4 * words);
  probe.read_memory(nvic_iser, bytes, Width::word);
  for (std::size_t word = 0; word < words; ++word) {
    std::uint32_t enabled = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      enabled |= std::uint32_t{bytes[4 * word + i]} << (8 * i);
    }
    if (enabled == 0) continue;
    undo.push_back(
        {nvic_iser + static_cast<std::uint32_t>(4 * word), enabled, false, "interrupt enables"});
  }
  std::ranges::fill(bytes, std::uint8_t{0xFF});
  probe.write_memory(nvic_icer, bytes, Width::word);
  probe.write_memory(nvic_icpr, bytes, Width::word);
  probe.write_word(icsr, icsr_pendstclr | icsr_pendsvclr);
}

void clear_faults(Probe &probe) {
  std::array accesses{Access::write(cfsr, all_ones), Access::write(hfsr, all_ones),
                      Access::write(dfsr, dfsr_all)};
  probe.run(accesses);
}

}  // namespace

void save_debug_state(Probe &probe, UndoLog &undo) {
  const auto [fpb, found] = read_words<2>(probe, {fp_ctrl, demcr});
  undo.push_back({dhcsr, dhcsr_key, true, "debug enable"});
  undo.push_back({fp_ctrl, (fpb & fp_ctrl_enable) | fp_ctrl_key, true, "breakpoint unit"});
  // A vector catch left over from an earlier session would surprise the next debugger.
  undo.push_back({demcr, found & ~demcr_vc_corereset, true, "vector catch"});
}

ResetWay reset_and_halt(Probe &probe) {
  if (reset_once(probe, ResetMode::pin).good()) return ResetWay::pin;
  const ResetOutcome outcome = reset_once(probe, ResetMode::system);
  if (outcome.good()) return ResetWay::system;
  throw Error(
      Errc::target,
      fmt::format("the target could not be reset and stopped at its reset vector: {} (DHCSR {})",
                  !outcome.seen     ? "it saw neither a pulse on NRST nor a system reset request"
                  : !outcome.halted ? "it was reset but did not stop"
                                    : "it was reset but stopped somewhere else",
                  hex(outcome.last_dhcsr)),
      "Its debug unit does not answer as a Cortex-M's does, or the chip is held in reset. Look at "
      "the supply and the NRST line, power-cycle the board and try again.")
      .see(Cause::out_of_reach);
}

void halt_catching_reset(Probe &probe) {
  arm_reset_catch(probe);
  probe.halt();
}

void quiesce(Probe &probe, UndoLog &undo) {
  probe.halt();
  const auto [priorities, tick, lines, handlers, mpu, configuration, breakpoints, vectors] =
      read_words<8>(probe, {aircr, syst_csr, ictr, shcsr, mpu_ctrl, ccr, fp_ctrl, vtor});
  change(probe, undo, syst_csr, tick & syst_csr_settings, 0, "SysTick");
  mask_interrupts(probe, undo, lines);
  // Writing IPSR alone would leave the exception active in the NVIC.
  probe.write_word(aircr, aircr_key | (priorities & aircr_prigroup) | aircr_vectclractive);
  if (handlers != 0) {
    undo.push_back({shcsr, handlers & shcsr_enables, false, "fault handlers"});
    probe.write_word(shcsr, 0);
  }
  change(probe, undo, mpu_ctrl, mpu, 0, "memory protection unit");
  change(probe, undo, ccr, configuration, configuration & ~ccr_unalign_trp, "alignment trap");
  if ((breakpoints & fp_ctrl_enable) != 0) {
    undo.push_back({fp_ctrl, fp_ctrl_enable | fp_ctrl_key, true, "breakpoint unit"});
    probe.write_word(fp_ctrl, fp_ctrl_key);
  }
  undo.push_back({vtor, vectors, false, "vector table"});
  clear_faults(probe);
  probe.write_register(CoreRegister::xpsr, xpsr_thumb);
  probe.write_register(CoreRegister::control_faultmask_basepri_primask, primask_set);
}

void start(Probe &probe, const StartState &state) {
  clear_faults(probe);
  probe.write_word(demcr, probe.read_word(demcr) | demcr_trcena | demcr_vc_corereset |
                              demcr_vc_buserr | demcr_vc_harderr);
  if (state.vectors != 0) probe.write_word(vtor, state.vectors);
  probe.write_register(CoreRegister::xpsr, xpsr_thumb);
  probe.write_register(CoreRegister::control_faultmask_basepri_primask, primask_set);
  probe.write_register(CoreRegister::msp, state.stack & ~7U);
  probe.write_register(CoreRegister::lr, all_ones);
  probe.write_register(CoreRegister::r0, state.r0);
  probe.write_register(CoreRegister::r9, state.r9);
  probe.write_register(CoreRegister::pc, state.pc & ~1U);
  probe.resume();
}

std::string restore(Probe &probe, const UndoLog &undo, bool after_reset) noexcept {
  try {
    std::string failed;
    std::size_t left = undo.size();
    for (auto step = undo.rbegin(); step != undo.rend(); ++step, --left) {
      if (after_reset && !step->survives_reset) continue;
      try {
        if (step->address == dhcsr && (probe.read_word(dhcsr) & dhcsr_s_halt) != 0) continue;
        probe.write_word(step->address, step->value);
      } catch (const std::exception &error) {
        failed += fmt::format("{}{} ({}): {}", failed.empty() ? "" : "; ", step->what,
                              hex(step->address), error.what());
        const auto *ours = dynamic_cast<const Error *>(&error);
        // Without a connection each further step would only run into its timeout.
        if (ours != nullptr && ours->code() == Errc::probe) {
          if (left > 1) failed += fmt::format("; {} more not tried", left - 1);
          break;
        }
      }
    }
    return failed;
  } catch (...) {
    return "out of memory";
  }
}

void release(Probe &probe) {
  probe.write_word(dfsr, dfsr_all);
  const std::uint32_t status = probe.read_word(dhcsr);
  if ((status & dhcsr_s_halt) != 0 && (status & dhcsr_maskints) != 0) {
    probe.write_word(dhcsr, dhcsr_key | dhcsr_debugen | dhcsr_halt);
  }
  if ((status & dhcsr_s_halt) != 0) probe.write_word(dhcsr, dhcsr_key | dhcsr_debugen);
  probe.write_word(dhcsr, dhcsr_key);
}

}  // namespace flashhost::cortex_m
