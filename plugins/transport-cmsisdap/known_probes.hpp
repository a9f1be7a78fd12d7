// What is special about some probes.
#pragma once

#include <cstdint>
#include <optional>

namespace flashhost::cmsisdap {

// clang-format off
struct Traits {
  bool unmarked = false;              // its strings may lack "CMSIS-DAP"
  bool class_zero = false;            // its bulk interface has class 0 instead of 0xFF
  // Of several HID interfaces, the one to use. g++ warns without the initializer.
  std::optional<std::uint8_t> hid_interface = {};  // NOLINT(readability-redundant-member-init)
  std::uint8_t most_in_flight = 0;    // fewer than it says; 0: as it says
  bool clock_after_sequence = false;  // SWJ_Sequence changes its clock
  std::uint16_t good_release = 0;     // bcdDevice since which it works well; 0: always
};
// clang-format on

// Nothing special for a probe that is not in the table.
[[nodiscard]] Traits traits_of(std::uint16_t vendor, std::uint16_t product);

}  // namespace flashhost::cmsisdap
