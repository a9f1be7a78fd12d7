// What every Cortex-M shares: debug registers, quiescing, starting code, decoding faults. ARMv7-M
// ARM, C1; ARMv6-M ARM, C1; ARMv8-M ARM, B13. Only registers that the core has are written.
#pragma once

#include <flashhost/error.hpp>
#include <flashhost/family.hpp>
#include <flashhost/probe.hpp>

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace flashhost::cortex_m {

inline constexpr std::uint32_t cpuid = 0xE000ED00, icsr = 0xE000ED04, vtor = 0xE000ED08,
                               aircr = 0xE000ED0C, scr = 0xE000ED10, ccr = 0xE000ED14,
                               shcsr = 0xE000ED24, cfsr = 0xE000ED28, hfsr = 0xE000ED2C,
                               dfsr = 0xE000ED30, mmfar = 0xE000ED34, bfar = 0xE000ED38,
                               mpu_ctrl = 0xE000ED94, syst_csr = 0xE000E010, nvic_iser = 0xE000E100,
                               nvic_icer = 0xE000E180, nvic_icpr = 0xE000E280, dhcsr = 0xE000EDF0,
                               dcrsr = 0xE000EDF4, dcrdr = 0xE000EDF8, demcr = 0xE000EDFC,
                               fp_ctrl = 0xE0002000;
// ARMv8-M with the security extension.
inline constexpr std::uint32_t sfsr = 0xE000EDE4, sfar = 0xE000EDE8;
// Cores with caches, such as the Cortex-M7.
inline constexpr std::uint32_t clidr = 0xE000ED78, ccsidr = 0xE000ED80, csselr = 0xE000ED84,
                               iciallu = 0xE000EF50, dccisw = 0xE000EF74;
inline constexpr std::uint32_t dhcsr_key = 0xA05F0000, dhcsr_debugen = 1U << 0,
                               dhcsr_halt = 1U << 1, dhcsr_s_regrdy = 1U << 16,
                               dhcsr_s_halt = 1U << 17, dhcsr_s_sleep = 1U << 18,
                               dhcsr_s_lockup = 1U << 19, dhcsr_s_reset = 1U << 25;
inline constexpr std::uint32_t dcrsr_write = 1U << 16;
inline constexpr std::uint32_t demcr_vc_corereset = 1U << 0, demcr_vc_buserr = 1U << 8,
                               demcr_vc_harderr = 1U << 10, demcr_trcena = 1U << 24;

enum class Architecture : std::uint8_t { v6m, v7m, v8m_baseline, v8m_mainline };

// What a core has of what not every Cortex-M has.
struct Core {
  std::uint32_t id = 0;  // CPUID
  Architecture architecture = Architecture::v7m;
  bool vector_table_offset = true;  // VTOR; false: none. A Cortex-M0+ or M23 may still lack it.
  bool fault_registers = true;      // CFSR, HFSR, MMFAR, BFAR, and a CCR that can be written
  bool security = false;            // the security extension of ARMv8-M: SFSR, SFAR
  bool caches = false;              // L1 caches
  friend bool operator==(const Core &, const Core &) = default;

  // "Cortex-M0+", or "ARMv6-M core" for a part that is not known by name.
  [[nodiscard]] std::string name() const;
};
// Reads CPUID, and what CPUID leaves open.
[[nodiscard]] Core identify(Probe &probe);

// A Probe that reaches the core through memory-mapped debug registers alone: a transport that can
// read and write memory derives from it and gets halt, resume, state, SYSRESETREQ and core
// registers; it overrides what its hardware does better.
class DebugProbe : public Probe {
 public:
  [[nodiscard]] CoreState state() override;
  void halt() override;
  void resume() override;
  [[nodiscard]] std::uint32_t read_register(CoreRegister which) override;
  void write_register(CoreRegister which, std::uint32_t value) override;
  void reset(ResetMode mode) override;  // system here; pin calls pulse_reset_pin

 protected:
  virtual void pulse_reset_pin() = 0;
  // Throws Errc::target unless this value of DHCSR says that the core is halted. To be called
  // before a core register is read or written.
  static void require_halted(std::uint32_t status);
  // Last step of connecting under reset, with the debug port connected and NRST held low. Arms the
  // vector catch, calls release, which must release NRST, and returns with the core halted at its
  // reset vector. Errc::target when the target was not reset or did not stop.
  void halt_at_release(const std::function<void()> &release);
};

// The error (Errc::target) for a target that does not answer on SWD. detail: what the transport
// knows about it, for the message; may be empty.
[[nodiscard]] Error no_answer(AttachMode tried, std::string_view detail = {});

// What a core looked like when something went wrong. Reading it halts the core.
struct CoreReport {
  Core core;
  CoreState before = CoreState::running;  // state when it was found
  std::uint32_t pc = 0, lr = 0, sp = 0, xpsr = 0, special = 0;
  std::uint32_t dhcsr = 0, dfsr = 0;
  std::uint32_t cfsr = 0, hfsr = 0, mmfar = 0, bfar = 0;  // 0 where the core has none
  std::uint32_t sfsr = 0, sfar = 0;                       // 0 where the core has none
  bool was_reset = false;                                 // DHCSR.S_RESET_ST
  // The instruction that an exception interrupted, from its stack frame; 0: no plausible frame.
  std::uint32_t interrupted_pc = 0;
  // What is in memory there; empty: could not be read.
  std::optional<std::uint16_t> instruction;
  friend bool operator==(const CoreReport &, const CoreReport &) = default;
};
[[nodiscard]] CoreReport observe(Probe &probe);
// One sentence for people: "HardFault at 0x20000124: precise bus fault reading 0x40022100". ram: of
// the code that should run; needed where it is below 0x20000000.
[[nodiscard]] std::string describe(const CoreReport &report, MemoryRange ram = {});
// All registers in words, several lines, for -v.
[[nodiscard]] std::string dump(const CoreReport &report);

// Appends undo steps for the debug registers that no system reset clears: DEMCR and
// DHCSR.C_DEBUGEN. Call it before anything else is appended: its step for DHCSR turns C_DEBUGEN off
// and must be the last that restore applies.
void save_debug_state(Probe &probe, UndoLog &undo);

enum class ResetWay : std::uint8_t { pin, system };
// Resets the target and stops it at its reset vector by VC_CORERESET. Pulses NRST; when the target
// did not see the pulse, uses SYSRESETREQ. S_RESET_ST or VCATCH must show the reset, and the core
// must be halted with VCATCH set. DEMCR.VC_CORERESET stays set, and no other vector catch is.
// Errc::target when neither works.
[[nodiscard]] ResetWay reset_and_halt(Probe &probe);

// Halts the core where it is. From now on a reset, for example by a watchdog, stops at the reset
// vector, and nothing else is caught.
void halt_catching_reset(Probe &probe);

// Brings the core to a quiet state without a reset: halts it, leaves any exception (VECTCLRACTIVE),
// masks and clears interrupts, turns SysTick, MPU, breakpoints and L1 caches off, sets the stack
// limits of ARMv8-M to zero, clears faults, sets PRIMASK. Appends its changes to undo. found:
// just_reset when reset_and_halt has just returned: then the core is halted, and what every reset
// does is not done once more, unless the core looks as if it had not been reset; PRIMASK stays
// clear. Returns what core it is.
enum class Found : std::uint8_t { running, just_reset };
Core quiesce(Probe &probe, UndoLog &undo, Found found = Found::running);

struct StartState {
  std::uint32_t pc = 0;  // Thumb bit ignored
  std::uint32_t stack = 0;
  std::uint32_t vectors = 0;  // for VTOR; 0, or no VTOR: not written
  // Empty: as it was.
  std::optional<std::uint32_t> r0 = std::nullopt, r9 = std::nullopt;
  std::optional<Core> core = std::nullopt;  // as quiesce has found it; empty: it is read again
};
// Lets the core run from this state, in thread mode, privileged, with MSP, xPSR = T only, PRIMASK
// set. Arms the vector catch on faults and reset. What the instruction cache knew of the code's
// place is discarded. Call quiesce before.
void start(Probe &probe, const StartState &state);

// A function on the target, called once. Its code, a BKPT instruction and the stack are in RAM.
struct FunctionCall {
  std::uint32_t function = 0;    // Thumb bit ignored
  std::uint32_t breakpoint = 0;  // of the BKPT instruction that it returns to
  std::uint32_t stack = 0;       // its top
  std::uint32_t r9 = 0;
  std::array<std::uint32_t, 4> arguments{};  // r0 to r3
  MemoryRange ram;  // that all of it lies in, for messages; needed where it is below 0x20000000
};
// Calls it as start does, and waits until it has returned; the core is halted then. Returns r0.
// Errc::timeout, with the core halted, when it has not returned within the limit; Errc::target when
// the core stopped somewhere else. Call quiesce before.
[[nodiscard]] std::uint32_t call_function(Probe &probe, const FunctionCall &call,
                                          Nanoseconds limit);

// Applies undo in reverse. after_reset: only the steps that survive a reset. Never throws: returns
// what could not be written, empty when all was. A halted core stays halted: then the step for
// DHCSR is left out, since without C_DEBUGEN the core would run.
[[nodiscard]] std::string restore(Probe &probe, const UndoLog &undo, bool after_reset) noexcept;

// Lets the core run and takes the debugger off it (DFSR cleared, C_HALT, C_MASKINTS and C_DEBUGEN
// off). The last call, after restore, when the core is to be left running.
void release(Probe &probe);

}  // namespace flashhost::cortex_m
