#include "journal_fit.hpp"

#include "crc32.hpp"

#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

namespace flashhost {

namespace {

bool is_sector(MemoryRange range, const Chip &chip) {
  return std::any_of(chip.sectors.begin(), chip.sectors.end(),
                     [&](const Sector &sector) { return sector.range() == range; });
}

// Whether a sector that holds `now` wants its bytes back.
bool needed(const JournalSector &entry, const Bytes &now) {
  return !entry.old.empty() && !now.empty() && now != entry.old && now != entry.wanted;
}

constexpr const char *give_up =
    "Give up what the journal keeps with --discard-journal only where you do not need it.";

// Can this byte be seen on the way from old to erased to wanted? Erasing only sets bits,
// programming only clears them, so an operation that was cut short leaves a byte in between; and a
// cell that did not erase and was programmed all the same holds what old and wanted share.
bool on_the_way(std::uint8_t now, std::uint8_t old, std::uint8_t wanted) {
  const unsigned common = old & wanted;
  const bool programmed_over = (now | old) == old && (now & common) == common;
  return (now & old) == old || (now & wanted) == wanted || programmed_over;
}

// More of what is programmed there is the journal's than is not. A single byte could be chance.
bool shows_content(const JournalSector &entry, const Bytes &now, std::uint8_t erased) {
  constexpr std::size_t least = 8;
  std::size_t known = 0;
  std::size_t programmed = 0;
  for (std::size_t i = 0; i < now.size(); ++i) {
    if (now[i] == erased) continue;
    ++programmed;
    const bool fits = now[i] == entry.old[i] || now[i] == entry.wanted[i] ||
                      (!entry.found.empty() && now[i] == entry.found[i]);
    known += fits ? 1 : 0;
  }
  return known >= least && 2 * known > programmed;
}

// What the CRCs of the sectors that the journal names tell.
struct Signs {
  bool content = false;   // one of them, not blank, is as the journal knows it
  bool progress = false;  // one that needs nothing from the journal is not as the run found it
};

Signs look_for_signs(const JournalRecord &record, const std::vector<Bytes> &kept, const Chip &chip,
                     const CrcFunction &crc) {
  std::vector<MemoryRange> ranges;
  for (const JournalSector &sector : record.sectors) ranges.push_back(sector.range);
  for (const JournalWitness &witness : record.witnesses) {
    if (is_sector(witness.range, chip)) ranges.push_back(witness.range);
  }
  const std::vector<std::uint32_t> now = crc(ranges);
  const auto blank = [&](std::size_t i) {
    return now[i] == loader_crc_of_fill(chip.erased_value, ranges[i].size);
  };
  Signs signs;
  for (std::size_t i = 0; i < record.sectors.size(); ++i) {
    const JournalSector &entry = record.sectors[i];
    const bool known = now[i] == entry.found_crc || now[i] == entry.wanted_crc;
    signs.content = signs.content || (known && !blank(i));
    signs.progress = signs.progress || (!needed(entry, kept[i]) && now[i] != entry.found_crc);
  }
  std::size_t i = record.sectors.size();
  for (const JournalWitness &witness : record.witnesses) {
    if (!is_sector(witness.range, chip)) continue;
    signs.content = signs.content || (now[i] == witness.crc && !blank(i));
    ++i;
  }
  return signs;
}

// The guarded sector is erased first and programmed last; every other one is programmed before the
// next is erased. So a run by sectors never leaves more than two of them blank at a time.
bool can_be_blank(const JournalRecord &record, const Chip &chip) {
  constexpr auto most_blank = 2;
  if (!record.witnesses.empty()) return false;
  const auto programmed =
      std::count_if(record.sectors.begin(), record.sectors.end(), [&](const JournalSector &sector) {
        return sector.wanted_crc != loader_crc_of_fill(chip.erased_value, sector.range.size);
      });
  return record.mass_erase || programmed <= most_blank;
}

}  // namespace

Acquaintance acquaintance(const JournalRecord &record, const JournalIdentity &connected) {
  const JournalIdentity &known = record.identity;
  const bool same = !known.unique_id.empty() && known.unique_id == connected.unique_id &&
                    known.device_id == connected.device_id && known.board == connected.board;
  return same ? Acquaintance::strong : Acquaintance::weak;
}

void check_sectors_exist(const JournalRecord &record, const Chip &chip) {
  for (const JournalSector &entry : record.sectors) {
    if (is_sector(entry.range, chip)) continue;
    throw Error(Errc::refused,
                fmt::format("an interrupted run was working on {}, but {} has no such sector here",
                            format_range(entry.range), chip.name),
                fmt::format("If family.flash_size or family.chip was changed since, put it back "
                            "and run again. {}",
                            give_up))
        .see(Cause::interrupted);
  }
}

Bytes from_journal(const JournalSector &entry, const Bytes &now, Acquaintance how) {
  if (now == entry.old || now == entry.wanted) return now;
  // Whatever the flash holds then is what this run has made of it.
  if (how == Acquaintance::this_run) return entry.old;
  for (std::size_t i = 0; i < now.size(); ++i) {
    if (on_the_way(now[i], entry.old[i], entry.wanted[i])) continue;
    if (!entry.found.empty() && on_the_way(now[i], entry.found[i], entry.wanted[i])) continue;
    throw Error(Errc::refused,
                fmt::format("the journal of an interrupted run does not fit the flash: {} holds "
                            "{:#04x}, which is neither old, new nor erased",
                            hex(entry.range.address + static_cast<std::uint32_t>(i)), now[i]),
                "Something else wrote this chip since. If its content is what you want, run again "
                "with --discard-journal; the bytes that the journal keeps are then lost.")
        .see(Cause::interrupted);
  }
  return entry.old;
}

void require_evidence(const JournalRecord &record, const std::vector<Bytes> &kept, const Chip &chip,
                      const CrcFunction &crc, Acquaintance how) {
  if (how == Acquaintance::user || how == Acquaintance::this_run) return;
  bool any_needed = false;
  for (std::size_t i = 0; i < kept.size(); ++i) {
    if (!needed(record.sectors[i], kept[i])) continue;
    any_needed = true;
    if (shows_content(record.sectors[i], kept[i], chip.erased_value)) return;
  }
  if (!any_needed) return;
  const Signs signs = look_for_signs(record, kept, chip, crc);
  const bool strong = how == Acquaintance::strong;
  // Boards of a series hold the same firmware. What tells the interrupted one from the next is how
  // far the run had come.
  if (signs.content && (strong || signs.progress)) return;
  if (strong && can_be_blank(record, chip)) return;
  throw Error(Errc::refused,
              fmt::format("the journal of an interrupted run keeps {}, but nothing in this flash "
                          "shows that it is of this board{}",
                          kept_text(record),
                          chip.unique_id.empty() ? ", and the chip has no id of its own" : ""),
              fmt::format("If it is the board that the interrupted run was writing, run again with "
                          "--use-journal. If it is another one, connect the first one and let a "
                          "run complete it. {}",
                          give_up))
      .see(Cause::interrupted);
}

JournalRecord journal_record(const Plan &plan, const DeviceState &state, const Chip &chip,
                             JournalIdentity identity) {
  JournalRecord record{std::move(identity), chip.name, plan.mass_erase, {}, state.others};
  for (std::size_t i = 0; i < plan.sectors.size(); ++i) {
    const SectorPlan &sector = plan.sectors[i];
    const SectorState &found = state.sectors[i];
    const MemoryRange range = sector.sector.range();
    if (sector.action != Action::erase_and_program) {
      if (found.content == Content::same &&
          found.crc != loader_crc_of_fill(chip.erased_value, range.size)) {
        record.witnesses.push_back({range, found.crc});
      }
      continue;
    }
    JournalSector entry{range, found.crc, loader_crc(sector.content), {}, {}, {}};
    if (sector.keeps) {
      entry.old = sector.old;
      entry.wanted = sector.content;
      entry.found = found.found;
    }
    record.sectors.push_back(std::move(entry));
  }
  std::sort(record.witnesses.begin(), record.witnesses.end(),
            [](const auto &a, const auto &b) { return a.range.address < b.range.address; });
  return record;
}

std::string kept_text(const JournalRecord &record) {
  std::uint64_t bytes = 0;
  std::string ranges;
  std::size_t sectors = 0;
  constexpr std::size_t most_named = 4;
  for (const JournalSector &sector : record.sectors) {
    if (sector.old.empty()) continue;
    bytes += sector.range.size;
    if (++sectors > most_named) continue;
    ranges += (ranges.empty() ? "" : ", ") + format_range(sector.range);
  }
  return fmt::format("{} in {} sector{} ({}{})", format_size(bytes), sectors,
                     sectors == 1 ? "" : "s", ranges, sectors > most_named ? ", ..." : "");
}

}  // namespace flashhost
