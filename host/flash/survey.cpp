#include "survey.hpp"

#include "bits_to_clear.hpp"
#include "crc32.hpp"
#include "known_parts.hpp"
#include "plan.hpp"
#include "read_errors.hpp"

#include <flashhost/error.hpp>

#include <algorithm>
#include <iterator>
#include <span>
#include <utility>

namespace flashhost {

namespace {

// Only of larger sectors it takes less time to find out what need not be read than to read all.
constexpr std::uint32_t large = 4096;

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
Bytes read_confirmed(ProbeReader &probe, MemoryRange range, std::uint32_t crc) {
  Bytes bytes(range.size);
  for (int attempt = 0; attempt < 3; ++attempt) {
    probe.read_memory(range.address, bytes);
    if (loader_crc(bytes) == crc) return bytes;
  }
  throw_unsteady(range);
}

// What of a range lies in none of these parts of it, which are ascending.
std::vector<MemoryRange> beside(MemoryRange range, const std::vector<MemoryRange> &parts) {
  std::vector<MemoryRange> rest;
  std::uint64_t at = range.address;
  const auto add_until = [&](std::uint64_t end) {
    if (end > at)
      rest.push_back({static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(end - at)});
  };
  for (const MemoryRange &part : parts) {
    add_until(part.address);
    at = part.end();
  }
  add_until(range.end());
  return rest;
}

// The same where parts cannot be read without error: those count as erased.
Bytes read_around(ProbeReader &probe, const CrcFunction &crc, const Chip &chip,
                  const SectorState &state) {
  const Sector &sector = state.sector;
  const std::vector<MemoryRange> rest = beside(sector.range(), state.unreadable);
  Bytes bytes(sector.size, chip.erased_value);
  const std::vector<RangeCrc> crcs = crc(rest);
  for (std::size_t i = 0; i < rest.size(); ++i) {
    if (!crcs[i].readable) throw_unsteady(rest[i]);
    const Bytes part = read_confirmed(probe, rest[i], crcs[i].value);
    std::ranges::copy(part, bytes.begin() + (rest[i].address - sector.address));
  }
  return bytes;
}

// What a sector holds, without reading what its CRCs show to be erased, or as the image wants it.
// Empty where the CRC of the whole does not confirm what was read.
Bytes read_unknown(ProbeReader &probe, const CrcFunction &crc, const Chip &chip, const Image &image,
                   const SectorState &state) {
  Bytes bytes = sector_content(image, chip, state.sector, {});
  std::vector<MemoryRange> ranges;
  for (const MemoryRange &part : parts_to_read(crc, chip, state.sector, bytes)) {
    add_range(ranges, part);
  }
  for (const MemoryRange &range : ranges) {
    probe.read_memory(range.address,
                      std::span(bytes).subspan(range.address - state.sector.address, range.size));
  }
  return loader_crc(bytes) == state.crc ? bytes : Bytes();
}

Bytes content_of(ProbeReader &probe, const CrcFunction &crc, const Chip &chip, const Image &image,
                 const SectorState &state, bool target_computes) {
  if (!state.unreadable.empty()) return read_around(probe, crc, chip, state);
  if (target_computes && state.sector.size > large) {
    Bytes bytes = read_unknown(probe, crc, chip, image, state);
    if (!bytes.empty()) return bytes;
  }
  return read_confirmed(probe, state.sector.range(), state.crc);
}

// What is known of a sector by its CRC, the journal and the image.
struct Look {
  const JournalSector *entry = nullptr;
  bool kept = false;  // the journal has bytes for it
  bool blank = false, covered = false;
};

// A part of what the image does not cover of a sector, as words of the flash.
struct Uncovered {
  std::size_t sector = 0;
  MemoryRange words, bytes;
};

void add_uncovered(std::vector<Uncovered> &parts, std::size_t sector, MemoryRange gap) {
  const auto add = [&](std::uint64_t first, std::uint64_t last) {
    if (first >= last) return;
    const MemoryRange bytes{static_cast<std::uint32_t>(first),
                            static_cast<std::uint32_t>(last - first)};
    parts.push_back({sector, widened(bytes, 4), bytes});
  };
  const std::uint64_t begin = gap.address, end = gap.end();
  const std::uint64_t first_whole = std::min((begin + 3) / 4 * 4, end);
  const std::uint64_t last_whole = std::max(end / 4 * 4, first_whole);
  add(begin, first_whole);
  add(first_whole, last_whole);
  add(last_whole, end);
}

// Which of these sectors hold nothing but erased bytes where the image does not cover them. Only
// large ones are looked at.
std::vector<bool> with_blank_rest(ProbeReader &probe, const CrcFunction &crc, const Chip &chip,
                                  const Image &image, const std::vector<Sector> &sectors,
                                  std::vector<bool> candidates) {
  constexpr std::size_t most_segments = 8;
  std::vector<Uncovered> parts;
  for (std::size_t i = 0; i < sectors.size(); ++i) {
    const MemoryRange range = sectors[i].range();
    std::vector<MemoryRange> covered;
    for (const Segment &segment : image.in(range)) {
      add_range(covered, {segment.address, static_cast<std::uint32_t>(segment.data.size())});
    }
    candidates[i] = candidates[i] && range.size > large && covered.size() <= most_segments;
    if (!candidates[i]) continue;
    for (const MemoryRange &gap : beside(range, covered)) add_uncovered(parts, i, gap);
  }
  if (parts.empty()) return candidates;
  std::vector<MemoryRange> words;
  words.reserve(parts.size());
  for (const Uncovered &part : parts) words.push_back(part.words);
  const std::vector<RangeCrc> crcs = crc(words);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto &[sector, range, bytes] = parts[i];
    if (!candidates[sector] || crcs[i] == loader_crc_of_fill(chip.erased_value, range.size))
      continue;
    candidates[sector] = false;
    // A word that the image covers in part.
    if (range == bytes || !crcs[i].readable) continue;
    const Bytes found = read_confirmed(probe, range, crcs[i].value);
    const auto first = found.begin() + (bytes.address - range.address);
    candidates[sector] = all_erased(chip, {first, first + bytes.size});
  }
  return candidates;
}

// The content of sectors without anything unreadable. Neighbours are read in one go, since each
// read costs a round trip.
void read_together(ProbeReader &probe, std::span<SectorState *const> sectors) {
  constexpr std::size_t most = 65'536;  // bytes at once, so that a stop is heeded in between
  for (std::size_t first = 0; first < sectors.size();) {
    std::size_t behind = first + 1, size = sectors[first]->sector.size;
    while (behind < sectors.size() && size + sectors[behind]->sector.size <= most &&
           sectors[behind]->sector.address == sectors[behind - 1]->sector.range().end()) {
      size += sectors[behind++]->sector.size;
    }
    Bytes bytes(size);
    probe.read_memory(sectors[first]->sector.address, bytes);
    std::span<const std::uint8_t> rest = bytes;
    for (; first < behind; ++first) {
      SectorState &found = *sectors[first];
      const auto part = rest.first(found.sector.size);
      rest = rest.subspan(part.size());
      found.old = loader_crc(part) == found.crc
                      ? Bytes(part.begin(), part.end())
                      : read_confirmed(probe, found.sector.range(), found.crc);
    }
  }
}

// Dies often hold more than they report. What answers there must be blank, too.
bool is_blank_beyond(ProbeReader &probe, const Chip &chip) {
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

// What else the flash holds shows later whether a journal is of this chip, where it has no id of
// its own; and words that cannot be read are told.
bool rest_is_told(const Chip &chip) {
  return chip.unique_id.empty() || chip.ecc_unit != 0;
}

// The sectors outside the image.
std::vector<MemoryRange> rest_of(const Chip &chip, const std::vector<Sector> &looked_at) {
  std::vector<MemoryRange> rest;
  for (const Sector &sector : chip.sectors) {
    if (std::find(looked_at.begin(), looked_at.end(), sector) == looked_at.end()) {
      rest.push_back(sector.range());
    }
  }
  return rest;
}

// crcs: of the rest. Notes in state those that are not blank. cut_short: an interrupted run found
// them blank, and began a mass erase.
bool rest_is_blank(ProbeReader &probe, const CrcFunction &crc, const Chip &chip,
                   const std::vector<MemoryRange> &rest, const std::vector<RangeCrc> &crcs,
                   bool cut_short, DeviceState &state) {
  std::vector<MemoryRange> unreadable;
  for (std::size_t i = 0; i < rest.size(); ++i) {
    if (crcs[i] == loader_crc_of_fill(chip.erased_value, rest[i].size)) continue;
    if (crcs[i].readable) {
      state.others.push_back({rest[i], crcs[i].value});
    } else {
      unreadable.push_back(rest[i]);
    }
  }
  const bool blank =
      state.others.empty() && (unreadable.empty() || cut_short) && is_blank_beyond(probe, chip);
  if (blank) {
    state.mass_erase_cut_short = !unreadable.empty();
    return true;
  }
  for (const MemoryRange &range : unreadable) {
    for (const MemoryRange &part : unreadable_parts(crc, chip, range)) {
      add_range(state.unreadable_others, part);
    }
  }
  return false;
}

}  // namespace

DeviceState survey(ProbeReader &probe, const CrcFunction &crc, const Chip &chip, const Image &image,
                   const JournalRecord *journal, const SurveyOptions &options) {
  DeviceState state;
  if (journal != nullptr) check_sectors_exist(*journal, chip);
  const JournalRecord needed = journal != nullptr ? without_intact(*journal, crc) : JournalRecord();
  if (journal != nullptr) journal = &needed;
  const std::vector<Sector> sectors = sectors_to_look_at(image, chip, journal);
  std::vector<MemoryRange> ranges;
  ranges.reserve(sectors.size());
  for (const Sector &sector : sectors) ranges.push_back(sector.range());
  const bool may_erase_all =
      chip.mass_erase_typical > Nanoseconds::zero() && options.erase != EraseMode::sectors;
  const std::vector<MemoryRange> rest =
      may_erase_all ? rest_of(chip, sectors) : std::vector<MemoryRange>();
  if (options.questions.all_at_once) ranges.insert(ranges.end(), rest.begin(), rest.end());
  const std::vector<RangeCrc> crcs = crc(ranges);

  std::vector<Look> looks;
  looks.reserve(sectors.size());
  std::vector<bool> in_question;
  in_question.reserve(sectors.size());
  for (std::size_t i = 0; i < sectors.size(); ++i) {
    const JournalSector *entry = find(journal, sectors[i]);
    const Look look{entry, entry != nullptr && !entry->old.empty(),
                    crcs[i] == loader_crc_of_fill(chip.erased_value, sectors[i].size),
                    image.covers(sectors[i].range())};
    looks.push_back(look);
    in_question.push_back(options.questions.target_computes && options.preserve && !look.kept &&
                          !look.blank && !look.covered);
  }
  const std::vector<bool> blank_rest =
      with_blank_rest(probe, crc, chip, image, sectors, in_question);

  bool may_gain = false;  // by a mass erase
  Needs needs = Needs::nothing;
  for (std::size_t i = 0; i < sectors.size(); ++i) {
    SectorState found{sectors[i], Content::different, crcs[i].value, {}, {}, {}};
    if (!crcs[i].readable) found.unreadable = unreadable_parts(crc, chip, sectors[i].range());
    const auto [entry, kept, blank, covered] = looks[i];
    const bool lost = options.preserve && !blank && !blank_rest[i];
    if (!covered && (kept || lost)) {
      found.old = content_of(probe, crc, chip, image, found, options.questions.target_computes);
      if (kept) {
        Bytes now = std::exchange(found.old, from_journal(*entry, found.old, options.board_match));
        if (now != found.old) {
          found.found = std::move(now);
          needs = Needs::bytes;
        }
      }
    }
    // An erase that was cut short leaves cells that read right, but not reliably: nothing that it
    // may have touched counts as blank, and nothing is programmed over.
    const bool in_doubt = blank && entry != nullptr;
    const bool may_clear = options.questions.bits_to_clear && journal == nullptr;
    const Bytes wanted = sector_content(image, chip, sectors[i], found.old);
    if (!in_doubt && crcs[i] == loader_crc(wanted)) {
      found.content = Content::same;
    } else if (blank && !in_doubt) {
      found.content = Content::blank;
    } else if (may_clear && crcs[i].readable) {
      found.to_clear =
          bits_to_clear(probe, crc, chip, found, wanted, options.questions.target_computes);
      if (!found.to_clear.empty()) found.content = Content::clearable;
    }
    const bool faster = chip.program_after_mass_erase > Nanoseconds::zero();
    const bool told_by_rest = found.content == Content::clearable && chip.unique_id.empty();
    may_gain = may_gain || found.content == Content::different || told_by_rest ||
               (found.content == Content::blank && (faster || options.erase == EraseMode::mass));
    state.sectors.push_back(std::move(found));
  }
  if (journal != nullptr) {
    require_evidence(*journal, needs, chip, crc, options.board_match);
  }
  state.mass_erase_begun = journal != nullptr && journal->mass_erase;
  const bool cut_short = state.mass_erase_begun && options.board_match != BoardMatch::weak;
  may_gain =
      may_gain && (rest_is_told(chip) || !options.rest_matters || options.rest_matters(state));
  if (may_erase_all && (may_gain || cut_short)) {
    const std::vector<RangeCrc> of_rest =
        options.questions.all_at_once
            ? std::vector(crcs.begin() + static_cast<std::ptrdiff_t>(sectors.size()), crcs.end())
            : crc(rest);
    state.rest_blank = rest_is_blank(probe, crc, chip, rest, of_rest, cut_short, state);
  }
  return state;
}

void take_in_the_rest(DeviceState &state, ProbeReader &probe, const CrcFunction &crc,
                      const Chip &chip) {
  state.content_beyond = !is_blank_beyond(probe, chip);
  if (state.content_beyond) return;
  std::vector<SectorState> rest;
  for (const Sector &sector : chip.sectors) {
    const MemoryRange range = sector.range();
    const bool torn = std::ranges::any_of(
        state.unreadable_others, [&](const MemoryRange &part) { return part.overlaps(range); });
    const auto other = std::ranges::find(state.others, range, &Landmark::range);
    if (!torn && other == state.others.end()) continue;
    const RangeCrc now = torn ? crc({range}).front() : RangeCrc{other->crc, true};
    SectorState found{sector, Content::same, now.value, {}, {}, {}};
    if (!now.readable) {
      found.content = Content::different;
      found.unreadable = unreadable_parts(crc, chip, range);
    }
    rest.push_back(std::move(found));
  }
  std::vector<SectorState *> readable;
  for (SectorState &found : rest) {
    if (found.unreadable.empty()) {
      readable.push_back(&found);
    } else {
      found.old = read_around(probe, crc, chip, found);
    }
  }
  read_together(probe, readable);
  std::ranges::move(rest, std::back_inserter(state.sectors));
  std::ranges::sort(state.sectors, {},
                    [](const SectorState &found) { return found.sector.address; });
  state.others.clear();
  state.unreadable_others.clear();
  state.rest_blank = true;
}

}  // namespace flashhost
