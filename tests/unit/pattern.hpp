// Content for a simulated flash.
#pragma once

#include <flashhost/types.hpp>

#include <cstdint>

namespace flashhost::testing {

// Bytes below 0x80: none of them is erased.
[[nodiscard]] inline Bytes pattern(std::size_t size, std::uint32_t seed) {
  Bytes bytes(size);
  for (std::uint8_t &byte : bytes) {
    seed = seed * 1664525U + 1013904223U;
    byte = static_cast<std::uint8_t>(seed >> 25);
  }
  return bytes;
}

}  // namespace flashhost::testing
