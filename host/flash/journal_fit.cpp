#include "journal_fit.hpp"

#include "crc32.hpp"
#include "flash_access.hpp"

#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

namespace flashhost {

namespace {

bool is_sector(MemoryRange range, const Chip &chip) {
  return std::any_of(chip.sectors.begin(), chip.sectors.end(),
                     [&](const Sector &sector) { return sector.range() == range; });
}

constexpr const char *give_up =
    "Give up what the journal keeps with --discard-journal only where you do not need it.";

// Whether `now` can be an intermediate value from old to erased to wanted. Erasing only sets bits,
// programming only clears them, so an operation that was cut short leaves a byte in between; and a
// cell that did not erase and was programmed all the same holds what old and wanted share.
bool on_the_way(std::uint8_t now, std::uint8_t old, std::uint8_t wanted) {
  const unsigned common = old & wanted;
  const bool programmed_over = (now | old) == old && (now & common) == common;
  return (now & old) == old || (now & wanted) == wanted || programmed_over;
}

// At which stage of the journal's run a sector is, judged by its CRC.
struct Stage {
  bool before = false;  // as that run found it; after a mass erase: blank
  bool done = false;    // as it shall be
  bool blank = false;
};

class Evidence {
 public:
  Evidence(const JournalRecord &record, const Chip &chip, const CrcFunction &crc)
      : record_(record) {
    std::vector<MemoryRange> ranges;
    ranges.reserve(record.sectors.size() + record.landmarks.size());
    for (const JournalSector &sector : record.sectors) ranges.push_back(sector.range);
    for (const Landmark &landmark : record.landmarks) {
      // The file is not trusted: only what is a sector of this chip is read.
      if (is_sector(landmark.range, chip)) ranges.push_back(landmark.range);
    }
    const std::vector<RangeCrc> now = crc(ranges);
    const auto blank = [&](MemoryRange range) {
      return loader_crc_of_fill(chip.erased_value, range.size);
    };
    for (std::size_t i = 0; i < record.sectors.size(); ++i) {
      const JournalSector &entry = record.sectors[i];
      const std::uint32_t empty = blank(entry.range);
      const std::uint32_t before = record.mass_erase ? empty : entry.found_crc;
      stages_.push_back({now[i] == before, now[i] == entry.wanted_crc, now[i] == empty});
      const bool known = now[i] == entry.found_crc || now[i] == entry.wanted_crc;
      content_ = content_ || (known && now[i] != empty);
      const bool programmed = entry.found_crc != empty && entry.wanted_crc != empty;
      if (!programmed || entry.is_bystander()) continue;
      ++programmed_;
      if (!entry.guarded) unguarded_bytes_ += entry.range.size;
    }
    std::size_t i = record.sectors.size();
    for (const Landmark &landmark : record.landmarks) {
      if (!is_sector(landmark.range, chip)) continue;
      content_ = content_ || (now[i] == landmark.crc && landmark.crc != blank(landmark.range));
      ++i;
    }
  }

  // A sector, not blank, is as the journal knows it.
  [[nodiscard]] bool shows_content() const { return content_; }

  // The flash is exactly what this run leaves when it is interrupted: the guarded sector is neither
  // as before nor done; of the others, the first ones are done, the rest are as before, and between
  // them are those that are erased together: one may be half erased or half programmed, the others
  // are done, blank, or as before.
  [[nodiscard]] bool shows_the_interruption() const {
    bool guard = false;
    bool all_done = true, rest = false;
    std::uint64_t together = 0;  // bytes
    int in_work = 0, halves = 0;
    for (std::size_t i = 0; i < stages_.size(); ++i) {
      const Stage &stage = stages_[i];
      const JournalSector &sector = record_.sectors[i];
      if (sector.guarded) {
        guard = (record_.mass_erase || !stage.before) && !stage.done;
        continue;
      }
      all_done = all_done && stage.done;
      if (all_done) continue;
      if (stage.before) {
        // What was blank before may have been erased since.
        rest = rest || record_.mass_erase || !stage.blank;
        continue;
      }
      if (rest) return false;
      together += sector.range.size;
      ++in_work;
      if (!stage.blank && !stage.done) ++halves;
    }
    return guard && content_ && halves <= 1 && (in_work <= 1 || together <= most_erased_together);
  }

