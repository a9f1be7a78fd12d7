#include "l4.hpp"
#include "registers.hpp"

#include <flashhost/controller.hpp>
#include <flashhost/cortex_m.hpp>
#include <flashhost/error.hpp>
#include <flashhost/identify.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace l4 {

using namespace flashhost;

namespace {

std::uint32_t rdp(const OptionWords &words) {
  return words.at(0) & optr_rdp;
}

// FLASH_OPTR as it is in the flash, not as it was loaded. A value that does not match its
// complement counts as erased, as in the hardware. Empty: it cannot be read.
std::optional<std::uint32_t> first_cell(ProbeReader &probe) {
  const auto value = read_if_there(probe, option_base);
  const auto complement = read_if_there(probe, option_base + 4);
  if (!value || !complement) return {};
  return *value == ~*complement ? *value : 0xFFFFFFFF;
}

// From the next reset on no debugger can look: so the cell is read before it.
void check_final(ProbeReader &probe, const OptionWords &words) {
  const std::uint32_t found = first_cell(probe).value_or(words.at(0));
  if ((found & optr_rdp) == rdp(words)) return;
  throw Error(Errc::verify,
              fmt::format("the option bytes hold {} after RDP level 2 was written", hex(found)));
}

bool locks_boot(const Chip &chip, const OptionWords &words) {
  for (const OptionField &field : option_fields(chip)) {
    if (field.name == "BOOT_LOCK") return option_value(field, words) != 0;
  }
  return false;
}

MemoryRange all_of(const MemoryRange &one, const MemoryRange &other) {
  const std::uint32_t start = std::min(one.address, other.address);
  return {start, static_cast<std::uint32_t>(std::max(one.end(), other.end()) - start)};
}

void set_area(const ProtectedArea &area, OptionWords &words, std::uint32_t first,
              std::uint32_t last) {
  std::uint32_t &start = words.at(area.start_word);
  start = (start & ~area.mask) | first;
  std::uint32_t &end = words.at(area.end_word);
  end = (end & ~(area.mask << area.end_at)) | last << area.end_at;
}

void clear_area(const ProtectedArea &area, OptionWords &words) {
  set_area(area, words, area.mask, 0);
}

// Whether one of the areas covers less than before.
bool frees_proprietary(const Chip &chip, const OptionWords &from, const OptionWords &to) {
  return std::ranges::any_of(proprietary_areas(chip), [&](const ProtectedArea &area) {
    const MemoryRange before = area_range(area, from), after = area_range(area, to);
    return before.size != 0 &&
           (after.address > before.address || after.end() < before.end() || after.size == 0);
  });
}

void wait_options(Host &host, Probe &probe, const Chip &chip) {
  // Taking read protection off erases the whole flash.
  const std::uint32_t status =
      wait_idle(host, probe, chip, flash_base,
                maximum_of_mass_erase(chip) + chip.sectors.front().erase_maximum,
                "programming the option bytes");
  if ((status & sr_errors) == 0) return;
  throw Error(Errc::flash,
              "programming the option bytes failed: " + explain_status(chip, flash_base, status),
              "They may be half written: complete this before the board is used.")
      .see(Cause::write_protection);
}

// The chip resets itself when it loads its option bytes, so the access may well fail. Where the
// read protection goes, it is busy erasing for a while.
void load_options(Probe &probe, const Chip &chip) {
  try {
    probe.write_word(facts_of(chip).flash + flash_cr, cr_obl_launch);
  } catch (const Error &error) {
    if (error.code() != Errc::memory_fault && error.code() != Errc::target) throw;
  }
  probe.sleep(maximum_of_mass_erase(chip));
  static_cast<void>(cortex_m::reset_and_halt(probe));
}

}  // namespace

Nanoseconds maximum_of_mass_erase(const Chip &chip) {
  return chip.sectors.front().erase_maximum;  // a page and a bank take the same time
}

bool read_protected(const OptionWords &words) {
  return rdp(words) != rdp_level0;
}

