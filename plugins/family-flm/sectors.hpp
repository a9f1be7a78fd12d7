// The sector table of a flash algorithm.
#pragma once

#include "flm_file.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace flashhost::flm {

// A device has at most so many sectors, whatever its table says.
inline constexpr std::uint64_t max_sectors = 1U << 20U;
// Entries of the table, with the one that ends it.
inline constexpr std::size_t max_table_entries = 512;

// Reads {u32 size, u32 offset} up to the entry FFFFFFFF. A table whose offsets are addresses is
// taken, with a warning. Throws Errc::image where the sectors do not tile the device.
[[nodiscard]] std::vector<SectorRun> read_sector_table(std::span<const std::uint8_t> table,
                                                       MemoryRange device,
                                                       std::vector<std::string> &warnings);

// What can be erased and programmed by itself: sectors, or where a page spans several sectors, as
// many as make whole pages. Those that lie in `within` as a whole, ascending.
[[nodiscard]] std::vector<MemoryRange> erase_units(const FlashDevice &device, MemoryRange within);

}  // namespace flashhost::flm
