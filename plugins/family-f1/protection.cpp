#include "f1.hpp"
#include "registers.hpp"

#include <flashhost/cortex_m.hpp>
#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace f1 {

namespace {

using flashhost::Cause;
using flashhost::Chip;
using flashhost::Errc;
using flashhost::Error;
using flashhost::hex;
using flashhost::MemoryRange;
using flashhost::Probe;

constexpr std::uint32_t units = 32;
constexpr std::uint32_t automatic_size = 4096;  // pages 0 to 3 of 1 KiB, 0 and 1 of 2 KiB

// The eight option bytes: RDP, USER, DATA0, DATA1, WRP0..WRP3.
using OptionBytes = std::array<std::uint8_t, option_size / 2>;
enum : std::uint8_t { rdp_byte = 0, user_byte = 1, first_wrp_byte = 4 };

// A byte whose complement does not fit counts as 0xFF, for the hardware too.
OptionBytes read_option_bytes(Probe &probe) {
  std::array<std::uint8_t, option_size> raw{};
  probe.read_memory(option_base, raw, flashhost::Width::word);
  OptionBytes bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const std::uint8_t value = raw.at(2 * i);
    const auto complement = static_cast<std::uint8_t>(~raw.at(2 * i + 1));
    bytes.at(i) = value == complement ? value : std::uint8_t{0xFF};
  }
  return bytes;
}

// Ranges of flash whose bit in WRPR is 0, neighbours as one.
std::vector<MemoryRange> protected_ranges(const Chip &chip, std::uint32_t wrpr) {
  const Line &line = line_of(chip);
  const std::uint32_t unit_size = std::uint32_t{line.page_size} * line.pages_per_wrp_unit;
  std::vector<MemoryRange> ranges;
  for (std::uint32_t unit = 0; unit < units; ++unit) {
    if (((wrpr >> unit) & 1U) != 0 || unit * unit_size >= chip.flash.size) continue;
    const std::uint32_t first = unit * unit_size;
    const std::uint32_t stop =
        unit + 1 == units ? chip.flash.size : std::min(first + unit_size, chip.flash.size);
    const MemoryRange range{chip.flash.address + first, stop - first};
    if (!ranges.empty() && ranges.back().end() == range.address) {
      ranges.back().size += range.size;
    } else {
      ranges.push_back(range);
    }
  }
  return ranges;
}

void wait_option(flashhost::Host &host, Probe &probe, const Chip &chip, const char *what) {
  // Taking read protection off erases the whole flash before the byte is written.
  const std::uint32_t status =
      wait_idle(host, probe, 0, chip.mass_erase_maximum + chip.program_maximum, what);
  if ((status & sr_errors) == 0) return;
  throw Error(Errc::flash, fmt::format("{} failed: {}", what, explain(status)),
              "The option bytes may be half written: run with unlock = true again before the board "
              "is used.")
      .see(Cause::write_protection);
}

void write_option_bytes(flashhost::Host &host, Probe &probe, const Chip &chip,
                        const OptionBytes &bytes) {
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
  // RDP first: as long as it is erased, the next reset protects the chip.
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto address = option_base + static_cast<std::uint32_t>(2 * i);
    probe.write_half(address, bytes.at(i));
    wait_option(host, probe, chip, "programming the option bytes");
  }
  probe.write_word(flash_cr, cr_lock);
}

}  // namespace

flashhost::Protection protection(Probe &probe, const Chip &chip) {
  flashhost::Protection found;
  const std::uint32_t obr = probe.read_word(flash_obr);
  const std::uint32_t wrpr = probe.read_word(flash_wrpr);
  found.read = (obr & obr_rdprt) != 0;
  found.write = protected_ranges(chip, wrpr);
  const bool by_option_bytes = !found.write.empty();
  if (found.read) {
    found.detail = fmt::format("read protection is on (FLASH_OBR {}{})", hex(obr),
                               (obr & obr_opterr) != 0 ? ", option bytes damaged" : "");
    if (!by_option_bytes) {
      found.write.push_back({chip.flash.address, std::min(automatic_size, chip.flash.size)});
    }
  }
  if (by_option_bytes) {
    found.detail += fmt::format("{}write protection is on (FLASH_WRPR {})",
                                found.detail.empty() ? "" : ", ", hex(wrpr));
  }
  return found;
}

void unprotect(flashhost::Host &host, Probe &probe, const Chip &chip,
               const flashhost::Protection &found) {
  if (!found.any()) return;
  require_halfword_access(probe);
  if (found.read) {
    host.warning("taking the read protection off erases the whole flash");
  }
  flashhost::UndoLog undo;
  prepare(host, probe, chip, undo);
  OptionBytes bytes = read_option_bytes(probe);
  bytes.at(rdp_byte) = rdp_off;
  std::fill(bytes.begin() + first_wrp_byte, bytes.end(), std::uint8_t{0xFF});
  host.info("writing the option bytes; USER stays 0x{:02x}", bytes.at(user_byte));
  write_option_bytes(host, probe, chip, bytes);
  // Option bytes are loaded at reset only.
  static_cast<void>(flashhost::cortex_m::reset_and_halt(probe));
  const std::string left = flashhost::cortex_m::restore(probe, undo, true);
  if (!left.empty()) host.warning("after writing the option bytes: {}", left);
  const flashhost::Protection now = protection(probe, chip);
  if (!now.any()) return;
  throw Error(Errc::locked,
              "the option bytes were rewritten and the chip was reset, but " + now.detail,
              "Power-cycle the board, then run flashhost again.")
      .see(Cause::read_protection);
}

std::uint32_t boot_address(flashhost::ProbeReader &probe, const Chip &chip) {
  // The BOOT pins cannot be read through SWD: what is flashed is taken as what is to boot.
  constexpr std::uint32_t bank2 = bank2_base;
  if (line_of(chip).banks > 1 && chip.flash.contains(bank2) &&
      (probe.read_word(flash_obr) & obr_bfb2) == 0) {
    return bank2;
  }
  return chip.flash.address;
}

}  // namespace f1
