#include "bits_to_clear.hpp"

#include "crc32.hpp"
#include "plan.hpp"

#include <algorithm>
#include <optional>
#include <span>

namespace flashhost {

namespace {

using ByteSpan = std::span<const std::uint8_t>;

// Finding it out takes some round trips.
constexpr Nanoseconds shortest_erase = std::chrono::milliseconds(100);
constexpr std::uint32_t part_size = 1024, sample_size = 64;
constexpr int most_parts_read = 16;
// Each is a command for the loader.
constexpr std::size_t most_ranges = 32;

bool only_clears(ByteSpan now, ByteSpan wanted) {
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
// Parts that are right or erased are known by their CRCs; the CRC of the whole confirms what is put
// together here.
std::optional<Bytes> similar_content(ProbeReader &probe, const CrcFunction &crc, const Chip &chip,
                                     const SectorState &found, const Bytes &wanted,
                                     bool target_computes) {
  const Sector &sector = found.sector;
  Bytes now = wanted;
  const auto read = [&](std::uint32_t first, std::uint32_t size) {
    const auto part = std::span(now).subspan(first, size);
    probe.read_memory(sector.address + first, part);
    return only_clears(part, ByteSpan(wanted).subspan(first, size));
  };
  const std::uint32_t sample = std::min(sample_size, sector.size);
  const std::uint32_t end = end_of_data(chip, wanted);
  const bool erases = end == 0;
  if (erases || !read((std::max(end, sample) - sample) / 4 * 4, sample)) return std::nullopt;

  std::vector<MemoryRange> parts;
  for (std::uint32_t at = 0; at < sector.size; at += part_size) {
    parts.push_back({sector.address + at, std::min(part_size, sector.size - at)});
  }
  const std::vector<RangeCrc> crcs = target_computes ? crc(parts) : std::vector<RangeCrc>();
  int parts_read = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::uint32_t first = parts[i].address - sector.address, size = parts[i].size;
    if (target_computes) {
      if (crcs[i] == loader_crc(ByteSpan(wanted).subspan(first, size))) continue;
      if (crcs[i] == loader_crc_of_fill(chip.erased_value, size)) {
        std::fill_n(now.begin() + first, size, chip.erased_value);
        continue;
      }
      if (++parts_read > most_parts_read) return std::nullopt;
    }
    if (!read(first, size)) return std::nullopt;
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
  if (!now || !only_clears(*now, wanted)) return {};
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
