#include "bits_to_clear.hpp"

#include "crc32.hpp"
#include "known_parts.hpp"
#include "plan.hpp"

#include <algorithm>
#include <optional>
#include <span>

namespace flashhost {

namespace {

using ByteSpan = std::span<const std::uint8_t>;

// Finding it out takes some round trips.
constexpr Nanoseconds shortest_erase = std::chrono::milliseconds(100);
constexpr std::uint32_t sample_size = 64;
constexpr std::size_t most_parts_read = 16;
// Each is a command for the loader.
constexpr std::size_t most_ranges = 32;

bool needs_no_erase(ByteSpan now, ByteSpan wanted) {
  return std::ranges::equal(
      now, wanted, [](std::uint8_t have, std::uint8_t want) { return (have & want) == want; });
}

// Where firmware differs all over, so does its end: it moves with anything before it.
std::uint32_t end_of_data(const Chip &chip, const Bytes &wanted) {
  const auto last = std::find_if(wanted.rbegin(), wanted.rend(),
                                 [&](std::uint8_t byte) { return byte != chip.erased_value; });
  return static_cast<std::uint32_t>(wanted.rend() - last);
}

// What the sector holds; empty where it differs from `wanted` in more than clear bits, or too much.
// The CRC of the whole confirms what was read.
std::optional<Bytes> similar_content(ProbeReader &probe, const CrcFunction &crc, const Chip &chip,
                                     const SectorState &found, const Bytes &wanted,
                                     bool target_computes) {
  const Sector &sector = found.sector;
  Bytes now = wanted;
  const auto read = [&](std::uint32_t first, std::uint32_t size) {
    const auto part = std::span(now).subspan(first, size);
    probe.read_memory(sector.address + first, part);
    return needs_no_erase(part, ByteSpan(wanted).subspan(first, size));
  };
  const std::uint32_t sample = std::min(sample_size, sector.size);
  const std::uint32_t end = end_of_data(chip, wanted);
  const bool erases = end == 0;
  if (erases || !read((std::max(end, sample) - sample) / 4 * 4, sample)) return std::nullopt;

  const std::vector<MemoryRange> unknown =
      target_computes ? parts_to_read(crc, chip, sector, now) : parts_of(sector);
  if (target_computes && unknown.size() > most_parts_read) return std::nullopt;
  for (const MemoryRange &part : unknown) {
    if (!read(part.address - sector.address, part.size)) return std::nullopt;
  }
  return loader_crc(now) == found.crc ? std::optional(std::move(now)) : std::nullopt;
}

}  // namespace

std::vector<MemoryRange> bits_to_clear(ProbeReader &probe, const CrcFunction &crc, const Chip &chip,
                                       const SectorState &found, const Bytes &wanted,
                                       bool target_computes) {
  if (found.sector.erase_typical < shortest_erase) return {};
  const std::optional<Bytes> now =
      found.old.empty() ? similar_content(probe, crc, chip, found, wanted, target_computes)
                        : std::optional(found.old);
  if (!now || !needs_no_erase(*now, wanted)) return {};
  const std::uint32_t unit = programmed_together(chip);
  const Bytes erased(unit, chip.erased_value);
  std::vector<MemoryRange> ranges;
  // The last one that is right: if another run was interrupted, it was at work on that. It may read
  // right and not be programmed well, so it is programmed again.
  std::optional<std::uint32_t> before;
  for (std::uint32_t at = 0; at < found.sector.size; at += unit) {
    const auto have = std::span(*now).subspan(at, unit), want = std::span(wanted).subspan(at, unit);
    if (!std::ranges::equal(have, want)) {
      if (before) add_range(ranges, {found.sector.address + *before, unit});
      add_range(ranges, {found.sector.address + at, unit});
      before.reset();
    } else if (!std::ranges::equal(want, erased)) {
      before = at;
    }
  }
  return ranges.size() <= most_ranges ? ranges : std::vector<MemoryRange>();
}

}  // namespace flashhost
