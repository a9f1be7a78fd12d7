// Bytes of the ST-Link protocol (docs/reference/stlink-v2-protocol.md, sections 2, 5 and 6).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace virtual_stlink {

using Bytes = std::vector<std::uint8_t>;

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

[[nodiscard]] inline std::uint32_t get_u16(std::span<const std::uint8_t> bytes, std::size_t at) {
  return bytes[at] | std::uint32_t{bytes[at + 1]} << 8;
}
[[nodiscard]] inline std::uint32_t get_u32(std::span<const std::uint8_t> bytes, std::size_t at) {
  return get_u16(bytes, at) | get_u16(bytes, at + 2) << 16;
}
inline void put_u16(std::span<std::uint8_t> bytes, std::size_t at, std::uint32_t value) {
  bytes[at] = static_cast<std::uint8_t>(value);
  bytes[at + 1] = static_cast<std::uint8_t>(value >> 8);
}
inline void put_u32(std::span<std::uint8_t> bytes, std::size_t at, std::uint32_t value) {
  put_u16(bytes, at, value);
  put_u16(bytes, at + 2, value >> 16);
}

// size bytes with the status at their start.
[[nodiscard]] inline Bytes status_reply(Status status, std::size_t size = 2) {
  Bytes reply(size);
  reply[0] = static_cast<std::uint8_t>(status);
  return reply;
}

}  // namespace virtual_stlink
