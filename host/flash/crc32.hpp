// The CRC that loaders compute: CRC-32, polynomial 0x04C11DB7, initial 0xFFFFFFFF, unreflected, no
// final xor, over little-endian words; what the CRC units of many chips give.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace flashhost {

// size must be a multiple of 4.
[[nodiscard]] std::uint32_t loader_crc(std::span<const std::uint8_t> bytes);
// Of `size` bytes that all have `value`.
[[nodiscard]] std::uint32_t loader_crc_of_fill(std::uint8_t value, std::uint32_t size);
// The table by which the agent computes the CRC, four bits at a time.
[[nodiscard]] std::array<std::uint32_t, 16> loader_crc_table();

}  // namespace flashhost
