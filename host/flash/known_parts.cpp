#include "known_parts.hpp"

#include "crc32.hpp"

#include <algorithm>
#include <span>

namespace flashhost {

std::vector<MemoryRange> parts_of(const Sector &sector) {
  constexpr std::uint32_t part_size = 1024;
  std::vector<MemoryRange> parts;
  parts.reserve(sector.size / part_size + 1);
  for (std::uint32_t at = 0; at < sector.size; at += part_size) {
    parts.push_back({sector.address + at, std::min(part_size, sector.size - at)});
  }
  return parts;
}

std::vector<MemoryRange> parts_to_read(const CrcFunction &crc, const Chip &chip,
                                       const Sector &sector, Bytes &guess) {
  const std::vector<MemoryRange> parts = parts_of(sector);
  const std::vector<RangeCrc> crcs = crc(parts);
  std::vector<MemoryRange> unknown;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::uint32_t size = parts[i].size;
    const auto guessed = std::span(guess).subspan(parts[i].address - sector.address, size);
    if (crcs[i] == loader_crc(guessed)) continue;
    if (crcs[i] == loader_crc_of_fill(chip.erased_value, size)) {
      std::ranges::fill(guessed, chip.erased_value);
    } else {
      unknown.push_back(parts[i]);
    }
  }
  return unknown;
}

}  // namespace flashhost
