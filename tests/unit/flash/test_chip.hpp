// A chip with round numbers, and small helpers to build images for it.
#pragma once

#include "flash/image.hpp"
#include "flash/plan.hpp"

#include <flashhost/family.hpp>

namespace flashhost::testing {

using namespace std::chrono_literals;

inline constexpr std::uint32_t flash_base = 0x08000000;

// 8 sectors of 1 KiB, 20 ms each; 50 us per halfword; 30 ms mass erase.
inline Chip small_chip() {
  Chip chip;
  chip.name = "TEST8K";
  chip.device_id = 0x123;
  chip.unique_id = Bytes{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  chip.flash = {flash_base, 8 * 1024};
  chip.die_flash_size = 8 * 1024;
  for (std::uint32_t i = 0; i < 8; ++i) {
    chip.sectors.push_back({flash_base + i * 1024, 1024, 20ms, 40ms});
  }
  chip.ram = {0x20000000, 20 * 1024};
  chip.program_unit = 2;
  chip.program_typical = 50us;
  chip.program_maximum = 70us;
  chip.mass_erase_typical = 30ms;
  chip.mass_erase_maximum = 60ms;
  chip.special = {{"option bytes", {0x1FFFF800, 16}}};
  return chip;
}

inline Bytes filled(std::size_t size, std::uint8_t value) {
  return Bytes(size, value);
}

// size bytes that look like firmware: a stack pointer and a reset vector first, then no erased
// unit.
inline Bytes firmware(std::size_t size, std::uint32_t address = flash_base) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i * 7 % 251);
  const std::uint32_t words[2] = {0x20005000, address + 0x101};
  for (std::size_t i = 0; i < 8 && i < size; ++i) {
    bytes[i] = static_cast<std::uint8_t>(words[i / 4] >> (8 * (i % 4)));
  }
  return bytes;
}

inline Image image_of(std::vector<Segment> segments, const std::string &name = "app.hex") {
  return merge({{name, {std::move(segments), std::nullopt}}});
}

inline SectorState state_of(const Chip &chip, std::size_t index, Content content, Bytes old = {}) {
  return {chip.sectors.at(index), content, 0, std::move(old), {}};
}

}  // namespace flashhost::testing
