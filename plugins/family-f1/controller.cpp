#include "f1.hpp"
#include "registers.hpp"

#include <flashhost/controller.hpp>

namespace f1 {

using namespace flashhost;

namespace {

void clear_flags(Probe &probe, std::uint32_t bank) {
  probe.write_word(flash_sr + bank, sr_eop | sr_errors);
}

void erase(Host &host, Probe &probe, const Chip &chip, std::uint32_t mode, std::uint32_t address,
           Nanoseconds maximum, const std::string &what) {
  const std::uint32_t bank = bank_offset(chip, address);
  static_cast<void>(wait_idle(host, probe, chip, address, maximum, what));
  clear_flags(probe, bank);
  probe.write_word(flash_cr + bank, mode);
  probe.write_word(flash_ar + bank, address);
  probe.write_word(flash_cr + bank, mode | cr_strt);
  const std::uint32_t status = wait_idle(host, probe, chip, address, maximum, what);
  probe.write_word(flash_cr + bank, 0);
  if ((status & sr_errors) != 0 || (status & sr_eop) == 0) {
    throw_failed(chip, what, address, status);
  }
}

}  // namespace

std::uint32_t bank_offset(const Chip &chip, std::uint32_t address) {
  return line_of(chip).banks > 1 && address >= bank2_base ? bank2_offset : 0;
}

void erase_sector(Host &host, Probe &probe, const Chip &chip, const Sector &sector) {
  erase(host, probe, chip, cr_per, sector.address, sector.erase_maximum, "erasing the page");
}

void erase_all(Host &host, Probe &probe, const Chip &chip) {
  const std::uint32_t banks = line_of(chip).banks;
  const Nanoseconds maximum = chip.mass_erase_maximum / banks;
  erase(host, probe, chip, cr_mer, flash_base, maximum, "the mass erase");
  if (banks > 1) erase(host, probe, chip, cr_mer, bank2_base, maximum, "the mass erase of bank 2");
}

void program(Host &host, Probe &probe, const Chip &chip, std::uint32_t address,
             std::span<const std::uint8_t> data) {
  const std::string what = "programming";
  std::optional<std::uint32_t> open;  // the bank whose PG is set
  const auto close = [&] {
    if (open) probe.write_word(flash_cr + *open, 0);
    open.reset();
  };
  for (std::size_t i = 0; i + 1 < data.size(); i += 2) {
    const auto halfword = static_cast<std::uint16_t>(data[i] | (data[i + 1] << 8));
    if (halfword == 0xFFFF) continue;  // already so after the erase
    const auto target = address + static_cast<std::uint32_t>(i);
    const std::uint32_t bank = bank_offset(chip, target);
    if (open != bank) {
      close();
      static_cast<void>(wait_idle(host, probe, chip, target, chip.program_maximum, what));
      clear_flags(probe, bank);
      probe.write_word(flash_cr + bank, cr_pg);
      open = bank;
    }
    probe.write_half(target, halfword);
    const std::uint32_t status = wait_idle(host, probe, chip, target, chip.program_maximum, what);
    if ((status & sr_errors) == 0) continue;
    // A transport that repeats a write after a line error programs twice. That sets PGERR, but the
    // content is right.
    if ((status & sr_wrprterr) != 0 || probe.read_half(target) != halfword) {
      close();
      throw_failed(chip, what, target, status);
    }
    clear_flags(probe, bank);
  }
  close();
}

}  // namespace f1