bool is_final(const OptionWords &words) {
  return rdp(words) == rdp_level2;
}

bool proprietary(const Chip &chip, const OptionWords &words) {
  return std::ranges::any_of(proprietary_areas(chip), [&](const ProtectedArea &area) {
    return area_range(area, words).size != 0;
  });
}

std::vector<MemoryRange> write_protected(const Chip &chip, const OptionWords &words) {
  std::vector<MemoryRange> areas;
  for (const auto *kind : {&write_areas(chip), &proprietary_areas(chip)}) {
    for (const ProtectedArea &area : *kind) {
      const MemoryRange range = area_range(area, words);
      if (range.size != 0) areas.push_back(range);
    }
  }
  // By sectors, since areas may overlap.
  std::vector<MemoryRange> ranges;
  for (const Sector &sector : chip.sectors) {
    const bool covered = std::ranges::any_of(
        areas, [&](const MemoryRange &area) { return area.overlaps(sector.range()); });
    if (covered) add_range(ranges, sector.range());
  }
  return ranges;
}

OptionWords read_options(ProbeReader &probe, const Chip &chip) {
  const std::uint32_t flash = facts_of(chip).flash;
  OptionWords words;
  for (const OptionRegister &one : option_registers(chip)) {
    words.push_back(probe.read_word(flash + one.offset) & one.mask);
  }
  // The register shows what the chip has loaded.
  if (const auto cell = first_cell(probe)) words.front() = *cell;
  return words;
}

namespace {

stm32::ReadProtection protection_of(const OptionWords &words) {
  if (is_final(words)) return stm32::ReadProtection::final;
  return read_protected(words) ? stm32::ReadProtection::on : stm32::ReadProtection::off;
}

}  // namespace

std::vector<OptionEffect> option_effects(const Chip &chip, const OptionWords &from,
                                         const OptionWords &to) {
  using Kind = OptionEffect::Kind;
  const bool erases = read_protected(from) && !read_protected(to);
  std::vector<OptionEffect> effects =
      stm32::read_protection_effects(protection_of(from), protection_of(to), shut);
  if (is_final(from)) return effects;
  if (!is_final(to) && locks_boot(chip, to) && read_protected(to)) {
    effects = {{Kind::final,
                "BOOT_LOCK together with read protection is final: no debugger can ever reach the "
                "chip again"}};
  }
  if (!erases && frees_proprietary(chip, from, to)) {
    effects.push_back(
        {Kind::impossible,
         "the protection of proprietary code (PCROP) goes away only when read protection is set to "
         "level 1 and taken off again with PCROP_RDP set, which erases everything"});
  }
  if (!proprietary(chip, from) && proprietary(chip, to)) {
    effects.push_back({Kind::remark,
                       "what is protected as proprietary code can then only be executed, and only "
                       "erasing the whole flash changes that"});
  }
  const Line &line = line_of(chip);
  const std::uint32_t changed = from.at(0) ^ to.at(0);
  if (line.may_have_two_banks() && (changed & (optr_bit21 | optr_bit22)) != 0) {
    effects.push_back({Kind::remark,
                       "the flash may then be divided into other banks and pages, and its content "
                       "may not be readable any more: erase it all afterwards"});
  }
  if (line.may_have_two_banks() && (changed & optr_bit20) != 0) {
    effects.push_back({Kind::remark, "another bank is then the one that is started"});
  }
  if ((from.at(0) & ~to.at(0) & optr_iwdg_sw) != 0) {
    effects.push_back(stm32::hardware_watchdog_effect());
  }
  return effects;
}

