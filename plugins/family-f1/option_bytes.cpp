#include "f1.hpp"
#include "registers.hpp"

#include <flashhost/cortex_m.hpp>
#include <flashhost/error.hpp>
#include <flashhost/text.hpp>
#include <flashhost/wait.hpp>
#include <flashhost/words.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace f1 {

using namespace flashhost;

namespace {

constexpr std::uint32_t units = 32, unit_size = 4096;

// The first word holds RDP, USER, DATA0 and DATA1, the second one WRP0 to WRP3.
constexpr std::size_t user_word = 0, write_word = 1, byte_count = option_size / 2;
constexpr std::uint32_t rdp_mask = 0xFF, wdg_sw = 1U << 8, all_writable = 0xFFFFFFFF;
constexpr std::uint32_t byte_bits = 8;

const SeriesFacts &facts(const Chip &chip) {
  return facts_of(line_of(chip).series);
}

bool read_protected(const Chip &chip, const OptionWords &words) {
  return (words.at(user_word) & rdp_mask) != facts(chip).rdp_off;
}

bool is_final(const Chip &chip, const OptionWords &words) {
  return facts(chip).levels && (words.at(user_word) & rdp_mask) == rdp_level2;
}

// Dies with few pages have no WRP2 and WRP3, and not their place in the option bytes either.
std::size_t bytes_of(const Chip &chip) {
  constexpr std::size_t short_count = 6;
  return line_of(chip).write_bytes > 2 ? byte_count : short_count;
}

void wait_option(Host &host, Probe &probe, const Chip &chip, const char *what) {
  // Taking read protection off erases the whole flash before the byte is written.
  const std::uint32_t status = wait_idle(host, probe, chip, flash_base,
                                         chip.mass_erase_maximum + chip.program_maximum, what);
  if ((status & sr_errors) == 0) return;
  throw Error(Errc::flash,
              fmt::format("{} failed: {}", what, explain_status(chip, flash_base, status)),
              "The option bytes may be half written: complete this before the board is used.")
      .see(Cause::write_protection);
}

void require_halfword_access(Probe &probe) {
  const ProbeInfo info = probe.info();
  if (info.halfword_access) return;
  throw Error(Errc::flash,
              fmt::format("option bytes are programmed by 16-bit accesses, which {} with firmware "
                          "{} cannot do",
                          info.product.empty() ? "the probe" : info.product,
                          info.firmware.empty() ? "of unknown version" : info.firmware),
              "Update the probe's firmware: an ST-Link needs J26 or newer.")
      .see(Cause::bad_ram);
}

OptionField user_bit(std::uint32_t shift, const char *name, const char *meaning, const char *zero,
                     const char *one) {
  return {name, meaning, user_word, shift, 1, {{0, "", zero}, {1, "", one}}};
}

OptionField read_protection_field(const Chip &chip) {
  OptionField made{"RDP", "read protection", user_word, 0, byte_bits, {}, "", true};
  if (facts(chip).levels) {
    made.values = {{rdp_level0, "level0", "level 0: a debugger can read the flash"},
                   {0, "level1", ""},
                   {rdp_level2, "level2", "level 2: no debugger at all, for ever"}};
    made.otherwise = "level 1: a debugger cannot read the flash";
  } else {
    made.values = {{rdp_off, "off", "off: a debugger can read the flash"}, {0, "on", ""}};
    made.otherwise = "on: a debugger cannot read the flash";
  }
  return made;
}

// What F0 and F3 have more than the F1.
void add_new_bits(std::vector<OptionField> &fields, const Line &line) {
  constexpr std::uint16_t f37x = 0x432;
  const bool is_f0 = line.series == Series::f0;
  if (line.empty_check) {
    fields.push_back(user_bit(11, "nBOOT0", "boot, where BOOT_SEL is 0",
                              "from the bootloader or the RAM", "from the flash"));
  }
  fields.push_back(user_bit(12, "nBOOT1", "boot, where not from the flash", "from the RAM",
                            "from the bootloader"));
  fields.push_back(user_bit(13, "VDDA_MONITOR", "supervisor of VDDA", "off", "on"));
  fields.push_back(
      user_bit(14, is_f0 ? "RAM_PARITY_CHECK" : "SRAM_PE", "parity check of the RAM", "on", "off"));
  if (line.empty_check) {
    fields.push_back(
        user_bit(15, "BOOT_SEL", "what decides about the boot", "nBOOT0", "the pin BOOT0"));
  }
  if (line.device_id == f37x) {
    fields.push_back(
        user_bit(15, "SDADC12_VDD_MONITOR", "supervisor of the converters' supply", "off", "on"));
  }
}

// The last unit covers all that is left.
MemoryRange unit_range(const Chip &chip, std::uint32_t unit) {
  const std::uint32_t start = unit * unit_size;
  if (start >= chip.flash.size) return {chip.flash.address, 0};
  const std::uint32_t left = chip.flash.size - start;
  return {chip.flash.address + start, unit + 1 == units ? left : std::min(unit_size, left)};
}

}  // namespace

