// Bytes in little-endian fields, as on USB.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace virtual_usb {

using Bytes = std::vector<std::uint8_t>;

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

}  // namespace virtual_usb
