#include "core_of.hpp"

#include <flashhost/cortex_m.hpp>
#include <flashhost/error.hpp>
#include <flashhost/text.hpp>
#include <flashhost/wait.hpp>
#include <flashhost/words.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <iterator>
#include <ranges>
#include <span>
#include <vector>

namespace flashhost::cortex_m {

namespace {

using namespace std::chrono_literals;

constexpr Nanoseconds reset_limit = 500ms, pin_limit = 50ms, poll_interval = 1ms;

constexpr std::uint32_t dhcsr_maskints = 1U << 3;
constexpr std::uint32_t dfsr_vcatch = 1U << 3, dfsr_all = 0x1F;
constexpr std::uint32_t aircr_key = 0x05FA0000, aircr_vectclractive = 2;
constexpr std::uint32_t icsr_pendstclr = 1U << 25, icsr_pendsvclr = 1U << 27;
constexpr std::uint32_t ccr_unalign_trp = 1U << 3;
constexpr std::uint32_t ccr_caches = (1U << 16) | (1U << 17), ccr_data_cache = 1U << 16;
constexpr std::uint32_t shcsr_enables = 0xFU << 16;
constexpr std::uint32_t syst_csr_settings = 7;
constexpr std::uint32_t fp_ctrl_enable = 1, fp_ctrl_key = 2;
constexpr std::uint32_t ictr = 0xE000E004;
constexpr std::uint32_t all_ones = 0xFFFFFFFF;
constexpr std::uint32_t xpsr_thumb = 1U << 24;
constexpr std::uint32_t primask_set = 1;  // and CONTROL, FAULTMASK, BASEPRI zero
constexpr std::array fresh_thread{
    RegisterValue{CoreRegister::xpsr, xpsr_thumb},
    RegisterValue{CoreRegister::control_faultmask_basepri_primask, primask_set}};

// Arms the vector catch for the coming reset, and no other, and clears the traces of an earlier
// one.
void arm_reset_catch(Probe &probe) {
  constexpr std::uint32_t halting = dhcsr_debugen | dhcsr_halt;
  const std::uint32_t status = probe.read_word(dhcsr);  // clears S_RESET_ST
  std::vector<Access> accesses;
  if ((status & halting) != halting) {
    accesses.push_back(Access::write(dhcsr, dhcsr_key | halting | (status & dhcsr_maskints)));
  }
  accesses.push_back(Access::write(demcr, demcr_trcena | demcr_vc_corereset));
  accesses.push_back(Access::write(dfsr, dfsr_vcatch));
  probe.run(accesses);
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
      const bool was_reset = (outcome.last_dhcsr & dhcsr_s_reset) != 0;
      outcome.seen = outcome.seen || was_reset;
      outcome.halted = false;
      if ((outcome.last_dhcsr & dhcsr_s_halt) == 0) return;
      // Reading S_RESET_ST clears it, and a probe or a server in between may have read it. The core
      // was halted before, so VCATCH can only come from this reset.
      outcome.caught = (probe.read_word(dfsr) & dfsr_vcatch) != 0;
      outcome.seen = outcome.seen || outcome.caught;
      // Without VCATCH it may be in reset still.
      outcome.halted = outcome.caught || !was_reset;
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

// What is to be written, and how to undo it.
struct Changes {
  std::vector<Access> writes;
  UndoLog &undo;

  void write(std::uint32_t address, std::uint32_t value) {
    writes.push_back(Access::write(address, value));
  }
  // Only if value differs from found.
  void change(std::uint32_t address, std::uint32_t found, std::uint32_t value, const char *what) {
    if (found == value) return;
    undo.push_back({address, found, false, what});
    write(address, value);
  }
  void run(Probe &probe) {
    probe.run(writes);
    writes.clear();
  }
};

// lines: the value of ICTR.
void mask_interrupts(Probe &probe, Changes &changes, std::uint32_t lines) {
  constexpr std::size_t most = 16;  // 480 interrupts; ARMv7-M has 240 at most
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
    changes.undo.push_back(
        {nvic_iser + static_cast<std::uint32_t>(4 * word), enabled, false, "interrupt enables"});
  }
  for (const std::uint32_t first : {nvic_icer, nvic_icpr}) {
    for (std::uint32_t word = 0; word < words; ++word) changes.write(first + 4 * word, all_ones);
  }
  changes.write(icsr, icsr_pendstclr | icsr_pendsvclr);
}

void append_clearing_of_faults(const Core &core, std::vector<Access> &writes) {
  writes.push_back(Access::write(dfsr, dfsr_all));
  if (!core.fault_registers) return;
  writes.push_back(Access::write(cfsr, all_ones));
  writes.push_back(Access::write(hfsr, all_ones));
  if (core.security) writes.push_back(Access::write(sfsr, all_ones));
}

// The fields of AIRCR that a write must not change.
std::uint32_t kept_fields(Architecture architecture) {
  constexpr std::uint32_t prigroup = 7U << 8;
  constexpr std::uint32_t pris = 1U << 14, bfhfnmins = 1U << 13, sysresetreqs = 1U << 3;
  switch (architecture) {
    case Architecture::v6m:
      return 0;
    case Architecture::v7m:
      return prigroup;
    case Architecture::v8m_baseline:
      return pris | bfhfnmins | sysresetreqs;
    case Architecture::v8m_mainline:
      return pris | bfhfnmins | sysresetreqs | prigroup;
  }
  return 0;
}

std::uint32_t caught_faults(const Core &core) {
  constexpr std::uint32_t vc_sferr = 1U << 11;
  return demcr_vc_harderr | (core.fault_registers ? demcr_vc_buserr : 0U) |
         (core.fault_registers && core.security ? vc_sferr : 0U);
}

// Writes the data cache back and empties it, set by set: it may hold what the old firmware wrote.
// Only a cache that is in use: the tags of another are random. ARMv7-M ARM, B2.2.
void clean_data_cache(Probe &probe) {
  probe.write_word(csselr, 0);  // level 1, data
  const std::uint32_t shape = probe.read_word(ccsidr);
  const std::uint32_t line_bits = (shape & 7) + 4;
  const std::uint32_t last_way = shape >> 3 & 0x3FF, last_set = shape >> 13 & 0x7FFF;
  const auto way_shift = static_cast<unsigned>(std::countl_zero(last_way));
  std::vector<Access> accesses;
  for (std::uint32_t way = 0; way <= last_way; ++way) {
    accesses.clear();
    for (std::uint32_t set = 0; set <= last_set; ++set) {
      const std::uint32_t in_way = last_way == 0 ? 0 : way << way_shift;
      accesses.push_back(Access::write(dccisw, in_way | set << line_bits));
    }
    probe.run(accesses);
  }
}

// What the probe writes would not be what the core sees.
void turn_caches_off(Probe &probe, Changes &changes, std::uint32_t configuration) {
  if ((configuration & ccr_caches) != 0) {
    // Before the caches are turned on again: the instruction cache knows the old flash.
    changes.undo.push_back({iciallu, 0, false, "instruction cache"});
  }
  if ((configuration & ccr_data_cache) != 0) {
    changes.run(probe);
    clean_data_cache(probe);
  }
  changes.write(iciallu, 0);
}

// A limit above the loader's stack would stop it with a UsageFault. ARMv8-M ARM, B3.21.
void clear_stack_limits(Probe &probe, UndoLog &undo, const Core &core) {
  constexpr std::uint32_t msplim_s = 0x1C, psplim_s = 0x1D, msplim_ns = 0x1E, psplim_ns = 0x1F;
  const auto clear = [&](std::uint32_t selector) {
    std::array look{Access::write(dcrsr, selector), Access::read(dhcsr), Access::read(dcrdr)};
    probe.run(look);
    const std::uint32_t limit = look[2].value;
    if ((look[1].value & dhcsr_s_regrdy) == 0 || limit == 0) return;
    // Undone in reverse: first the value, then the register that it is for.
    undo.push_back({dcrsr, dcrsr_write | selector, false, "stack limit"});
    undo.push_back({dcrdr, limit, false, "stack limit"});
    std::array clearing{Access::write(dcrdr, 0), Access::write(dcrsr, dcrsr_write | selector)};
    probe.run(clearing);
  };
  if (core.security) {
    clear(msplim_s);
    clear(psplim_s);
  }
  if (core.architecture == Architecture::v8m_mainline) {
    clear(msplim_ns);
    clear(psplim_ns);
  }
}

}  // namespace

void save_debug_state(Probe &probe, UndoLog &undo) {
  const std::uint32_t found = probe.read_word(demcr);
  undo.push_back({dhcsr, dhcsr_key, true, "debug enable"});
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

namespace {

// Whether the core is as a reset leaves it, by what would have to be put right otherwise.
bool is_fresh(const RegisterBlock &system, const Core &core) {
  constexpr std::uint32_t active_or_pending = 0x1FF | 1U << 26 | 1U << 28;
  if ((system.at(icsr) & active_or_pending) != 0 || system.at(shcsr) != 0) return false;
  if (!core.fault_registers) return true;
  const bool no_faults = system.at(cfsr) == 0 && system.at(hfsr) == 0;
  return no_faults && (system.at(ccr) & (ccr_unalign_trp | (core.caches ? ccr_caches : 0))) == 0;
}

// No system reset changes it.
void turn_breakpoints_off(Changes &changes, std::uint32_t found) {
  if ((found & fp_ctrl_enable) == 0) return;
  changes.undo.push_back({fp_ctrl, fp_ctrl_enable | fp_ctrl_key, true, "breakpoint unit"});
  changes.write(fp_ctrl, fp_ctrl_key);
}

void quiet_down(Probe &probe, const RegisterBlock &system, const Core &core, Changes &changes) {
  const std::uint32_t priorities = system.at(aircr), handlers = system.at(shcsr),
                      configuration = system.at(ccr);
  const auto [tick, lines, mpu, breakpoints] =
      read_words<4>(probe, {syst_csr, ictr, mpu_ctrl, fp_ctrl});
  changes.change(syst_csr, tick & syst_csr_settings, 0, "SysTick");
  mask_interrupts(probe, changes, lines);
  // Writing IPSR alone would leave the exception active in the NVIC.
  changes.write(aircr,
                aircr_key | (priorities & kept_fields(core.architecture)) | aircr_vectclractive);
  if (handlers != 0) {
    changes.undo.push_back({shcsr, handlers & shcsr_enables, false, "fault handlers"});
    changes.write(shcsr, 0);
  }
  changes.change(mpu_ctrl, mpu, 0, "memory protection unit");
  if (core.fault_registers) {
    const std::uint32_t off = ccr_unalign_trp | (core.caches ? ccr_caches : 0U);
    changes.change(ccr, configuration, configuration & ~off, "alignment trap and caches");
    if (core.caches) turn_caches_off(probe, changes, configuration);
  }
  turn_breakpoints_off(changes, breakpoints);
  append_clearing_of_faults(core, changes.writes);
  changes.run(probe);
  clear_stack_limits(probe, changes.undo, core);
  probe.write_registers(fresh_thread);
}

}  // namespace

Core quiesce(Probe &probe, UndoLog &undo, Found found) {
  if (found == Found::running) probe.halt();
  RegisterBlock system(probe, cpuid, hfsr);
  const Core core = core_of(probe, system.at(cpuid));
  Changes changes{{}, undo};
  if (found == Found::just_reset && is_fresh(system, core)) {
    turn_breakpoints_off(changes, probe.read_word(fp_ctrl));
    changes.run(probe);
  } else {
    if (found == Found::just_reset) {
      probe.halt();  // it may not be halted, either
      system = RegisterBlock(probe, cpuid, hfsr);
    }
    quiet_down(probe, system, core, changes);
  }
  if (core.vector_table_offset) undo.push_back({vtor, system.at(vtor), false, "vector table"});
  return core;
}

namespace {

// False if not all could be written: which is not known.
bool write_all(Probe &probe, std::span<const UndoStep> steps) {
  std::vector<Access> writes;
  for (const UndoStep &step : steps) writes.push_back(Access::write(step.address, step.value));
  try {
    probe.run(writes);
    return true;
  } catch (const std::exception &) {
    return false;
  }
}

// Arms the vector catch, sets up the state of a fresh thread and these registers, and runs.
// vectors: a vector table; 0: that which is set.
void run_thread(Probe &probe, const Core &core, std::uint32_t vectors,
                std::span<const RegisterValue> more) {
  std::vector<Access> writes;
  if (vectors != 0 && core.vector_table_offset) writes.push_back(Access::write(vtor, vectors));
  writes.push_back(Access::write(demcr, demcr_trcena | demcr_vc_corereset | caught_faults(core)));
  if (core.caches) writes.push_back(Access::write(iciallu, 0));
  probe.run(writes);
  std::vector<RegisterValue> registers(fresh_thread.begin(), fresh_thread.end());
  registers.insert(registers.end(), more.begin(), more.end());
  probe.write_registers(registers);
  probe.resume();
}

RegisterValue main_stack(std::uint32_t top) {
  return {CoreRegister::msp, top & ~7U};
}

}  // namespace

void start(Probe &probe, const StartState &state) {
  std::vector<RegisterValue> registers{main_stack(state.stack)};
  if (state.r0) registers.push_back({CoreRegister::r0, *state.r0});
  if (state.r9) registers.push_back({CoreRegister::r9, *state.r9});
  registers.push_back({CoreRegister::pc, state.pc & ~1U});
  run_thread(probe, state.core ? *state.core : identify(probe), state.vectors, registers);
}

std::uint32_t call_function(Probe &probe, const FunctionCall &call, Nanoseconds limit) {
  constexpr Nanoseconds interval = std::chrono::microseconds(500);
  const Core core = identify(probe);
  std::vector<Access> clearing;  // an earlier call may have left faults
  append_clearing_of_faults(core, clearing);
  probe.run(clearing);
  const std::array registers{
      main_stack(call.stack),
      RegisterValue{CoreRegister::r0, call.arguments[0]},
      RegisterValue{CoreRegister::r1, call.arguments[1]},
      RegisterValue{CoreRegister::r2, call.arguments[2]},
      RegisterValue{CoreRegister::r3, call.arguments[3]},
      RegisterValue{CoreRegister::r9, call.r9},
      RegisterValue{CoreRegister::lr, call.breakpoint | 1},
      RegisterValue{CoreRegister::pc, call.function & ~1U},
  };
  run_thread(probe, core, 0, registers);
  CoreState state = CoreState::running;
  const bool stopped = wait_until(probe, limit, interval, [&] {
    state = probe.state();
    return state == CoreState::halted || state == CoreState::lockup;
  });
  const std::string name = fmt::format("the function at {}", hex(call.function & ~1U));
  if (!stopped) {
    const CoreReport report = observe(probe);
    throw Error(Errc::timeout, fmt::format("{} has not returned within {}: {}", name,
                                           format_duration(limit), describe(report, call.ram)));
  }
  if (state == CoreState::halted &&
      probe.read_register(CoreRegister::pc) == (call.breakpoint & ~1U)) {
    return probe.read_register(CoreRegister::r0);
  }
  const CoreReport report = observe(probe);
  throw Error(Errc::target, fmt::format("{} did not return: {}", name, describe(report, call.ram)));
}

std::string restore(Probe &probe, const UndoLog &undo, bool after_reset) noexcept {
  try {
    UndoLog steps;  // in the order in which they are done
    std::ranges::copy_if(undo | std::views::reverse, std::back_inserter(steps),
                         [&](const UndoStep &step) { return !after_reset || step.survives_reset; });
    std::string failed;
    // Then the core needs a moment for each register, or is looked at.
    const auto together = std::ranges::find_if(
        steps, [](const UndoStep &step) { return step.address == dcrdr || step.address == dhcsr; });
    const bool done = write_all(probe, {steps.begin(), together});
    for (auto step = done ? together : steps.begin(); step != steps.end(); ++step) {
      try {
        if (step->address == dhcsr && (probe.read_word(dhcsr) & dhcsr_s_halt) != 0) continue;
        probe.write_word(step->address, step->value);
      } catch (const std::exception &error) {
        failed += fmt::format("{}{} ({}): {}", failed.empty() ? "" : "; ", step->what,
                              hex(step->address), error.what());
        const auto *ours = dynamic_cast<const Error *>(&error);
        // Without a connection each further step would only run into its timeout.
        if (ours != nullptr && ours->code() == Errc::probe) {
          const auto left = steps.end() - step;
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
  std::array look{Access::write(dfsr, dfsr_all), Access::read(dhcsr)};
  probe.run(look);
  const std::uint32_t status = look[1].value;
  std::vector<Access> writes;
  if ((status & dhcsr_s_halt) != 0 && (status & dhcsr_maskints) != 0) {
    writes.push_back(Access::write(dhcsr, dhcsr_key | dhcsr_debugen | dhcsr_halt));
  }
  if ((status & dhcsr_s_halt) != 0) {
    writes.push_back(Access::write(dhcsr, dhcsr_key | dhcsr_debugen));
  }
  writes.push_back(Access::write(dhcsr, dhcsr_key));
  probe.run(writes);
}

}  // namespace flashhost::cortex_m
