#include "register_write.hpp"

#include <flashhost/cortex_m.hpp>
#include <flashhost/error.hpp>
#include <flashhost/text.hpp>
#include <flashhost/wait.hpp>

#include <array>

namespace flashhost::cortex_m {

namespace {

using namespace std::chrono_literals;

constexpr Nanoseconds halt_limit = 500ms, release_limit = 100ms, register_limit = 100ms,
                      poll_interval = 1ms;
constexpr std::uint32_t dhcsr_maskints = 1U << 3;
constexpr std::uint32_t dfsr_vcatch = 1U << 3, dfsr_all = 0x1F;
constexpr std::uint32_t demcr_vc_all = 0x7F1;
constexpr std::uint32_t aircr_sysresetreq = 0x05FA0004;

void wait_for_register(Probe &probe) {
  std::uint32_t status = 0;
  static_cast<void>(wait_until(probe, register_limit, poll_interval, [&] {
    status = probe.read_word(dhcsr);
    return (status & dhcsr_s_regrdy) != 0;
  }));
  if (is_over(status)) return;
  throw Error(Errc::target, "a core register could not be accessed (DHCSR " + hex(status) + ")",
              "The core is not halted any more: it was reset or lost power. Try again; if it "
              "happens again, look at the supply and at NRST.");
}

}  // namespace

Error no_answer(AttachMode tried, std::string_view detail) {
  std::string what = "the target does not answer on SWD";
  if (!detail.empty()) what.append(": ").append(detail);
  std::string hint = "Check its supply and the wires SWDIO, SWCLK and GND. ";
  hint += tried == AttachMode::under_reset
              ? "It was tried under reset: a firmware that sleeps or uses the SWD pins is in the "
                "way only if the probe's reset wire does not reach the chip's NRST pin. A chip "
                "with read protection level 2 never answers again: that is final."
              : "When its firmware sleeps or uses the SWD pins, connect under reset (--connect "
                "under-reset, or connect = \"under-reset\" in [transport]; NRST wired).";
  return Error(Errc::target, what, hint).see(Cause::out_of_reach);
}

CoreState DebugProbe::state() {
  std::uint32_t status = read_word(dhcsr);
  // S_RESET_ST is sticky and cleared by reading: set twice means that reset is still active.
  if ((status & dhcsr_s_reset) != 0) {
    status = read_word(dhcsr);
    if ((status & dhcsr_s_reset) != 0) return CoreState::in_reset;
  }
  if ((status & dhcsr_s_lockup) != 0) return CoreState::lockup;
  if ((status & dhcsr_s_halt) != 0) return CoreState::halted;
  if ((status & dhcsr_s_sleep) != 0) return CoreState::sleeping;
  return CoreState::running;
}

void DebugProbe::halt() {
  std::uint32_t status = read_word(dhcsr);
  const bool halted = wait_until(*this, halt_limit, poll_interval, [&] {
    if ((status & dhcsr_s_halt) != 0) return true;
    // C_MASKINTS may only change while the core is halted. Written at each turn: a reset in between
    // clears C_HALT.
    write_word(dhcsr, dhcsr_key | dhcsr_debugen | dhcsr_halt | (status & dhcsr_maskints));
    status = read_word(dhcsr);
    return (status & dhcsr_s_halt) != 0;
  });
  if (halted) return;
  const bool held = (status & dhcsr_s_reset) != 0;
  throw Error(
      Errc::timeout,
      "the core did not halt within " + format_duration(halt_limit) + " (DHCSR " + hex(status) +
          ")",
      held
          ? "The chip is held in reset: look at the NRST line and at a watchdog or supervisor chip "
            "on it."
          : "The core may be in a deep sleep mode or its bus may be stuck. Connect NRST and use "
            "--connect under-reset, or connect = \"under-reset\" in [transport], or power-cycle "
            "the "
            "board.")
      .see(Cause::out_of_reach);
}

void DebugProbe::resume() {
  std::array look{Access::write(dfsr, dfsr_all), Access::read(dhcsr)};
  run(look);
  const std::uint32_t status = look[1].value;
  if ((status & dhcsr_s_halt) != 0 && (status & dhcsr_maskints) != 0) {
    write_word(dhcsr, dhcsr_key | dhcsr_debugen | dhcsr_halt);
  }
  write_word(dhcsr, dhcsr_key | dhcsr_debugen);
}

std::uint32_t DebugProbe::read_register(CoreRegister which) {
  require_halted(read_word(dhcsr));
  std::array accesses{Access::write(dcrsr, static_cast<std::uint32_t>(which)), Access::read(dhcsr),
                      Access::read(dcrdr)};
  run(accesses);
  if (is_over(accesses[1].value)) return accesses[2].value;
  wait_for_register(*this);
  return read_word(dcrdr);
}

void DebugProbe::write_register(CoreRegister which, std::uint32_t value) {
  require_halted(read_word(dhcsr));
  std::array accesses = register_write({which, value});
  run(accesses);
  if (!is_over(accesses.back().value)) wait_for_register(*this);
}

void DebugProbe::reset(ResetMode mode) {
  if (mode == ResetMode::pin) {
    pulse_reset_pin();
    return;
  }
  try {
    write_word(aircr, aircr_sysresetreq);
  } catch (const Error &error) {
    // The core may reset before it answers the write that asked for the reset.
    if (error.code() != Errc::memory_fault) throw;
  }
}

void DebugProbe::require_halted(std::uint32_t status) {
  if ((status & dhcsr_s_halt) != 0) return;
  throw Error(Errc::target, "a core register was asked for, but the core is not halted",
              "A reset in between, by a watchdog for example, sets a halted core running.");
}

void DebugProbe::halt_at_release(const std::function<void()> &release) {
  // The first read clears the flag of an older reset; while NRST is low it is set again at once.
  static_cast<void>(read_word(dhcsr));
  bool was_reset = (read_word(dhcsr) & dhcsr_s_reset) != 0;
  const std::uint32_t old_demcr = read_word(demcr);
  write_word(dhcsr, dhcsr_key | dhcsr_debugen);
  // Only this vector catch is armed: so VCATCH proves a reset even when a debug server in between
  // has read S_RESET_ST, which clears it.
  write_word(demcr, (old_demcr & ~demcr_vc_all) | demcr_vc_corereset | demcr_trcena);
  write_word(dfsr, dfsr_all);
  release();
  const bool halted = wait_until(*this, release_limit, poll_interval, [&] {
    const std::uint32_t status = read_word(dhcsr);
    was_reset = was_reset || (status & dhcsr_s_reset) != 0;
    return (status & dhcsr_s_halt) != 0;
  });
  write_word(demcr, old_demcr);
  if (halted && (read_word(dfsr) & dfsr_vcatch) != 0) return;
  write_word(dhcsr, dhcsr_key);
  throw Error(Errc::target,
              was_reset ? "the core did not stop at its reset vector after connecting under reset"
                        : "NRST was pulled low, but the target was not reset",
              was_reset ? "Its firmware may reset it again and again; check the supply."
                        : "The probe's reset wire does not reach the chip's NRST pin. Connect it, "
                          "or use --connect attach, or connect = \"attach\" in [transport].")
      .see(was_reset ? Cause::lockup : Cause::reset_not_wired);
}

}  // namespace flashhost::cortex_m
