// The debug port of the simulated target, one SWD transfer at a time: for models of probes that
// give raw access to it, such as CMSIS-DAP.
#pragma once

#include <flashhost/machine/target.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace flashhost::machine {

// APnDP and A[3:2] of a transfer, and its direction.
struct SwdRequest {
  bool access_port = false;
  bool read = false;
  std::uint8_t address = 0;  // 0x0, 0x4, 0x8, 0xC
};

// SWD clocks of a transfer, and of one that is answered with WAIT or FAULT: eight of the request,
// three of the acknowledge, 33 of the data, two turnarounds.
inline constexpr std::uint32_t swd_transfer_bits = 46;
inline constexpr std::uint32_t swd_refused_bits = 13;

// What the target does on its side of the line.
enum class SwdAck : std::uint8_t {
  ok,
  wait,
  fault,
  none,    // nobody drives the line: no target, no supply, or it waits for a line reset
  parity,  // of a read: the value was damaged on the line
};

// Counted in transfers, from 1; 0: never.
struct SwdLineFaults {
  std::uint64_t parity_at = 0;  // a read: Ack parity; a write: the target sets WDATAERR
  std::uint64_t silent_at = 0;  // one transfer is not seen by the target
  std::uint64_t wait_at = 0;
  std::uint64_t waits = 3;                // transfers in sequence
  std::uint32_t unreliable_above_hz = 0;  // long wires: parity errors above this clock; 0: none
};

struct DebugPortConfig {
  std::uint8_t access_port = 0;      // APSEL of the core's MEM-AP; the others read as zero
  std::uint32_t increment = 0x1000;  // bytes after which TAR's increment goes back to the start
  SwdLineFaults faults = {};         // NOLINT(readability-redundant-member-init)
  std::uint64_t seed = 1;
};

// SWJ-DP (version 1) and MEM-AP on top of a target (docs/reference/cmsis-dap-and-adiv5.md, sections
// 5 to 7). It starts in JTAG mode, where it answers nothing, and again whenever the target gets
// power. Reads of an AP are posted: each gives the value of the one before. An access to memory is
// made at the end of its transfer; while the bus is stalled, it is made by the first later transfer
// that finds the bus free. Each call takes the time of its bits at the clock. [one
// thread] target must outlive it.
class DebugPort {
 public:
  DebugPort(Target &target, const DebugPortConfig &config);
  ~DebugPort();
  DebugPort(const DebugPort &) = delete;
  DebugPort &operator=(const DebugPort &) = delete;

  void set_clock(std::uint32_t hertz);           // not 0; 1 MHz until then
  void set_faults(const SwdLineFaults &faults);  // counted from the next transfer on
  // SWDIO as driven by the probe, lowest bit of each byte first. Requests cannot be made so: the
  // port takes one for a protocol error.
  void sequence(std::span<const std::uint8_t> data, std::size_t bits);
  // value: what is written, or what was read.
  [[nodiscard]] SwdAck transfer(SwdRequest request, std::uint32_t &value);

  [[nodiscard]] std::uint64_t transfers() const;  // all, those without an answer among them
  // What a debugger did that hardware leaves undefined: each is a bug of the debugger.
  [[nodiscard]] const std::vector<std::string> &notes() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace flashhost::machine
