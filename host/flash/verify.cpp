#include "verify.hpp"

#include "crc32.hpp"

#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace flashhost {

namespace {

struct Expected {
  std::uint32_t address = 0;
  Bytes content;

  [[nodiscard]] MemoryRange range() const {
    return {address, static_cast<std::uint32_t>(content.size())};
  }
};

std::vector<Expected> expectations(const Plan &plan, const Chip &chip) {
  std::vector<Expected> all;
  all.reserve(chip.sectors.size());
  for (const SectorPlan &sector : plan.sectors)
    all.push_back({sector.sector.address, sector.content});
  if (!plan.mass_erase) return all;
  for (const Sector &sector : chip.sectors) {
    const bool planned = std::any_of(plan.sectors.begin(), plan.sectors.end(),
                                     [&](const SectorPlan &p) { return p.sector == sector; });
    if (!planned) all.push_back({sector.address, Bytes(sector.size, chip.erased_value)});
  }
  return all;
}

std::optional<Mismatch> compare(const std::vector<Expected> &all, ProbeReader &probe) {
  std::optional<Mismatch> mismatch;
  for (const Expected &expected : all) {
    Bytes found(expected.content.size());
    probe.read_memory(expected.address, found);
    for (std::uint32_t i = 0; i < found.size(); ++i) {
      if (found[i] == expected.content[i]) continue;
      if (!mismatch) {
        mismatch = Mismatch{expected.address + i, expected.content[i], found[i], 0};
      }
      ++mismatch->differences;
    }
  }
  return mismatch;
}

}  // namespace

std::string to_text(const Mismatch &mismatch) {
  return fmt::format("{} holds {:#04x} instead of {:#04x}{}", hex(mismatch.address), mismatch.found,
                     mismatch.expected,
                     mismatch.differences > 1
                         ? fmt::format(" (first of {} bytes that differ)", mismatch.differences)
                         : "");
}

std::optional<Mismatch> verify_by_crc(const Plan &plan, const Chip &chip, ProbeReader &probe,
                                      FlashAccess &access) {
  const std::vector<Expected> all = expectations(plan, chip);
  std::vector<MemoryRange> ranges;
  ranges.reserve(all.size());
  for (const Expected &expected : all) ranges.push_back(expected.range());
  const std::vector<std::uint32_t> crcs = access.crc(ranges);
  std::vector<Expected> suspects;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (crcs[i] != loader_crc(all[i].content)) suspects.push_back(all[i]);
  }
  if (suspects.empty()) return std::nullopt;
  if (auto mismatch = compare(suspects, probe)) return mismatch;
  throw Error(Errc::verify,
              fmt::format("the CRC of {} on the target is wrong, though its bytes read right",
                          format_range(suspects.front().range())),
              "The flash reads differently each time: marginal cells or supply. Erase and program "
              "again; if it stays so, replace the chip.");
}

std::optional<Mismatch> verify_by_reading(const Plan &plan, const Chip &chip, ProbeReader &probe) {
  return compare(expectations(plan, chip), probe);
}

std::optional<Mismatch> compare_image(const Image &image, ProbeReader &probe) {
  std::vector<Expected> all;
  all.reserve(image.segments.size());
  for (const ImageSegment &segment : image.segments) {
    all.push_back({segment.bytes.address, segment.bytes.data});
  }
  return compare(all, probe);
}

}  // namespace flashhost
