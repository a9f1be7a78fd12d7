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
constexpr std::uint32_t automatic_size = 4096;  // pages 0 to 3 of 1 KiB, 0 and 1 of 2 KiB

// The eight option bytes: RDP, USER, DATA0, DATA1, WRP0..WRP3.
using OptionBytes = std::array<std::uint8_t, option_size / 2>;
enum : std::uint8_t { rdp_byte = 0, user_byte = 1, first_wrp_byte = 4 };

// A byte whose complement does not match counts as 0xFF, as in the hardware.
OptionBytes read_option_bytes(Probe &probe) {
  std::array<std::uint8_t, option_size> raw{};
  probe.read_memory(option_base, raw, Width::word);
  OptionBytes bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const std::uint8_t value = raw.at(2 * i);
    const auto complement = static_cast<std::uint8_t>(~raw.at(2 * i + 1));
    bytes.at(i) = value == complement ? value : std::uint8_t{0xFF};
  }
  return bytes;
}

// Ranges of flash whose bit in WRPR is 0. The last bit covers all that is left.
std::vector<MemoryRange> protected_ranges(const Chip &chip, std::uint32_t wrpr) {
  std::vector<MemoryRange> ranges;
  for (std::uint32_t unit = 0; unit < units && unit * unit_size < chip.flash.size; ++unit) {
    if (((wrpr >> unit) & 1U) != 0) continue;
    const std::uint32_t left = chip.flash.size - unit * unit_size;
    add_range(ranges, {chip.flash.address + unit * unit_size,
                       unit + 1 == units ? left : std::min(unit_size, left)});
  }
  return ranges;
}

void wait_option(Host &host, Probe &probe, const Chip &chip, const char *what) {
  // Taking read protection off erases the whole flash before the byte is written.
  const std::uint32_t status = wait_idle(host, probe, chip, flash_base,
                                         chip.mass_erase_maximum + chip.program_maximum, what);
  if ((status & sr_errors) == 0) return;
  throw Error(Errc::flash,
              fmt::format("{} failed: {}", what, explain_status(chip, flash_base, status)),
              "The option bytes may be half written: run with unlock = true again before the board "
              "is used.")
      .see(Cause::write_protection);
}

void write_option_bytes(Host &host, Probe &probe, const Chip &chip, const OptionBytes &bytes) {
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
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto address = option_base + static_cast<std::uint32_t>(2 * i);
    probe.write_half(address, bytes.at(i));
    wait_option(host, probe, chip, "programming the option bytes");
  }
  probe.write_word(flash_cr, cr_lock);
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

}  // namespace

Protection protection(Probe &probe, const Chip &chip) {
  Protection found;
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

void unprotect(Host &host, Probe &probe, const Chip &chip, const Protection &found) {
  if (!found.any()) return;
  require_halfword_access(probe);
  if (found.read) host.warning("taking the read protection off erases the whole flash");
  OptionBytes bytes = read_option_bytes(probe);
  bytes.at(rdp_byte) = rdp_off;
  std::fill(bytes.begin() + first_wrp_byte, bytes.end(), std::uint8_t{0xFF});
  host.info("writing the option bytes; USER stays 0x{:02x}", bytes.at(user_byte));
  write_option_bytes(host, probe, chip, bytes);
  // Option bytes are loaded at reset only.
  static_cast<void>(cortex_m::reset_and_halt(probe));
}

}  // namespace f1
