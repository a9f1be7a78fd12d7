#include "sectors.hpp"

#include "little_endian.hpp"

#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace flashhost::flm {

namespace {

constexpr std::uint32_t end_of_table = 0xFFFFFFFF;

[[noreturn]] void fail(const std::string &reason) {
  throw Error(Errc::image, "its sector table: " + reason,
              "The algorithm would erase something else than it says. Use another version of the "
              "vendor's pack, or correct the table in FlashDevice and build it again.");
}

struct Entry {
  std::uint32_t size;
  std::uint32_t offset;
};

std::vector<Entry> entries_of(std::span<const std::uint8_t> table) {
  std::vector<Entry> entries;
  for (std::size_t at = 0; at + 8 <= table.size() && entries.size() < max_table_entries; at += 8) {
    const Entry entry{u32(table, at), u32(table, at + 4)};
    if (entry.size == end_of_table || entry.offset == end_of_table) return entries;
    entries.push_back(entry);
  }
  fail(fmt::format("{} entries, and no end (0xffffffff)", entries.size()));
}

void make_relative(std::vector<Entry> &entries, std::uint32_t address,
                   std::vector<std::string> &warnings) {
  const std::uint32_t first = entries.front().offset;
  if (first == 0) return;
  if (first != address) {
    fail(fmt::format("it begins at {}, not at the start of the device, {}", hex(first),
                     hex(address)));
  }
  warnings.emplace_back("The offsets in its sector table are addresses; they are taken as such.");
  for (Entry &entry : entries) {
    if (entry.offset < address) {
      fail(fmt::format("{} is not behind {}", hex(entry.offset), hex(address)));
    }
    entry.offset -= address;
  }
}

// The sectors of an entry up to the next one.
SectorRun run_of(const Entry &entry, std::uint32_t end) {
  if (entry.size == 0) fail(fmt::format("sectors of 0 bytes at offset {:#x}", entry.offset));
  if (end <= entry.offset) {
    fail(fmt::format("what begins at offset {:#x} would end at {:#x}", entry.offset, end));
  }
  const std::uint32_t length = end - entry.offset;
  if (length % entry.size != 0) {
    fail(fmt::format("from offset {:#x} to {:#x} are no whole sectors of {}", entry.offset, end,
                     format_size(entry.size)));
  }
  return {entry.offset, entry.size, length / entry.size};
}

}  // namespace

std::vector<SectorRun> read_sector_table(std::span<const std::uint8_t> table, MemoryRange device,
                                         std::vector<std::string> &warnings) {
  std::vector<Entry> entries = entries_of(table);
  if (entries.empty()) fail("it is empty");
  make_relative(entries, device.address, warnings);
  std::vector<SectorRun> runs;
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    runs.push_back(
        run_of(entries[i], i + 1 < entries.size() ? entries[i + 1].offset : device.size));
    total += runs.back().count;
  }
  if (total > max_sectors) {
    fail(fmt::format("{} sectors; more than {} are refused", total, max_sectors));
  }
  return runs;
}

std::vector<MemoryRange> erase_units(const FlashDevice &device, MemoryRange within) {
  std::vector<MemoryRange> units;
  std::uint32_t start = 0;
  for (const SectorRun &run : device.sectors) {
    for (std::uint32_t i = 0; i < run.count; ++i) {
      const std::uint32_t end = run.offset + (i + 1) * run.size;
      if (end % device.page_size != 0) continue;
      const MemoryRange unit{device.range.address + start, end - start};
      start = end;
      if (within.contains(unit.address, unit.size)) units.push_back(unit);
    }
  }
  return units;
}

}  // namespace flashhost::flm