std::vector<MemoryRange> write_protected(const Chip &chip, std::uint32_t wrpr) {
  std::vector<MemoryRange> ranges;
  for (std::uint32_t unit = 0; unit < units; ++unit) {
    const MemoryRange range = unit_range(chip, unit);
    if (range.size != 0 && ((wrpr >> unit) & 1U) == 0) add_range(ranges, range);
  }
  return ranges;
}

std::vector<MemoryRange> write_protected(const Chip &chip, const OptionWords &words) {
  return write_protected(chip, words.at(write_word));
}

std::vector<OptionField> option_fields(const Chip &chip) {
  const Line &line = line_of(chip);
  std::vector<OptionField> fields{
      read_protection_field(chip),
      user_bit(8, "WDG_SW", "independent watchdog", "starts at every reset", "started by software"),
      user_bit(9, "nRST_STOP", "Stop mode", "entering it resets the chip", "no reset"),
      user_bit(10, "nRST_STDBY", "Standby mode", "entering it resets the chip", "no reset")};
  if (line.banks > 1) {
    fields.push_back(
        user_bit(11, "BFB2", "boot from flash", "from bank 2, where it is valid", "from bank 1"));
  }
  if (facts(chip).levels) add_new_bits(fields, line);
  fields.push_back({"DATA0", "free for the user", user_word, 16, byte_bits, {}, ""});
  fields.push_back({"DATA1", "free for the user", user_word, 24, byte_bits, {}, ""});
  const std::uint32_t write_bits = byte_bits * line.write_bytes;
  fields.push_back({"WRP",
                    "write protection",
                    write_word,
                    0,
                    write_bits,
                    {{all_writable >> (units - write_bits), "none", "none"}},
                    "one bit for 4 KiB, the last for the rest; 0: protected",
                    true});
  return fields;
}

// A byte whose complement does not match counts as 0xFF, as in the hardware.
OptionWords read_options(Probe &probe) {
  std::array<std::uint8_t, option_size> raw{};
  probe.read_memory(option_base, raw, Width::word);
  OptionWords words(byte_count / 4);
  for (std::size_t i = 0; i < byte_count; ++i) {
    const std::uint8_t value = raw.at(2 * i);
    const auto complement = static_cast<std::uint8_t>(~raw.at(2 * i + 1));
    const std::uint32_t byte = value == complement ? value : std::uint8_t{0xFF};
    words.at(i / 4) |= byte << (8 * (i % 4));
  }
  return words;
}

namespace {

stm32::ReadProtection protection_of(const Chip &chip, const OptionWords &words) {
  if (is_final(chip, words)) return stm32::ReadProtection::final;
  return read_protected(chip, words) ? stm32::ReadProtection::on : stm32::ReadProtection::off;
}

}  // namespace

std::vector<OptionEffect> option_effects(const Chip &chip, const OptionWords &from,
                                         const OptionWords &to) {
  std::vector<OptionEffect> effects =
      stm32::read_protection_effects(protection_of(chip, from), protection_of(chip, to));
  if (is_final(chip, from)) return effects;
  if ((from.at(user_word) & ~to.at(user_word) & wdg_sw) != 0) {
    effects.push_back(stm32::hardware_watchdog_effect());
  }
  return effects;
}

OptionWords without_protection(const Chip &chip, OptionWords words) {
  if (is_final(chip, words)) stm32::throw_final();
  words.at(user_word) = (words.at(user_word) & ~rdp_mask) | facts(chip).rdp_off;
  words.at(write_word) = all_writable;
  return words;
}

