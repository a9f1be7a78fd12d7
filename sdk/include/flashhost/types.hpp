// Value types that cross the plugin boundary.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace flashhost {

using Bytes = std::vector<std::uint8_t>;
using Nanoseconds = std::chrono::nanoseconds;

// Half-open range [address, address + size) of target memory; may end at 2^32.
struct MemoryRange {
  std::uint32_t address = 0;
  std::uint32_t size = 0;

  [[nodiscard]] constexpr std::uint64_t end() const { return std::uint64_t{address} + size; }
  [[nodiscard]] constexpr bool contains(std::uint64_t first, std::uint64_t length = 1) const {
    return first >= address && first + length <= end();
  }
  [[nodiscard]] constexpr bool overlaps(const MemoryRange &other) const {
    return address < other.end() && other.address < end();
  }
  friend bool operator==(const MemoryRange &, const MemoryRange &) = default;
};

// Bytes that a file wants at an address.
struct Segment {
  std::uint32_t address = 0;
  Bytes data;

  [[nodiscard]] std::uint64_t end() const { return std::uint64_t{address} + data.size(); }
  friend bool operator==(const Segment &, const Segment &) = default;
};

}  // namespace flashhost
