#include "verify.hpp"

#include "crc32.hpp"
#include "read_errors.hpp"

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

// With neighbours put together: fewer questions to the target.
std::vector<Expected> joined(const std::vector<Expected> &all) {
  constexpr std::size_t most = std::size_t{16} * 1024;
  std::vector<Expected> result;
  for (const Expected &one : all) {
    const bool fits = !result.empty() && result.back().range().end() == one.address &&
                      result.back().content.size() + one.content.size() <= most;
    if (!fits) {
      result.push_back(one);
      continue;
    }
    Bytes &content = result.back().content;
    content.insert(content.end(), one.content.begin(), one.content.end());
  }
  return result;
}

// Something in this range could not be read without error.
Mismatch unreadable_in(const CrcFunction &crc, const Chip &chip, MemoryRange range) {
  Mismatch mismatch;
  mismatch.unreadable = unreadable_parts_or_all(crc, chip, range);
  mismatch.address = mismatch.unreadable.front().address;
  return mismatch;
}

// unreadable, if any: whether something in the range, which was read just now, could not be read
// without error.
std::optional<Mismatch> compare(
    const std::vector<Expected> &all, ProbeReader &probe,
    const std::function<void(std::uint64_t)> &advance = {},
    const std::function<std::optional<Mismatch>(MemoryRange)> &unreadable = {}) {
  std::optional<Mismatch> mismatch;
  std::uint64_t done = 0;
  for (const Expected &expected : all) {
    Bytes found(expected.content.size());
    probe.read_memory(expected.address, found);
    if (unreadable && !mismatch) mismatch = unreadable(expected.range());
    for (std::uint32_t i = 0; i < found.size(); ++i) {
      if (found[i] == expected.content[i]) continue;
      if (!mismatch) {
        mismatch = Mismatch{expected.address + i, expected.content[i], found[i], 0, {}};
      }
      ++mismatch->differences;
    }
    done += found.size();
    if (advance) advance(done);
  }
  return mismatch;
}

std::vector<MemoryRange> ranges_of(const std::vector<Expected> &all) {
  std::vector<MemoryRange> ranges;
  ranges.reserve(all.size());
  for (const Expected &expected : all) ranges.push_back(expected.range());
  return ranges;
}

// By CRC first; what differs is read.
std::optional<Mismatch> compare_by_crc(const std::vector<Expected> &all, ProbeReader &probe,
                                       const Chip &chip, const CrcFunction &crc) {
  const std::vector<RangeCrc> crcs = crc(ranges_of(all));
  std::vector<Expected> suspects;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!crcs[i].readable) return unreadable_in(crc, chip, all[i].range());
    if (crcs[i] != loader_crc(all[i].content)) suspects.push_back(all[i]);
  }
  if (suspects.empty()) return std::nullopt;
  if (auto mismatch = compare(suspects, probe)) return mismatch;
  throw Error(Errc::verify,
              fmt::format("the CRC of {} on the target is wrong, though its bytes read right",
                          format_range(suspects.front().range())),
              "The flash reads differently each time: marginal cells or supply. Erase and program "
              "again; if it stays so, replace the chip.")
      .see(Cause::bad_cell);
}

// The image in pieces that end at multiples of `block`.
std::vector<Expected> pieces(const Image &image) {
  constexpr std::size_t block = 4096;
  std::vector<Expected> all;
  for (const Segment &segment : image.segments) {
    const std::span<const std::uint8_t> data(segment.data);
    for (std::size_t at = 0; at < data.size();) {
      const auto address = static_cast<std::uint32_t>(segment.address + at);
      const auto part = data.subspan(at, std::min(block - address % block, data.size() - at));
      all.push_back({address, Bytes(part.begin(), part.end())});
      at += part.size();
    }
  }
  return all;
}

}  // namespace

std::string to_text(const Mismatch &mismatch) {
  if (!mismatch.unreadable.empty()) {
    return fmt::format("{} cannot be read without error (the error correcting code does not fit)",
                       list_of(mismatch.unreadable));
  }
  return fmt::format("{} holds {:#04x} instead of {:#04x}{}", hex(mismatch.address), mismatch.found,
                     mismatch.expected,
                     mismatch.differences > 1
                         ? fmt::format(" (first of {} bytes that differ)", mismatch.differences)
                         : "");
}

std::vector<MemoryRange> verified_ranges(const Plan &plan, const Chip &chip) {
  return ranges_of(joined(expectations(plan, chip)));
}

std::optional<Mismatch> verify_by_crc(const Plan &plan, const Chip &chip, ProbeReader &probe,
                                      FlashAccess &access) {
  return compare_by_crc(joined(expectations(plan, chip)), probe, chip,
                        [&](const std::vector<MemoryRange> &ranges) { return access.crc(ranges); });
}

std::optional<Mismatch> verify_by_reading(const Plan &plan, const Chip &chip, ProbeReader &probe,
                                          FlashAccess &access) {
  auto mismatch = compare(expectations(plan, chip), probe);
  if (mismatch || chip.ecc_unit == 0) return mismatch;
  return verify_by_crc(plan, chip, probe, access);
}

std::optional<Mismatch> compare_image(const Image &image, Probe &probe, const Chip &chip,
                                      const std::function<void(std::uint64_t)> &advance) {
  const CrcFunction read = [&](const std::vector<MemoryRange> &ranges) {
    return crcs_by_reading(probe, chip, ranges);
  };
  static_cast<void>(take_read_errors(probe, chip));
  return compare(pieces(image), probe, advance, [&](MemoryRange range) {
    return take_read_errors(probe, chip) ? std::optional(unreadable_in(read, chip, range))
                                         : std::nullopt;
  });
}

std::optional<Mismatch> compare_image_by_crc(const Image &image, ProbeReader &probe,
                                             const Chip &chip, const CrcFunction &crc) {
  std::vector<Expected> words;
  std::vector<Expected> others;
  for (Expected &piece : pieces(image)) {
    const bool aligned = piece.address % 4 == 0 && piece.content.size() % 4 == 0;
    (aligned ? words : others).push_back(std::move(piece));
  }
  auto mismatch = compare_by_crc(words, probe, chip, crc);
  // The CRC is asked for whether the words can be read at all.
  const auto unreadable = [&](MemoryRange range) {
    const bool readable = chip.ecc_unit == 0 || crc({widened(range, 4)}).front().readable;
    return readable ? std::nullopt : std::optional(unreadable_in(crc, chip, range));
  };
  const auto other = compare(others, probe, {}, unreadable);
  if (!mismatch || !other) return mismatch ? mismatch : other;
  if (other->address < mismatch->address) {
    return Mismatch{other->address, other->expected, other->found,
                    other->differences + mismatch->differences, other->unreadable};
  }
  mismatch->differences += other->differences;
  return mismatch;
}

}  // namespace flashhost
