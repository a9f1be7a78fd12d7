// Probe: an open session with one target. Every class here is for one thread at a time.
#pragma once

#include <flashhost/types.hpp>

#include <optional>
#include <span>
#include <string>

namespace flashhost {

// Access width on the target's bus. automatic: the widest that address and length allow. With a
// fixed width address and length must be multiples of it (Errc::internal otherwise).
enum class Width : std::uint8_t { automatic = 0, byte = 1, half = 2, word = 4 };

enum class AttachMode : std::uint8_t {
  attach,       // without reset; the core goes on as it was
  under_reset,  // connect while NRST is low; afterwards the core is halted at its reset vector, or
                // it throws
};

enum class ResetMode : std::uint8_t {
  pin,  // pulse NRST. Whether the target saw it is the caller's to check: the pin may not be wired
  system,  // AIRCR.SYSRESETREQ
};

enum class CoreState : std::uint8_t { running, halted, sleeping, lockup, in_reset };

// DCRSR.REGSEL numbers (ARMv7-M ARM, C1.6.3).
enum class CoreRegister : std::uint8_t {
  r0,
  r1,
  r2,
  r3,
  r4,
  r5,
  r6,
  r7,
  r8,
  r9,
  r10,
  r11,
  r12,
  sp,
  lr,
  pc,
  xpsr,
  msp,
  psp,
  control_faultmask_basepri_primask = 20,
};

// For Probe::write_registers.
struct RegisterValue {
  CoreRegister which = CoreRegister::r0;
  std::uint32_t value = 0;
};

// One access to a register, for Probe::run.
struct Access {
  enum class Kind : std::uint8_t { read, write };
  Kind kind = Kind::read;
  Width width = Width::word;  // not automatic
  std::uint32_t address = 0;
  std::uint32_t value = 0;  // what to write, or what was read
  friend bool operator==(const Access &, const Access &) = default;

  [[nodiscard]] static Access read(std::uint32_t address, Width width = Width::word) {
    return {Kind::read, width, address, 0};
  }
  [[nodiscard]] static Access write(std::uint32_t address, std::uint32_t value,
                                    Width width = Width::word) {
    return {Kind::write, width, address, value};
  }
};

struct ProbeInfo {
  std::string product;   // "ACME Link"
  std::string serial;    // as `list probes` shows it
  std::string firmware;  // "2.37"; empty when it has none
  // The target's supply as measured; empty: not measured, or implausible. Where the board file sets
  // transport.voltage, the host puts that here instead.
  std::optional<int> target_millivolts;
  std::optional<std::uint32_t> debug_port_id;  // DPIDR
  std::optional<std::uint32_t> speed_hz;       // SWD clock in use; empty: not known
  bool halfword_access = true;                 // 16-bit memory accesses are possible
};

// The part of a Probe that changes nothing on the target. Families identify chips through it.
class ProbeReader {
 public:
  ProbeReader() = default;
  ProbeReader(const ProbeReader &) = delete;
  ProbeReader &operator=(const ProbeReader &) = delete;
  virtual ~ProbeReader() = default;

  [[nodiscard]] virtual ProbeInfo info() = 0;
  [[nodiscard]] virtual CoreState state() = 0;
  // Fills out. Throws Errc::memory_fault naming the first address that the target refused; what was
  // read up to there is undefined.
  virtual void read_memory(std::uint32_t address, std::span<std::uint8_t> out,
                           Width width = Width::automatic) = 0;
  // Only while halted; Errc::target otherwise.
  [[nodiscard]] virtual std::uint32_t read_register(CoreRegister which) = 0;

  // The probe's clock, monotonic. All waiting in host and families goes through it, since a
  // simulated probe has a simulated clock.
  [[nodiscard]] virtual Nanoseconds now() = 0;
  virtual void sleep(Nanoseconds time) = 0;

