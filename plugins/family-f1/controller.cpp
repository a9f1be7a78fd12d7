#include "f1.hpp"
#include "registers.hpp"

#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>

namespace f1 {

namespace {

using flashhost::Cause;
using flashhost::Chip;
using flashhost::Errc;
using flashhost::Error;
using flashhost::hex;
using flashhost::Nanoseconds;
using flashhost::Probe;

[[noreturn]] void fail(const std::string &what, std::uint32_t address, std::uint32_t status) {
  throw Error(Errc::flash, fmt::format("{} at {} failed: {}", what, hex(address), explain(status)))
      .see(Cause::bad_cell);
}

void clear_flags(Probe &probe, std::uint32_t bank) {
  probe.write_word(flash_sr + bank, sr_eop | sr_errors);
}

void erase(flashhost::Host &host, Probe &probe, std::uint32_t mode, std::uint32_t address,
           std::uint32_t bank, Nanoseconds maximum, const std::string &what) {
  static_cast<void>(wait_idle(host, probe, bank, maximum, what));
  clear_flags(probe, bank);
  probe.write_word(flash_cr + bank, mode);
  probe.write_word(flash_ar + bank, address);
  probe.write_word(flash_cr + bank, mode | cr_strt);
  const std::uint32_t status = wait_idle(host, probe, bank, maximum, what);
  probe.write_word(flash_cr + bank, 0);
  if ((status & sr_errors) != 0 || (status & sr_eop) == 0) fail(what, address, status);
}

}  // namespace

std::uint32_t bank_offset(const Chip &chip, std::uint32_t address) {
  return line_of(chip).banks > 1 && address >= bank2_base ? bank2_offset : 0;
}

std::uint32_t wait_idle(flashhost::Host &host, Probe &probe, std::uint32_t bank,
                        Nanoseconds maximum, const std::string &what) {
  return stm32::wait_idle(host, probe, {flash_sr + bank, sr_bsy}, maximum, what);
}

void require_halfword_access(Probe &probe) {
  const auto info = probe.info();
  if (info.halfword_access) return;
  throw Error(Errc::flash,
              fmt::format("without a loader this chip is programmed by 16-bit accesses, which {} "
                          "with firmware {} cannot do",
                          info.product.empty() ? "the probe" : info.product,
                          info.firmware.empty() ? "of unknown version" : info.firmware),
              "Update the probe's firmware: an ST-Link needs J26 or newer. Or find out why the "
              "loader does not run (see the messages before).")
      .see(Cause::bad_ram);
}

void erase_sector(flashhost::Host &host, Probe &probe, const Chip &chip,
                  const flashhost::Sector &sector) {
  erase(host, probe, cr_per, sector.address, bank_offset(chip, sector.address),
        sector.erase_maximum, "erasing the page");
}

void erase_all(flashhost::Host &host, Probe &probe, const Chip &chip) {
  const std::uint32_t banks = line_of(chip).banks;
  const Nanoseconds maximum = chip.mass_erase_maximum / banks;
  erase(host, probe, cr_mer, flash_base, 0, maximum, "the mass erase");
  if (banks > 1) {
    erase(host, probe, cr_mer, bank2_base, bank2_offset, maximum, "the mass erase of bank 2");
  }
}

void program(flashhost::Host &host, Probe &probe, const Chip &chip, std::uint32_t address,
             std::span<const std::uint8_t> data) {
  require_halfword_access(probe);
  const std::string what = "programming";
  std::optional<std::uint32_t> open;  // the bank whose PG is set
  const auto close = [&] {
    if (open) probe.write_word(flash_cr + *open, 0);
    open.reset();
  };
  for (std::size_t i = 0; i + 1 < data.size(); i += 2) {
    const auto halfword = static_cast<std::uint16_t>(data[i] | (data[i + 1] << 8));
    if (halfword == 0xFFFF) continue;  // as erased
    const auto target = address + static_cast<std::uint32_t>(i);
    const std::uint32_t bank = bank_offset(chip, target);
    if (open != bank) {
      close();
      static_cast<void>(wait_idle(host, probe, bank, chip.program_maximum, what));
      clear_flags(probe, bank);
      probe.write_word(flash_cr + bank, cr_pg);
      open = bank;
    }
    probe.write_half(target, halfword);
    const std::uint32_t status = wait_idle(host, probe, bank, chip.program_maximum, what);
    if ((status & sr_errors) == 0) continue;
    // A transport that repeats a write after a line error programs twice: PGERR, but all is well.
    if ((status & sr_wrprterr) != 0 || probe.read_half(target) != halfword) {
      close();
      fail(what, target, status);
    }
    clear_flags(probe, bank);
  }
  close();
}

}  // namespace f1
