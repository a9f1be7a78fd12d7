#include "bystanders.hpp"

#include "crc32.hpp"
#include "target.hpp"

#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace flashhost {

namespace {

std::set<std::uint32_t> changed_by(const Plan &plan) {
  std::set<std::uint32_t> addresses;
  for (const SectorPlan &sector : plan.sectors) {
    if (sector.action != Action::skip) addresses.insert(sector.sector.address);
  }
  return addresses;
}

bool is_next_to(const std::set<std::uint32_t> &changed, const std::vector<Sector> &sectors,
                std::size_t index) {
  const bool before = index > 0 && changed.contains(sectors[index - 1].address);
  return before || (index + 1 < sectors.size() && changed.contains(sectors[index + 1].address));
}

}  // namespace

Bystanders::Bystanders(Probe &probe, const Chip &chip, const Plan &plan, FlashAccess &access)
    : probe_(probe), chip_(chip) {
  if (!chip.check_others || plan.mass_erase) return;
  const std::set<std::uint32_t> changed = changed_by(plan);
  std::vector<std::size_t> neighbours;
  for (std::size_t i = 0; i < chip.sectors.size(); ++i) {
    if (changed.contains(chip.sectors[i].address)) continue;
    if (is_next_to(changed, chip.sectors, i)) neighbours.push_back(others_.size());
    others_.push_back({chip.sectors[i], 0, false, {}});
  }
  const std::vector<std::uint32_t> found = crcs(others_, access);
  for (std::size_t i = 0; i < others_.size(); ++i) {
    Bystander &one = others_[i];
    one.crc = found[i];
    one.blank = one.crc == loader_crc(Bytes(one.sector.size, chip.erased_value));
  }
  for (const std::size_t i : neighbours) {
    if (!others_[i].blank) others_[i].content = read(others_[i]);
  }
}

Bytes Bystanders::read(const Bystander &one) {
  constexpr int most_readings = 3;
  Bytes content(one.sector.size);
  for (int i = 0; i < most_readings; ++i) {
    probe_.read_memory(one.sector.address, content);
    if (loader_crc(content) == one.crc) return content;
  }
  throw Error(Errc::target,
              fmt::format("{} is not read as the CRC made on the target says",
                          format_range(one.sector.range())),
              "A link that corrupts data: a lower clock helps (--speed 500kHz).")
      .see(Cause::line_errors);
}

std::vector<std::uint32_t> Bystanders::crcs(const std::vector<Bystander> &some,
                                            FlashAccess &access) {
  std::vector<MemoryRange> ranges;
  ranges.reserve(some.size());
  for (const Bystander &one : some) ranges.push_back(one.sector.range());
  return ranges.empty() ? std::vector<std::uint32_t>() : access.crc(ranges);
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

void Bystanders::check(const Plan &plan, FlashAccess &access, Observer &observer) {
  const std::set<std::uint32_t> changed = changed_by(plan);
  std::vector<Bystander> some;
  for (const Bystander &one : others_) {
    if (!changed.contains(one.sector.address)) some.push_back(one);
  }
  const std::vector<std::uint32_t> found = crcs(some, access);
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
      "It is wrong, or for another chip. Do not use it again: look for a newer version, or for the "
      "algorithm of just this chip.")
      .see(Cause::wrong_chip);
}

}  // namespace flashhost
