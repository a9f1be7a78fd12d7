#include "survey.hpp"

#include "crc32.hpp"

#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace flashhost {

namespace {

bool all_erased(const Chip &chip, const Bytes &bytes) {
  return std::all_of(bytes.begin(), bytes.end(),
                     [&](std::uint8_t byte) { return byte == chip.erased_value; });
}

const JournalSector *find(const JournalRecord *journal, const Sector &sector) {
  if (journal == nullptr) return nullptr;
  for (const JournalSector &entry : journal->sectors) {
    if (entry.range == sector.range()) return &entry;
  }
  return nullptr;
}

// The image's sectors, and those that the journal has bytes for.
std::vector<Sector> sectors_to_look_at(const Image &image, const Chip &chip,
                                       const JournalRecord *journal) {
  std::vector<Sector> sectors = touched_sectors(image, chip);
  for (const Sector &sector : chip.sectors) {
    const JournalSector *entry = find(journal, sector);
    if (entry == nullptr || entry->old.empty()) continue;
    if (std::find(sectors.begin(), sectors.end(), sector) == sectors.end()) {
      sectors.push_back(sector);
    }
  }
  std::sort(sectors.begin(), sectors.end(),
            [](const Sector &a, const Sector &b) { return a.address < b.address; });
  return sectors;
}

// Reads a sector and makes sure, by the target's own CRC, that the probe read it right.
Bytes read_confirmed(ProbeReader &probe, const Sector &sector, std::uint32_t crc) {
  Bytes bytes(sector.size);
  for (int attempt = 0; attempt < 3; ++attempt) {
    probe.read_memory(sector.address, bytes);
    if (loader_crc(bytes) == crc) return bytes;
  }
  throw Error(Errc::probe,
              fmt::format("{} reads differently each time", format_range(sector.range())),
              "The link to the target corrupts data: lower transport.speed, shorten the wires, "
              "check the ground.")
      .see(Cause::line_errors);
}

// Can this byte be seen on the way from old to erased to wanted? Erasing only sets bits,
// programming only clears them, so an operation that was cut short leaves a byte in between; and a
// cell that did not erase and was programmed all the same holds what old and wanted share.
bool on_the_way(std::uint8_t now, std::uint8_t old, std::uint8_t wanted) {
  const unsigned common = old & wanted;
  const bool programmed_over = (now | old) == old && (now & common) == common;
  return (now & old) == old || (now & wanted) == wanted || programmed_over;
}

// The content to keep of a sector that an interrupted run was working on.
Bytes from_journal(const JournalSector &entry, const Bytes &now, JournalOf whose) {
  if (now == entry.old || now == entry.wanted) return now;
  // Whatever the flash holds then is what this run has made of it.
  if (whose == JournalOf::this_run) return entry.old;
  for (std::size_t i = 0; i < now.size(); ++i) {
    if (on_the_way(now[i], entry.old[i], entry.wanted[i])) continue;
    throw Error(Errc::target,
                fmt::format("the journal of an interrupted run does not fit the flash: {} holds "
                            "{:#04x}, which is neither old, new nor erased",
                            hex(entry.range.address + static_cast<std::uint32_t>(i)), now[i]),
                "Something else wrote this chip since. If its content is what you want, run again "
                "with --discard-journal; the bytes that the journal keeps are then lost.")
        .see(Cause::interrupted);
  }
  return entry.old;
}

bool rest_is_blank(ProbeReader &probe, const CrcFunction &crc, const Chip &chip,
                   const std::vector<Sector> &looked_at) {
  if (chip.mass_erase_typical == Nanoseconds::zero()) return false;
  std::vector<MemoryRange> rest;
  for (const Sector &sector : chip.sectors) {
    if (std::find(looked_at.begin(), looked_at.end(), sector) == looked_at.end()) {
      rest.push_back(sector.range());
    }
  }
  const std::vector<std::uint32_t> crcs = crc(rest);
  for (std::size_t i = 0; i < rest.size(); ++i) {
    if (crcs[i] != loader_crc_of_fill(chip.erased_value, rest[i].size)) return false;
  }
  // Dies often hold more than they report. What answers there must be blank, too.
  Bytes beyond(1024);
  for (std::uint64_t at = chip.flash.end();
       at < std::uint64_t{chip.flash.address} + chip.die_flash_size; at += beyond.size()) {
    try {
      probe.read_memory(static_cast<std::uint32_t>(at), beyond);
    } catch (const Error &error) {
      if (error.code() != Errc::memory_fault) throw;
      break;  // flash has no gaps
    }
    if (!all_erased(chip, beyond)) return false;
  }
  return true;
}

}  // namespace

DeviceState survey(ProbeReader &probe, const CrcFunction &crc, const Chip &chip, const Image &image,
                   const JournalRecord *journal, const SurveyOptions &options) {
  DeviceState state;
  const std::vector<Sector> sectors = sectors_to_look_at(image, chip, journal);
  std::vector<MemoryRange> ranges;
  ranges.reserve(sectors.size());
  for (const Sector &sector : sectors) ranges.push_back(sector.range());
  const std::vector<std::uint32_t> crcs = crc(ranges);

  bool any_different = false;
  for (std::size_t i = 0; i < sectors.size(); ++i) {
    SectorState found{sectors[i], Content::different, {}};
    const JournalSector *entry = find(journal, sectors[i]);
    const bool covered = image.covers(sectors[i].range());
    const bool blank = crcs[i] == loader_crc_of_fill(chip.erased_value, sectors[i].size);
    if (!covered && options.preserve && (!blank || (entry != nullptr && !entry->old.empty()))) {
      found.old = read_confirmed(probe, sectors[i], crcs[i]);
      if (entry != nullptr && !entry->old.empty()) {
        found.old = from_journal(*entry, found.old, options.journal_of);
      }
    }
    // An erase that was cut short leaves cells that only just read blank.
    const bool in_doubt = blank && entry != nullptr;
    if (!in_doubt && crcs[i] == loader_crc(sector_content(image, chip, sectors[i], found.old))) {
      found.content = Content::same;
    } else if (blank && !in_doubt) {
      found.content = Content::blank;
    }
    any_different = any_different || found.content == Content::different;
    state.sectors.push_back(std::move(found));
  }
  state.rest_blank =
      options.may_mass_erase && any_different && rest_is_blank(probe, crc, chip, sectors);
  return state;
}

}  // namespace flashhost