  // Whether the run can have left the flash without any content. The guarded sector is erased first
  // and programmed last; of the others, those that are erased together are programmed before the
  // next are erased. So a run by sectors never leaves more than these blank that were not blank
  // before.
  [[nodiscard]] bool can_be_without_content() const {
    constexpr int most = 2;
    return record_.landmarks.empty() &&
           (record_.mass_erase || programmed_ <= most || unguarded_bytes_ <= most_erased_together);
  }

 private:
  const JournalRecord &record_;
  std::vector<Stage> stages_;
  bool content_ = false;
  int programmed_ = 0;
  std::uint64_t unguarded_bytes_ = 0;  // of those
};

}  // namespace

BoardMatch board_match(const JournalRecord &record, const JournalIdentity &connected) {
  const JournalIdentity &known = record.identity;
  const bool same = !known.unique_id.empty() && known.unique_id == connected.unique_id &&
                    known.device_id == connected.device_id;
  return same ? BoardMatch::strong : BoardMatch::weak;
}

void check_sectors_exist(const JournalRecord &record, const Chip &chip) {
  for (const JournalSector &entry : record.sectors) {
    if (is_sector(entry.range, chip)) continue;
    throw Error(
        Errc::refused,
        fmt::format("an interrupted run was working on {}, but {} has no such sector here",
                    format_range(entry.range), chip.name),
        fmt::format("If family.flash_size (--flash-size), family.chip (--chip) or a setting "
                    "in [family.settings] was changed since, put it back and run again. {}",
                    give_up))
        .see(Cause::interrupted);
  }
}

Bytes from_journal(const JournalSector &entry, const Bytes &now, BoardMatch how) {
  if (now == entry.old || now == entry.wanted) return now;
  // This run wrote the journal, so whatever the sector holds is this run's own work.
  if (how == BoardMatch::this_run) return entry.old;
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

void require_evidence(const JournalRecord &record, Needs needs, const Chip &chip,
                      const CrcFunction &crc, BoardMatch how) {
  if (!record.keeps_bytes() || how == BoardMatch::user || how == BoardMatch::this_run) return;
  if (how == BoardMatch::strong) {
    if (needs == Needs::nothing) return;
    const Evidence evidence(record, chip, crc);
    if (evidence.shows_content() || evidence.can_be_without_content()) return;
  } else if (Evidence(record, chip, crc).shows_the_interruption()) {
    return;
  }
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
    if (sector.action != Action::erase_and_program && !only_clears(sector)) {
      if (found.content == Content::same &&
          found.crc != loader_crc_of_fill(chip.erased_value, range.size)) {
        record.landmarks.push_back({range, found.crc});
      }
      continue;
    }
    JournalSector entry{range, found.crc, loader_crc(sector.content), {}, {}, {}, sector.guarded};
    if (sector.keeps) {
      entry.old = sector.old;
      entry.wanted = sector.content;
      entry.found = found.found;
    }
    record.sectors.push_back(std::move(entry));
  }
  std::sort(record.landmarks.begin(), record.landmarks.end(),
            [](const auto &a, const auto &b) { return a.range.address < b.range.address; });
  return record;
}

void add_bystanders(JournalRecord &record, std::vector<JournalSector> bystanders) {
  std::vector<JournalSector> all;
  std::ranges::merge(
      record.sectors, bystanders, std::back_inserter(all), {},
      [](const JournalSector &sector) { return sector.range.address; },
      [](const JournalSector &sector) { return sector.range.address; });
  record.sectors = std::move(all);
}

JournalRecord without_intact(JournalRecord record, const CrcFunction &crc) {
  if (record.mass_erase) return record;  // it leaves nothing alone
  std::vector<MemoryRange> ranges;
  for (const JournalSector &sector : record.sectors) {
    if (sector.is_bystander()) ranges.push_back(sector.range);
  }
  if (ranges.empty()) return record;
  const std::vector<RangeCrc> found = crc(ranges);
  auto next = found.begin();
  std::erase_if(record.sectors, [&](const JournalSector &sector) {
    return sector.is_bystander() && *next++ == sector.found_crc;
  });
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
