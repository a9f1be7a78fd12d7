#include "read_errors.hpp"

#include "crc32.hpp"
#include "stop.hpp"

#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace flashhost {

bool take_read_errors(Probe &probe, const Chip &chip) {
  bool any = false;
  for (const ReadErrorRegister &one : chip.read_errors) {
    std::uint32_t found = probe.read_word(one.address);
    // A damaged reading would take good words for bad ones.
    if ((found & one.mask) != 0) found = probe.read_word(one.address);
    if ((found & one.mask) == 0) continue;
    any = true;
    probe.write_word(one.address, found);
  }
  return any;
}

std::vector<RangeCrc> crcs_by_reading(Probe &probe, const Chip &chip,
                                      const std::vector<MemoryRange> &ranges,
                                      const std::stop_token &stop) {
  std::vector<RangeCrc> crcs;
  crcs.reserve(ranges.size());
  static_cast<void>(take_read_errors(probe, chip));
  for (const MemoryRange &range : ranges) {
    throw_if_stopped(stop);
    Bytes bytes(range.size);
    probe.read_memory(range.address, bytes);
    crcs.push_back({loader_crc(bytes), !take_read_errors(probe, chip)});
  }
  return crcs;
}

void throw_unsteady(MemoryRange range) {
  throw Error(Errc::probe, fmt::format("{} reads differently each time", format_range(range)),
              "The link to the target corrupts data: lower transport.speed (--speed 950kHz), "
              "shorten the wires, check the ground.")
      .see(Cause::line_errors);
}

std::vector<MemoryRange> find_unreadable(const CrcFunction &crc, const Chip &chip,
                                         MemoryRange range) {
  const std::uint32_t unit = std::max(chip.ecc_unit, 4U);
  std::vector<MemoryRange> units;
  units.reserve(range.size / unit);
  for (std::uint32_t at = 0; at < range.size; at += unit) {
    units.push_back({range.address + at, unit});
  }
  const std::vector<RangeCrc> crcs = crc(units);
  std::vector<MemoryRange> parts;
  for (std::size_t i = 0; i < units.size(); ++i) {
    if (!crcs[i].readable) add_range(parts, units[i]);
  }
  return parts;
}

std::vector<MemoryRange> unreadable_parts(const CrcFunction &crc, const Chip &chip,
                                          MemoryRange range) {
  std::vector<MemoryRange> parts = find_unreadable(crc, chip, range);
  if (!parts.empty()) return parts;
  throw Error(Errc::target,
              fmt::format("something in {} could not be read without error, and now all of it can",
                          format_range(range)),
              "Marginal cells or supply, or a link that corrupts data. Try again; if it stays so, "
              "erase that range: `flashhost erase --range`.")
      .see(Cause::torn_words);
}

MemoryRange widened(MemoryRange range, std::uint32_t unit) {
  const std::uint32_t start = range.address / unit * unit;
  const auto end = static_cast<std::uint32_t>((range.end() + unit - 1) / unit * unit);
  return {start, end - start};
}

std::vector<MemoryRange> unreadable_parts_or_all(const CrcFunction &crc, const Chip &chip,
                                                 MemoryRange range) {
  const MemoryRange whole = widened(range, std::max(chip.ecc_unit, 4U));
  std::vector<MemoryRange> parts = find_unreadable(crc, chip, whole);
  if (parts.empty()) parts = {whole};
  return parts;
}

std::string list_of(const std::vector<MemoryRange> &ranges) {
  constexpr std::size_t most_named = 4;
  std::string text;
  for (std::size_t i = 0; i < ranges.size() && i < most_named; ++i) {
    text += (i == 0 ? "" : ", ") + format_range(ranges[i]);
  }
  if (ranges.size() > most_named) text += fmt::format(" and {} more", ranges.size() - most_named);
  return text;
}

}  // namespace flashhost
