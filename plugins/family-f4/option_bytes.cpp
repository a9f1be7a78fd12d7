#include "f4.hpp"
#include "registers.hpp"

#include <flashhost/cortex_m.hpp>
#include <flashhost/error.hpp>
#include <flashhost/identify.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <bit>

namespace f4 {

using namespace flashhost;

namespace {

// The first word is FLASH_OPTCR; chips with two banks have a second one, FLASH_OPTCR1.
constexpr std::uint32_t in_bank = 0xF, last_bit = 14;
constexpr std::uint32_t wdg_sw = 1U << 5;

std::uint32_t rdp(const OptionWords &words) {
  return (words.at(0) & optcr_rdp) >> rdp_at;
}

// The word and the mask of a sector's nWRP bit. The F413's last two sectors share one.
struct WriteBit {
  std::size_t word;
  std::uint32_t mask;
};
WriteBit write_bit(const Chip &chip, const Sector &sector) {
  const std::uint32_t number = sector_number(chip, sector.address);
  return {number > in_bank ? 1U : 0U, 1U << (nwrp_at + std::min(number & in_bank, last_bit))};
}

// The sectors that are proprietary now and would not be any more.
bool frees_proprietary(const Chip &chip, const OptionWords &from, const OptionWords &to) {
  if (!proprietary(chip, from)) return false;
  return std::ranges::any_of(chip.sectors, [&](const Sector &sector) {
    const WriteBit bit = write_bit(chip, sector);
    return (from.at(bit.word) & bit.mask) != 0 &&
           (!proprietary(chip, to) || (to.at(bit.word) & bit.mask) == 0);
  });
}

std::uint32_t cells(ProbeReader &probe, std::uint32_t address) {
  return probe.read_word(address) & 0xFFFF;  // the upper half is the complement
}

// The bits of FLASH_OPTCR that this chip has.
std::uint32_t writable(const Chip &chip) {
  const Line &line = line_of(chip);
  constexpr std::uint32_t always = 0xFFEC;
  return (line.banks > 1 ? always | optcr_db1m : always & ~optcr_bfb2) |
         std::uint32_t{line.nwrp} << nwrp_at | (line.proprietary ? optcr_sprmod : 0);
}

// From the next reset on no debugger can look: so the cells are read before it.
void check_final(Probe &probe, const OptionWords &words) {
  const std::uint32_t found = cells(probe, option_base);
  if ((found & optcr_rdp) == (words.at(0) & optcr_rdp)) return;
  throw Error(Errc::verify,
              fmt::format("the option bytes hold {} after RDP level 2 was written", hex(found)));
}

}  // namespace

bool read_protected(const OptionWords &words) {
  return rdp(words) != rdp_level0;
}

bool is_final(const OptionWords &words) {
  return rdp(words) == rdp_level2;
}

bool proprietary(const Chip &chip, const OptionWords &words) {
  return line_of(chip).proprietary && (words.at(0) & optcr_sprmod) != 0;
}

// By nWRP, whose meaning PCROP inverts.
std::vector<MemoryRange> write_protected(const Chip &chip, const OptionWords &words) {
  std::vector<MemoryRange> ranges;
  for (const Sector &sector : chip.sectors) {
    const WriteBit bit = write_bit(chip, sector);
    const bool set = (words.at(bit.word) & bit.mask) != 0;
    if (set == proprietary(chip, words)) add_range(ranges, sector.range());
  }
  return ranges;
}

std::vector<OptionField> option_fields(const Chip &chip) {
  const Line &line = line_of(chip);
  const std::vector<OptionValue> mode_values{{0, "", "entering it resets the chip"},
                                             {1, "", "no reset"}};
  std::vector<OptionField> fields{{"BOR_LEV",
                                   "brown-out reset",
                                   0,
                                   2,
                                   2,
                                   {{0, "", "below the highest level"},
                                    {1, "", "below the middle level"},
                                    {2, "", "below the lowest level"},
                                    {3, "", "off"}}}};
  if (line.banks > 1) {
    fields.push_back({"BFB2",
                      "boot from flash",
                      0,
                      4,
                      1,
                      {{0, "", "from bank 1"}, {1, "", "from bank 2, where it is valid"}}});
  }
  fields.push_back({"WDG_SW",
                    "independent watchdog",
                    0,
                    5,
                    1,
                    {{0, "", "starts at every reset"}, {1, "", "started by software"}}});
  fields.push_back({"nRST_STOP", "Stop mode", 0, 6, 1, mode_values});
  fields.push_back({"nRST_STDBY", "Standby mode", 0, 7, 1, mode_values});
  fields.push_back({"RDP",
                    "read protection",
                    0,
                    rdp_at,
                    8,
                    {{rdp_level0, "level0", "level 0: a debugger can read the flash"},
                     {0, "level1", ""},
                     {rdp_level2, "level2", "level 2: no debugger at all, for ever"}},
                    "level 1: a debugger cannot read the flash",
                    true});
  const auto bits = static_cast<std::uint32_t>(std::bit_width(line.nwrp));
  const std::vector<OptionValue> no_protection{{line.nwrp, "none", "none"}};
  const std::string meaning = line.proprietary
                                  ? "one bit for a sector; 0: protected (with SPRMOD: 1)"
                                  : "one bit for a sector; 0: protected";
  fields.push_back({"nWRP", "write protection", 0, nwrp_at, bits, no_protection, meaning, true});
  if (line.banks > 1) {
    fields.push_back({"DB1M",
                      "banks of a flash of 1 MiB",
                      0,
                      30,
                      1,
                      {{0, "", "one bank"}, {1, "", "two banks of 512 KiB"}}});
  }
  if (line.proprietary) {
    fields.push_back({"SPRMOD",
                      "proprietary code (PCROP)",
                      0,
                      31,
                      1,
                      {{0, "", "off"}, {1, "", "sectors whose nWRP bit is 1 cannot be read"}},
                      "",
                      true});
  }
  if (line.banks > 1) {
    fields.push_back(
        {"nWRP2", "write protection of bank 2", 1, nwrp_at, bits, no_protection, meaning, true});
  }
  return fields;
}

OptionWords read_options(ProbeReader &probe, const Chip &chip) {
  const bool two_words = line_of(chip).banks > 1;
  OptionWords words{probe.read_word(flash_optcr)};
  if (two_words) words.push_back(probe.read_word(flash_optcr1));
  if ((words.at(0) & optcr_lock) == 0) {
    // Somebody may have written the registers and not programmed them: the cells tell.
    words.at(0) = cells(probe, option_base) | cells(probe, option_base + 8) << nwrp_at;
    if (two_words) words.at(1) = cells(probe, option2_base + 8) << nwrp_at;
  }
  words.at(0) &= writable(chip);
  if (two_words) words.at(1) &= std::uint32_t{line_of(chip).nwrp} << nwrp_at;
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
  if (!erases && frees_proprietary(chip, from, to)) {
    effects.push_back(
        {Kind::impossible,
         "the protection of proprietary code (PCROP) goes away only when read "
         "protection is set to level 1 and taken off again, which erases everything"});
  }
  if (!proprietary(chip, from) && proprietary(chip, to)) {
    effects.push_back({Kind::remark,
                       "sectors whose nWRP bit is 1 can then only be executed, and only erasing "
                       "the whole flash changes that"});
  }
  if (((from.at(0) ^ to.at(0)) & optcr_db1m) != 0 && line_of(chip).banks > 1) {
    effects.push_back({Kind::remark, "a flash of 1 MiB is then divided into other sectors"});
  }
  if ((from.at(0) & ~to.at(0) & wdg_sw) != 0) {
    effects.push_back(stm32::hardware_watchdog_effect());
  }
  return effects;
}

OptionWords without_protection(const Chip &chip, OptionWords words) {
  if (is_final(words)) stm32::throw_final();
  if (proprietary(chip, words)) {
    throw Error(Errc::locked,
                "sectors are protected as proprietary code (PCROP), which flashhost does not lift",
                "It goes away when read protection is set to level 1 and taken off again, which "
                "erases everything.")
        .see(Cause::write_protection);
  }
  const std::uint32_t unprotected = std::uint32_t{line_of(chip).nwrp} << nwrp_at;
  words.at(0) = (words.at(0) & ~optcr_rdp) | rdp_level0 << rdp_at;
  for (std::uint32_t &word : words) word |= unprotected;
  return words;
}

OptionWords with_read_protection(OptionWords words) {
  if (!read_protected(words)) words.at(0) &= ~optcr_rdp;
  return words;
}

OptionWords with_write_protection(const Chip &chip, OptionWords words, MemoryRange range) {
  if (proprietary(chip, words)) {
    throw Error(Errc::locked,
                "the option bit SPRMOD is set: sectors are protected as proprietary code (PCROP), "
                "not against writing",
                "Both at once is not possible on this chip.")
        .see(Cause::write_protection);
  }
  for (const Sector &sector : chip.sectors) {
    if (!sector.range().overlaps(range)) continue;
    const WriteBit bit = write_bit(chip, sector);
    words.at(bit.word) &= ~bit.mask;
  }
  return words;
}

void write_options(Host &host, Probe &probe, const Chip &chip, const OptionWords &words) {
  host.debug("writing the option bytes: FLASH_OPTCR {}", hex(words.at(0)));
  unlock(probe, {"the register of the option bytes",
                 "FLASH_OPTCR",
                 flash_optcr,
                 optcr_lock,
                 flash_optkeyr,
                 {option_key1, option_key2},
                 ~(optcr_lock | optcr_strt)});
  if (words.size() > 1) probe.write_word(flash_optcr1, words.at(1));
  probe.write_word(flash_optcr, words.at(0));
  probe.write_word(flash_optcr, words.at(0) | optcr_strt);
  // Taking read protection off erases the whole flash first.
  const std::uint32_t status = wait_idle(
      host, probe, chip, flash_base, chip.mass_erase_maximum + chip.sectors.front().erase_maximum,
      "programming the option bytes");
  // Left unlocked, which tells read_options that they may not be programmed.
  if ((status & sr_errors) != 0) {
    throw Error(Errc::flash,
                "programming the option bytes failed: " + explain_status(chip, flash_base, status),
                "They may be half written: complete this before the board is used.")
        .see(Cause::write_protection);
  }
  probe.write_word(flash_optcr, words.at(0) | optcr_lock);
  if (is_final(words)) return check_final(probe, words);
  static_cast<void>(cortex_m::reset_and_halt(probe));
  if (read_protected(words) || read_if_there(probe, flash_base)) return;
  throw Error(
      Errc::locked,
      fmt::format("the read protection was taken off and the flash is erased, but {}", shut),
      "Take the supply off the board and the probe, wait a second, then run flashhost again.")
      .see(Cause::read_protection);
}

}  // namespace f4
