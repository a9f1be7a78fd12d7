// Numbers in the bytes of a file; the caller has checked that they are there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace flashhost::flm {

inline std::uint16_t u16(std::span<const std::uint8_t> bytes, std::size_t at) {
  return static_cast<std::uint16_t>(bytes[at] | bytes[at + 1] << 8U);
}

inline std::uint32_t u32(std::span<const std::uint8_t> bytes, std::size_t at) {
  return u16(bytes, at) | std::uint32_t{u16(bytes, at + 2)} << 16U;
}

}  // namespace flashhost::flm
