// Bytes of the ST-Link protocol (docs/reference/stlink-v2-protocol.md, sections 2, 5 and 6).
#pragma once

#include "bytes.hpp"

#include <cstddef>
#include <cstdint>

namespace virtual_stlink {

using virtual_usb::Bytes;
using virtual_usb::get_u16;
using virtual_usb::get_u32;
using virtual_usb::put_u16;
using virtual_usb::put_u32;

inline constexpr std::size_t command_size = 16;

enum class Status : std::uint8_t {
  ok = 0x80,
  unknown_error = 0x01,
  no_device = 0x05,
  command_error = 0x08,
  get_idcode_error = 0x09,
  other_mode = 0x0E,
  ap_wait = 0x10,
  ap_fault = 0x11,
  ap_error = 0x12,
  ap_parity_error = 0x13,
  dp_fault = 0x15,
  bad_ap = 0x1D,
  frequency_unsupported = 0x41,
  unknown_command = 0x42,
};

// size bytes with the status at their start.
[[nodiscard]] inline Bytes status_reply(Status status, std::size_t size = 2) {
  Bytes reply(size);
  reply[0] = static_cast<std::uint8_t>(status);
  return reply;
}

}  // namespace virtual_stlink