  // Little-endian word, one 32-bit access.
  [[nodiscard]] std::uint32_t read_word(std::uint32_t address);
  [[nodiscard]] std::uint16_t read_half(std::uint32_t address);
};

// Raw accesses to the target's debug port (DP) and access ports (AP), for chips that are unlocked
// or erased through an AP of their vendor (Arm IHI 0031). address: of the register, with its bank
// in the upper four bits, also of the DP (0x24 is TARGETID); it is selected as needed. They work as
// soon as the debug port answers, also when attach has found no core behind it. Throw as Probe's
// methods do: Errc::target when the access port refuses an access.
class RawDebugPort {
 public:
  RawDebugPort() = default;
  RawDebugPort(const RawDebugPort &) = delete;
  RawDebugPort &operator=(const RawDebugPort &) = delete;
  virtual ~RawDebugPort() = default;

  [[nodiscard]] virtual std::uint32_t read_dp(std::uint8_t address) = 0;
  virtual void write_dp(std::uint8_t address, std::uint32_t value) = 0;
  [[nodiscard]] virtual std::uint32_t read_ap(std::uint8_t access_port, std::uint8_t address) = 0;
  virtual void write_ap(std::uint8_t access_port, std::uint8_t address, std::uint32_t value) = 0;
};

// Every call either does what it says, or throws. Which error decides what the host does next:
//
// - Errc::probe: the target cannot be reached any more: the probe is gone, or the target does not
//   answer it at all. The host attaches again.
// - Errc::target, from attach: the probe is there, but the target does not answer. The host then
//   tries under reset. cortex_m::no_answer makes the text.
// - Errc::target, from other calls: the target answers, but cannot do this now (the core is not
//   halted, the bus stays busy). Attaching again would not change that.
// - Errc::memory_fault: the target refused one access. The connection is fine.
// - Errc::timeout: the core did not halt in time.
// - Errc::refused: this probe cannot do it at all (16-bit accesses, see ProbeInfo). The host does
// not
//   try again.
// - Errc::internal: the caller's mistake, such as an address that does not fit the width.
//
// Bounded retries of transient line errors (WAIT, parity) are the transport's; no call blocks for
// more than about 5 s.
//
// A probe can get lost: from the call that notices it on, all calls throw Errc::probe at once,
// until attach has found it again; only now and sleep go on. A target that does not answer, as for
// a moment after a reset, may be tried again. A call that throws may have reached the target.
//
// Destroying the object lets go of NRST and leaves the target as it is: running or halted.
class Probe : public ProbeReader {
 public:
  // May be called again, also after a call threw Errc::probe: a transport that can opens the same
  // probe (same serial, other bus address) once more, and waits for it for a bounded time. The
  // target may have run on, been reset or lost its supply meanwhile: that is the caller's to find
  // out. Throws Errc::probe while the probe is not back; the caller may try again.
  virtual void attach(AttachMode mode) = 0;
  // Returns when the reset was asked for: the target may still be in reset, or not answer for a
  // moment. What the core does then is up to DEMCR.VC_CORERESET, which the caller sets: it halts at
  // its reset vector or runs. A transport changes neither.
  virtual void reset(ResetMode mode) = 0;
  // Returns when the core is halted; halted already is fine. Errc::timeout.
  virtual void halt() = 0;
  // Clears DFSR and runs, with interrupts on. A running core goes on.
  virtual void resume() = 0;
  // Writes at ascending addresses; when it returns, the target has taken every byte. Throws
  // Errc::memory_fault naming the first address that the target refused; everything below that
  // address was written, nothing above it.
  virtual void write_memory(std::uint32_t address, std::span<const std::uint8_t> data,
                            Width width = Width::automatic) = 0;
  // Only while halted; Errc::target otherwise.
  virtual void write_register(CoreRegister which, std::uint32_t value) = 0;
  // Does the accesses one after the other and fills in what was read. Throws what a single access
  // would throw: the accesses before that one were done, and their values are filled in; those
  // after it were not done. The default makes one call per access; a probe with slow round trips
  // overrides this and does many accesses in one.
  virtual void run(std::span<Access> accesses);
  // Writes core registers one after the other. Throws what write_register would throw; then it is
  // not known which of them were written. The default makes one call per register; a probe with
  // slow round trips overrides this, too.
  virtual void write_registers(std::span<const RegisterValue> values);
  // Null: the probe cannot do that. Lives as long as the Probe.
  [[nodiscard]] virtual RawDebugPort *raw_debug_port() { return nullptr; }

  void write_word(std::uint32_t address, std::uint32_t value);
  void write_half(std::uint32_t address, std::uint16_t value);
};

}  // namespace flashhost
