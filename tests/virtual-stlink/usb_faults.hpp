// Trouble on USB, by name. Transfers are bulk transfers of one probe, counted from 1.
#pragma once

#include "target.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace virtual_stlink {

struct UsbFaults {
  std::uint64_t unplug_at = 0;  // 0: never, as for all of them
  std::optional<target_model::Nanoseconds> replug_after;
  std::uint64_t stall_at = 0;
  std::uint64_t short_reply_at = 0;
  std::uint64_t garbage_reply_at = 0;
  std::uint64_t no_reply_at = 0;
  std::uint64_t late_reply_at = 0;
  target_model::Nanoseconds late_by{};
  bool busy = false;
  bool no_permission = false;
};

struct UsbFaultName {
  std::string name;  // "name" or "name=value"
  std::string meaning;
};
[[nodiscard]] std::vector<UsbFaultName> usb_fault_names();

// Takes the faults that it knows out of the list. Throws std::invalid_argument for a wrong value.
[[nodiscard]] UsbFaults take_usb_faults(std::vector<std::string> &faults);

}  // namespace virtual_stlink
