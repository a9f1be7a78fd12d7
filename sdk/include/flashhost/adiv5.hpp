// ADIv5: a target behind a probe that gives raw access to its debug port (DP) and access ports
// (AP). The maker of such a probe writes a Wire; DapProbe makes a Probe of it. Section numbers are
// those of the Arm Debug Interface Architecture Specification, ADIv5.0 to ADIv5.2 (IHI 0031).
#pragma once

#include <flashhost/types.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace flashhost::adiv5 {

// One access to a register of the DP, or of the AP and bank that DP SELECT has chosen.
struct Operation {
  enum class Kind : std::uint8_t { read_dp, write_dp, read_ap, write_ap };
  Kind kind = Kind::read_dp;
  std::uint8_t address = 0;  // of the register in its bank, A[3:2]: 0x0, 0x4, 0x8 or 0xC
  std::uint32_t value = 0;   // what to write, or what was read
  // Order::loose treats it like an access to DRW: what follows it may be done although it failed.
  bool may_fail = false;
  friend bool operator==(const Operation &, const Operation &) = default;

  [[nodiscard]] static Operation read_dp(std::uint8_t address) { return {Kind::read_dp, address}; }
  [[nodiscard]] static Operation write_dp(std::uint8_t address, std::uint32_t value) {
    return {Kind::write_dp, address, value};
  }
  [[nodiscard]] static Operation read_ap(std::uint8_t address) { return {Kind::read_ap, address}; }
  [[nodiscard]] static Operation write_ap(std::uint8_t address, std::uint32_t value) {
    return {Kind::write_ap, address, value};
  }
};

// How the target answered (B4.2.5).
enum class Ack : std::uint8_t {
  ok,
  wait,    // it could not take the operation yet, however often it was asked
  fault,   // a sticky error flag is set: an earlier operation failed
  none,    // it does not answer: no target, no supply, or it is out of step on the line
  parity,  // a value was damaged on the line
};

// How a transfer ended.
struct Outcome {
  Ack ack = Ack::ok;
  // Operations that are over as far as the target's answers tell: acknowledged, and for reads the
  // value has come. Accesses to an AP are posted: where ack is fault, the write before operation
  // `done` may be the one that failed on the target's bus.
  std::size_t done = 0;
  friend bool operator==(const Outcome &, const Outcome &) = default;
};

// What a transfer may do after an operation that failed.
enum class Order : std::uint8_t {
  strict,  // nothing more
  // Operations that follow an access to DRW (register 0xC of the AP), or one with may_fail, may be
  // done although that one failed: they were under way, and the caller repeats them. Nothing behind
  // another operation may be done unless that was acknowledged.
  loose,
};

struct WireInfo {
  std::string product;                   // "ACME Link"
  std::string serial;                    // as `list probes` shows it
  std::string firmware;                  // "2.1"; empty: it has none
  std::optional<int> target_millivolts;  // empty: not measured
};

// The wires to one target: SWDIO, SWCLK, NRST. For one thread at a time.
//
// Every method throws Errc::probe when the probe is lost: gone, out of step, or silent. From then
// on all of them throw that at once, until connect has found it again; only info, now and sleep go
// on. No call blocks for more than about 5 s.
//
// Destroying it lets go of NRST and closes the probe.
class Wire {
 public:
  Wire() = default;
  Wire(const Wire &) = delete;
  Wire &operator=(const Wire &) = delete;
  virtual ~Wire() = default;

  [[nodiscard]] virtual WireInfo info() = 0;
  // Makes the probe drive the wires in SWD mode, with NRST released. Sends nothing to the target.
  // Opens the probe again if it is lost; waits for it for a bounded time. Throws Errc::probe while
  // it is not back.
  virtual void connect() = 0;
  // Sets the fastest SWD clock that the probe has and that is not above hertz, or its slowest.
  // Returns the clock in use; empty: the probe does not tell.
  virtual std::optional<std::uint32_t> set_clock(std::uint32_t hertz) = 0;
  // Clocks out the first `bits` bits of data on SWDIO, the lowest bit of each byte first (line
  // reset, the switch from JTAG to SWD: B5.2).
  virtual void sequence(std::span<const std::uint8_t> data, std::size_t bits) = 0;
  // Drives NRST low, or lets it go. Whether the wire reaches the chip is not known.
  virtual void drive_nrst(bool low) = 0;
  // Does the operations one after the other, up to the first that the target does not acknowledge,
  // and fills in what was read: an AP read gets its own value, the wire sees to the delay of posted
  // reads (RDBUFF). When it returns ok, the last write to an AP is complete as well.
  //
  // Repeats an operation that was answered WAIT, for some milliseconds. Repeats nothing else, and
  // clears no error flag: that is the caller's.
  [[nodiscard]] virtual Outcome transfer(std::span<Operation> operations, Order order) = 0;

  // Monotonic; the real clock by default. A simulated probe has a simulated one.
  [[nodiscard]] virtual Nanoseconds now();
  virtual void sleep(Nanoseconds time);
};

}  // namespace flashhost::adiv5