OptionWords without_protection(const Chip &chip, OptionWords words) {
  if (is_final(words)) stm32::throw_final();
  if (proprietary(chip, words)) {
    throw Error(Errc::locked,
                "a part of the flash is protected as proprietary code (PCROP), which flashhost "
                "does not lift",
                "It goes away when read protection is set to level 1 and taken off again with the "
                "option PCROP_RDP set, which erases everything.")
        .see(Cause::write_protection);
  }
  if (const MemoryRange others = second_core_range(chip); others.size != 0) {
    throw Error(Errc::locked,
                fmt::format("{} belongs to the second core (CPU2), which no debugger can change",
                            format_range(others)),
                "Only the chip's own services (FUS) remove a wireless stack; or leave this part of "
                "the flash out of the image.")
        .see(Cause::write_protection);
  }
  words.at(0) = (words.at(0) & ~optr_rdp) | rdp_level0;
  for (const ProtectedArea &area : write_areas(chip)) clear_area(area, words);
  return words;
}

OptionWords with_read_protection(OptionWords words) {
  constexpr std::uint32_t rdp_level1 = 0;
  if (!read_protected(words)) words.at(0) = (words.at(0) & ~optr_rdp) | rdp_level1;
  return words;
}

// Two areas for each bank: an empty one is taken, else the second grows as far as it has to.
OptionWords with_write_protection(const Chip &chip, OptionWords words, MemoryRange range) {
  const std::vector<ProtectedArea> &areas = write_areas(chip);
  for (auto area = areas.begin(); area != areas.end(); ++area) {
    if (area != areas.begin() && (area - 1)->range == area->range) continue;
    if (!area->range.overlaps(range)) continue;
    const std::uint32_t start = std::max(range.address, area->range.address);
    const auto end = static_cast<std::uint32_t>(std::min(range.end(), area->range.end()));
    MemoryRange wanted{start, end - start};
    const bool covered = std::ranges::any_of(areas, [&](const ProtectedArea &one) {
      return area_range(one, words).contains(wanted.address, wanted.size);
    });
    if (covered) continue;
    const auto free = std::find_if(area, areas.end(), [&](const ProtectedArea &one) {
      return one.range == area->range && area_range(one, words).size == 0;
    });
    const auto chosen = free != areas.end() ? free : area + 1;
    if (free == areas.end()) wanted = all_of(wanted, area_range(*chosen, words));
    set_area(*chosen, words, (wanted.address - area->range.address) / area->unit,
             static_cast<std::uint32_t>(wanted.end() - 1 - area->range.address) / area->unit);
  }
  return words;
}

void write_options(Host &host, Probe &probe, const Chip &chip, const OptionWords &words) {
  const std::uint32_t flash = facts_of(chip).flash;
  host.debug("writing the option bytes: FLASH_OPTR {}", hex(words.at(0)));
  const bool was_closed = (probe.read_word(flash + flash_optr) & optr_rdp) != rdp_level0;
  unlock(probe, {"the register of the option bytes",
                 "FLASH_CR",
                 flash + flash_cr,
                 cr_optlock,
                 flash + flash_optkeyr,
                 {option_key1, option_key2}});
  const std::vector<OptionRegister> &registers = option_registers(chip);
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::uint32_t address = flash + registers.at(i).offset;
    // All of them: what was written before and not loaded yet does not show.
    const std::uint32_t found = probe.read_word(address);
    const std::uint32_t ours = registers.at(i).mask | registers.at(i).unused;
    probe.write_word(address, (found & ~ours) | words[i]);
  }
  probe.write_word(flash + flash_sr, sr_all);
  probe.write_word(flash + flash_cr, cr_optstrt);
  wait_options(host, probe, chip);
  if (is_final(words)) return check_final(probe, words);
  if (const auto cell = first_cell(probe); cell && (*cell & optr_rdp) != rdp(words)) {
    throw Error(Errc::flash,
                fmt::format("the option bytes hold {} instead of {} after they were programmed",
                            hex(*cell), hex(words.at(0))),
                "They may be half written: complete this before the board is used.")
        .see(Cause::write_protection);
  }
  load_options(probe, chip);
  if (!was_closed || read_protected(words) || read_if_there(probe, flash_base)) return;
  throw Error(
      Errc::locked,
      fmt::format("the read protection was taken off and the flash is erased, but {}", shut),
      "Take the supply off the board and the probe, wait a second, then run flashhost again.")
      .see(Cause::read_protection);
}

}  // namespace l4
