#include "f1.hpp"
#include "registers.hpp"

#include <flashhost/cortex_m.hpp>
#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace f1 {

using namespace flashhost;

namespace {

constexpr std::uint32_t units = 32, unit_size = 4096;

// The first word holds RDP, USER, DATA0 and DATA1, the second one WRP0 to WRP3.
constexpr std::size_t user_word = 0, write_word = 1, byte_count = option_size / 2;
constexpr std::uint32_t rdp_mask = 0xFF, wdg_sw = 1U << 8, all_writable = 0xFFFFFFFF;

bool read_protected(const OptionWords &words) {
  return (words.at(user_word) & rdp_mask) != rdp_off;
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
  constexpr std::uint32_t byte = 8, word = 32;
  std::vector<OptionField> fields{
      {"RDP",
       "read protection",
       user_word,
       0,
       byte,
       {{rdp_off, "off", "off: a debugger can read the flash"}, {0, "on", ""}},
       "on: a debugger cannot read the flash",
       true},
      {"WDG_SW",
       "independent watchdog",
       user_word,
       8,
       1,
       {{0, "", "starts at every reset"}, {1, "", "started by software"}}},
      {"nRST_STOP",
       "Stop mode",
       user_word,
       9,
       1,
       {{0, "", "entering it resets the chip"}, {1, "", "no reset"}}},
      {"nRST_STDBY",
       "Standby mode",
       user_word,
       10,
       1,
       {{0, "", "entering it resets the chip"}, {1, "", "no reset"}}}};
  if (line_of(chip).banks > 1) {
    fields.push_back({"BFB2",
                      "boot from flash",
                      user_word,
                      11,
                      1,
                      {{0, "", "from bank 2, where it is valid"}, {1, "", "from bank 1"}}});
  }
  fields.push_back({"DATA0", "free for the user", user_word, 16, byte, {}, ""});
  fields.push_back({"DATA1", "free for the user", user_word, 24, byte, {}, ""});
  fields.push_back({"WRP",
                    "write protection",
                    write_word,
                    0,
                    word,
                    {{all_writable, "none", "none"}},
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

std::vector<OptionEffect> option_effects(const OptionWords &from, const OptionWords &to) {
  using Kind = OptionEffect::Kind;
  std::vector<OptionEffect> effects;
  if (read_protected(from) && !read_protected(to)) {
    effects.push_back(
        {Kind::erases_flash, "taking the read protection off erases the whole flash"});
  }
  if (!read_protected(from) && read_protected(to)) {
    effects.push_back({Kind::remark,
                       "no debugger can read the flash any more; taking the read protection off "
                       "again erases all of it"});
  }
  if ((from.at(user_word) & ~to.at(user_word) & wdg_sw) != 0) {
    effects.push_back(
        {Kind::remark, "firmware that does not feed the watchdog will be reset again and again"});
  }
  return effects;
}

OptionWords without_protection(OptionWords words) {
  words.at(user_word) = (words.at(user_word) & ~rdp_mask) | rdp_off;
  words.at(write_word) = all_writable;
  return words;
}

OptionWords with_read_protection(OptionWords words) {
  if (!read_protected(words)) words.at(user_word) &= ~rdp_mask;
  return words;
}

OptionWords with_write_protection(const Chip &chip, OptionWords words, MemoryRange range) {
  for (std::uint32_t unit = 0; unit < units; ++unit) {
    const MemoryRange part = unit_range(chip, unit);
    if (part.size != 0 && part.overlaps(range)) words.at(write_word) &= ~(1U << unit);
  }
  return words;
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
  for (std::uint32_t i = 0; i < byte_count; ++i) {
    const std::uint32_t byte = (words.at(i / 4) >> (8 * (i % 4))) & 0xFF;
    probe.write_half(option_base + 2 * i, static_cast<std::uint16_t>(byte));
    wait_option(host, probe, chip, "programming the option bytes");
  }
  probe.write_word(flash_cr, cr_lock);
  // Option bytes are loaded at reset only; a wrong RDP would then protect the chip.
  if (read_options(probe) != words) {
    throw Error(Errc::verify, "the option bytes read back differ from what was written");
  }
  static_cast<void>(cortex_m::reset_and_halt(probe));
}

}  // namespace f1