OptionWords with_read_protection(const Chip &chip, OptionWords words) {
  if (!read_protected(chip, words)) words.at(user_word) &= ~rdp_mask;
  return words;
}

OptionWords with_write_protection(const Chip &chip, OptionWords words, MemoryRange range) {
  for (std::uint32_t unit = 0; unit < units; ++unit) {
    const MemoryRange part = unit_range(chip, unit);
    if (part.size != 0 && part.overlaps(range)) words.at(write_word) &= ~(1U << unit);
  }
  return words;
}

namespace {

// FLASH_OBR of F0 and F3 has RDP's level instead of its value, and the other bytes as they are.
bool loaded(Probe &probe, const Chip &chip, const OptionWords &words) {
  std::array<std::uint32_t, byte_count / 4> known{};
  for (const OptionField &field : option_fields(chip)) {
    known.at(field.word) |= largest_option_value(field) << field.shift;
  }
  known[user_word] &= ~rdp_mask;
  const auto [obr, wrpr] = read_words<2>(probe, {flash_obr, flash_wrpr});
  return ((obr ^ words.at(user_word)) & known[user_word]) == 0 &&
         ((wrpr ^ words.at(write_word)) & known[write_word]) == 0 &&
         ((obr & obr_level2) != 0) == read_protected(chip, words);
}

}  // namespace

// On the way the chip may not answer: it resets itself.
void launch_options(Probe &probe) {
  constexpr Nanoseconds limit = std::chrono::seconds(1), interval = std::chrono::milliseconds(1);
  const auto answered = [&](const auto &access) {
    try {
      return access();
    } catch (const Error &error) {
      if (error.code() == Errc::probe) throw;
      return false;
    }
  };
  cortex_m::halt_catching_reset(probe);
  static_cast<void>(answered([&] {
    probe.write_word(flash_cr, cr_obl_launch);
    return true;
  }));
  static_cast<void>(wait_until(probe, limit, interval, [&] {
    return answered(
        [&] { return (probe.read_word(cortex_m::dhcsr) & cortex_m::dhcsr_s_reset) == 0; });
  }));
  static_cast<void>(cortex_m::reset_and_halt(probe));
}

void write_options(Host &host, Probe &probe, const Chip &chip, const OptionWords &words) {
  require_halfword_access(probe);
  host.debug("writing the option bytes: {} {}", hex(words.at(user_word)),
             hex(words.at(write_word)));
  probe.write_word(flash_optkeyr, key1);
  probe.write_word(flash_optkeyr, key2);
  if ((probe.read_word(flash_cr) & cr_optwre) == 0) {
    throw Error(Errc::target, "the option bytes stay locked after their keys",
                "Power-cycle the board and try again.")
        .see(Cause::controller_locked);
  }
  probe.write_word(flash_sr, sr_eop | sr_errors);
  probe.write_word(flash_cr, cr_optwre | cr_opter);
  probe.write_word(flash_cr, cr_optwre | cr_opter | cr_strt);
  wait_option(host, probe, chip, "erasing the option bytes");
  probe.write_word(flash_cr, cr_optwre | cr_optpg);
  // RDP first: while it is erased, the next reset would protect the chip.
  for (std::uint32_t i = 0; i < bytes_of(chip); ++i) {
    const std::uint32_t byte = (words.at(i / 4) >> (8 * (i % 4))) & 0xFF;
    probe.write_half(option_base + 2 * i, static_cast<std::uint16_t>(byte));
    wait_option(host, probe, chip, "programming the option bytes");
  }
  probe.write_word(flash_cr, cr_lock);
  // Option bytes are loaded at reset only; a wrong RDP would then protect the chip.
  if (read_options(probe) != words) {
    throw Error(Errc::verify, "the option bytes read back differ from what was written");
  }
  if (is_final(chip, words)) return;
  if (!facts(chip).levels) {
    static_cast<void>(cortex_m::reset_and_halt(probe));
    return;
  }
  launch_options(probe);
  if (loaded(probe, chip, words)) return;
  throw Error(Errc::locked,
              "the option bytes are written, but the chip has not loaded them (FLASH_OBR " +
                  hex(probe.read_word(flash_obr)) + ")",
              "Take the supply off the board and the probe, wait a second, then run flashhost "
              "again.")
      .see(Cause::read_protection);
}

}  // namespace f1
