// Faults of the probe, by name: on USB and on SWD. For transport-sim and for the virtual probes.
#pragma once

#include <flashhost/machine/target.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace flashhost::sim {

// Counts start at 1; 0: never. On USB, transport-sim counts commands with their replies, the
// virtual probes count bulk (and HID) transfers; on SWD both count memory commands, but the virtual
// CMSIS-DAP probe SWD transfers.
struct UsbFaults {
  std::uint64_t unplug_at = 0;
  std::optional<machine::Nanoseconds> replug_after;
  std::uint64_t stall_at = 0;
  std::uint64_t short_reply_at = 0;
  std::uint64_t garbage_reply_at = 0;
  std::uint64_t no_reply_at = 0;
  std::uint64_t late_reply_at = 0;
  machine::Nanoseconds late_by{};
  bool busy = false;
  bool no_permission = false;
};

struct SwdFaults {
  static constexpr std::uint64_t usual_waits = 3;
  std::uint64_t wait_at = 0;
  std::uint64_t waits = usual_waits;  // commands in sequence
  std::uint64_t parity_at = 0;
};

struct ProbeFaults {
  UsbFaults usb;
  SwdFaults swd;
};

struct FaultName {
  std::string name;  // "name" or "name=value"
  std::string meaning;
};
[[nodiscard]] std::vector<FaultName> probe_fault_names();

// Removes the faults that it knows from the list. Throws std::invalid_argument for a wrong value.
[[nodiscard]] ProbeFaults take_probe_faults(std::vector<std::string> &faults);

enum class SwdTrouble : std::uint8_t { none, wait, parity };

// Counts memory commands and decides how each of them ends on SWD. A disturbed one has no effect.
class SwdDisturbance {
 public:
  explicit SwdDisturbance(const SwdFaults &faults) : faults_(faults) {}
  [[nodiscard]] SwdTrouble next_command();

 private:
  SwdFaults faults_;
  std::uint64_t commands_ = 0;
};

}  // namespace flashhost::sim
