#include "bystanders.hpp"

#include "crc32.hpp"
#include "target.hpp"

#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

namespace flashhost {

namespace {

constexpr const char *do_not_use_it =
    "It is wrong, or for another chip. Do not use it again: look for a newer version, or for the "
    "algorithm of just this chip.";

std::set<std::uint32_t> changed_by(const Plan &plan) {
  std::set<std::uint32_t> addresses;
  for (const SectorPlan &sector : plan.sectors) {
    if (sector.action != Action::skip) addresses.insert(sector.sector.address);
  }
  return addresses;
}

// Whether one of the sectors next to sectors[index] is in `some`.
bool is_next_to(const std::set<std::uint32_t> &some, const std::vector<Sector> &sectors,
                std::size_t index) {
  const bool before = index > 0 && some.contains(sectors[index - 1].address);
  return before || (index + 1 < sectors.size() && some.contains(sectors[index + 1].address));
}

bool touch(const Sector &a, const Sector &b) {
  return a.range().end() == b.address || b.range().end() == a.address;
}

// Small parts of a sector, spread over it.
std::vector<MemoryRange> samples_of(const Sector &sector) {
  constexpr std::uint32_t distance = 4096, size = 64;
  std::vector<MemoryRange> samples;
  for (std::uint32_t at = 0; at < sector.size; at += distance) {
    samples.push_back({sector.address + at, std::min(size, sector.size - at)});
  }
  return samples;
}

void append(std::vector<MemoryRange> &ranges, const std::vector<MemoryRange> &more) {
  ranges.insert(ranges.end(), more.begin(), more.end());
}

}  // namespace

Bystanders::Bystanders(ProbeReader &probe, const Chip &chip, const Image &image)
    : probe_(probe), chip_(chip) {
  if (!chip.check_others) return;
  std::set<std::uint32_t> touched;
  for (const Sector &sector : touched_sectors(image, chip)) touched.insert(sector.address);
  for (std::size_t i = 0; i < chip.sectors.size(); ++i) {
    const bool own = touched.contains(chip.sectors[i].address);
    if (!own && is_next_to(touched, chip.sectors, i)) want_copy(chip.sectors[i]);
  }
}

void Bystanders::want_copy(const Sector &sector) {
  constexpr std::uint32_t largest = 65536;  // a quarter of a second
  if (sector.size > largest) return;
  if (std::ranges::find(copies_, sector.range(), &Copy::range) != copies_.end()) return;
  copies_.push_back({sector.range(), {}});
}

void Bystanders::read_block(Copy &copy) {
  // The first shows whether the rest is wanted; the target may wait for the end of each.
  constexpr std::size_t first = 1024, next = 12288;
  const std::size_t most = copy.content.empty() ? first : next;
  Bytes block(std::min(most, copy.range.size - copy.content.size()));
  probe_.read_memory(copy.range.address + static_cast<std::uint32_t>(copy.content.size()), block);
  copy.content.insert(copy.content.end(), block.begin(), block.end());
}

void Bystanders::read_ahead() {
  for (Copy &copy : copies_) {
    // What begins blank is blank, as a rule, and then not wanted.
    const bool begins_blank =
        !copy.content.empty() && std::ranges::all_of(copy.content, [&](std::uint8_t byte) {
          return byte == chip_.erased_value;
        });
    if (copy.content.size() == copy.range.size || begins_blank) continue;
    return read_block(copy);
  }
}

void Bystanders::remember(const Plan &plan, FlashAccess &access) {
  if (!chip_.check_others || plan.mass_erase) {
    remembers_ = true;
    return copies_.clear();
  }
  std::vector<Bystander> others;  // an error below must not leave half of them
  const std::set<std::uint32_t> changed = changed_by(plan);
  std::vector<std::size_t> neighbours;
  std::vector<MemoryRange> ranges;
  for (std::size_t i = 0; i < chip_.sectors.size(); ++i) {
    const Sector &sector = chip_.sectors[i];
    if (changed.contains(sector.address)) continue;
    if (is_next_to(changed, chip_.sectors, i)) {
      neighbours.push_back(others.size());
      want_copy(sector);
    }
    others.push_back({sector, 0, false, {}, {}});
    ranges.push_back(sector.range());
  }
  const std::vector<RangeCrc> found = crcs(ranges, access);
  std::vector<MemoryRange> samples;
  for (std::size_t i = 0; i < others.size(); ++i) {
    Bystander &one = others[i];
    one.crc = found[i].value;
    one.blank = one.crc == loader_crc_of_fill(chip_.erased_value, one.sector.size);
    if (!one.blank) append(samples, samples_of(one.sector));
  }
  const std::vector<RangeCrc> sampled = crcs(samples, access);
  auto next = sampled.begin();
  for (Bystander &one : others) {
    if (one.blank) continue;
    const auto end = next + static_cast<std::ptrdiff_t>(samples_of(one.sector).size());
    for (; next != end; ++next) one.samples.push_back(next->value);
  }
  for (const std::size_t i : neighbours) {
    if (!others[i].blank) others[i].content = read(others[i]);
  }
  others_ = std::move(others);
  remembers_ = true;
  copies_.clear();
}

Bytes Bystanders::read(const Bystander &one) {
  constexpr int most_readings = 3;
  const auto wanted = std::ranges::find(copies_, one.sector.range(), &Copy::range);
  if (wanted == copies_.end()) return {};
  Copy &copy = *wanted;
  for (int i = 0; i < most_readings; ++i) {
    while (copy.content.size() < copy.range.size) read_block(copy);
    if (loader_crc(copy.content) == one.crc) return std::exchange(copy.content, {});
    copy.content.clear();
  }
  throw Error(Errc::target,
              fmt::format("{} is not read as the CRC made on the target says",
                          format_range(one.sector.range())),
              "A link that corrupts data: a lower clock helps (--speed 500kHz).")
      .see(Cause::line_errors);
}

std::vector<RangeCrc> Bystanders::crcs(const std::vector<MemoryRange> &ranges,
                                       FlashAccess &access) {
  if (ranges.empty()) return {};
  return access.crc(ranges, [this] { read_ahead(); });
}

// It was erased, or some of it was: only what is not there is programmed.
void Bystanders::put_back(const Bystander &one, FlashAccess &access) {
  Bytes found(one.sector.size);
  probe_.read_memory(one.sector.address, found);
  const std::uint32_t unit = chip_.write_unit();
  for (std::uint32_t at = 0; at < one.sector.size; at += unit) {
    const auto wanted = std::span(one.content).subspan(at, unit);
    if (std::ranges::equal(wanted, std::span(found).subspan(at, unit))) continue;
    access.program(one.sector.address + at, wanted, [](std::uint32_t) {});
  }
  access.drain();
}

bool Bystanders::is_put_back(const Bystander &one, FlashAccess &access, Observer &observer) {
  if (one.content.empty()) return false;
  try {
    put_back(one, access);
    return access.crc({one.sector.range()}).front() == one.crc;
  } catch (const Error &error) {
    // A lost probe or a stop is no reason to give up the content: it is still here.
    if (error.code() == Errc::probe || !may_succeed_again(error)) throw;
    observer.message(Level::warning, fmt::format("putting back {}: {}",
                                                 format_range(one.sector.range()), error.what()));
    return false;
  }
}

void Bystanders::check_first_erase(const Sector &first, const Plan &plan, FlashAccess &access,
                                   Observer &observer) {
  if (!chip_.check_others) return;
  const std::set<std::uint32_t> changed = changed_by(plan);
  std::vector<MemoryRange> ranges;
  std::vector<std::uint32_t> expected;
  for (const SectorPlan &later : plan.sectors) {
    // What needs no erase may be programmed by now.
    if (later.action != Action::erase_and_program || !touch(later.sector, first)) continue;
    ranges.push_back(later.sector.range());
    expected.push_back(later.found_crc);
  }
  const std::size_t planned = ranges.size();
  for (const Bystander &one : others_) {
    if (one.blank || changed.contains(one.sector.address)) continue;
    if (touch(one.sector, first)) {
      ranges.push_back(one.sector.range());
      expected.push_back(one.crc);
    } else {
      append(ranges, samples_of(one.sector));
      expected.insert(expected.end(), one.samples.begin(), one.samples.end());
    }
  }
  const std::vector<RangeCrc> found = crcs(ranges, access);
  if (std::equal(found.begin(), found.end(), expected.begin(), expected.end())) return;
  check(plan, access, observer);
  for (std::size_t i = 0; i < planned; ++i) {
    if (found[i] == expected[i]) continue;
    throw Error(Errc::refused,
                fmt::format("the flash algorithm was told to erase {}, but has changed {}, too; "
                            "what is to be kept of that is in the journal",
                            format_range(first.range()), format_range(ranges[i])),
                do_not_use_it)
        .see(Cause::wrong_chip);
  }
}

std::vector<JournalSector> Bystanders::for_journal(const Plan &plan) const {
  const std::set<std::uint32_t> changed = changed_by(plan);
  std::vector<JournalSector> sectors;
  for (const Bystander &one : others_) {
    if (one.content.empty() || changed.contains(one.sector.address)) continue;
    sectors.push_back({one.sector.range(), one.crc, one.crc, one.content, one.content, {}, false});
  }
  return sectors;
}

void Bystanders::check(const Plan &plan, FlashAccess &access, Observer &observer) {
  const std::set<std::uint32_t> changed = changed_by(plan);
  std::vector<Bystander> some;
  std::vector<MemoryRange> ranges;
  for (const Bystander &one : others_) {
    if (changed.contains(one.sector.address)) continue;
    some.push_back(one);
    ranges.push_back(one.sector.range());
  }
  const std::vector<RangeCrc> found = crcs(ranges, access);
  std::string damaged, lost;
  const auto add = [](std::string &list, const Bystander &one) {
    list += (list.empty() ? "" : ", ") + format_range(one.sector.range());
  };
  for (std::size_t i = 0; i < some.size(); ++i) {
    if (found[i] == some[i].crc) continue;
    add(damaged, some[i]);
    if (!is_put_back(some[i], access, observer) && !some[i].blank) add(lost, some[i]);
  }
  if (damaged.empty()) return;
  throw Error(
      Errc::refused,
      fmt::format("the flash algorithm has changed what it was not told to change: {}; {}", damaged,
                  lost.empty() ? "no content is lost" : "the content of " + lost + " is lost"),
      do_not_use_it)
      .see(Cause::wrong_chip);
}

}  // namespace flashhost
