// What probes of different makes look like on USB, and how their firmware differs
// (docs/reference/cmsis-dap-and-adiv5.md, sections 1 and 11).
#pragma once

#include "firmware.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace virtual_cmsisdap {

enum class Pipes : std::uint8_t { v1, v2, both };

// What happens to a request beyond those that the probe can hold.
enum class Overflow : std::uint8_t { waits, dropped, crashes };

// The bulk pipe: in the order of the descriptor.
struct BulkEndpoints {
  std::uint8_t out = 0;
  std::uint8_t in = 0;
};

struct Personality {
  std::string name;
  std::string meaning;
  std::uint16_t vendor_id = 0;
  std::uint16_t product_id = 0;
  std::uint16_t release = 0x0100;
  std::string manufacturer;
  std::string product;
  Pipes pipes = Pipes::both;
  unsigned megabits = 12;
  BulkEndpoints bulk;
  bool hid_out = true;           // an interrupt OUT endpoint, or reports come by SET_REPORT
  bool board_functions = false;  // mass storage and a serial port
  Overflow hid_overflow = Overflow::dropped;
  Overflow bulk_overflow = Overflow::waits;
  std::size_t unusable_places = 0;  // of the packet count
  FirmwareConfig firmware;
};

[[nodiscard]] std::span<const Personality> personalities();
// Null: there is none of that name.
[[nodiscard]] const Personality *find_personality(std::string_view name);

}  // namespace virtual_cmsisdap
