#include "f4.hpp"
#include "registers.hpp"

#include <flashhost/controller.hpp>

#include <algorithm>

namespace f4 {

using namespace flashhost;

namespace {

void erase(Host &host, Probe &probe, const Chip &chip, std::uint32_t mode, std::uint32_t address,
           Nanoseconds maximum, const std::string &what) {
  static_cast<void>(wait_idle(host, probe, chip, address, maximum, what));
  probe.write_word(flash_sr, sr_all);
  mode |= psize_of(chip.program_unit);
  probe.write_word(flash_cr, mode);
  probe.write_word(flash_cr, mode | cr_strt);
  const std::uint32_t status = wait_idle(host, probe, chip, address, maximum, what);
  probe.write_word(flash_cr, 0);
  if ((status & sr_errors) != 0) throw_failed(chip, what, address, status);
}

// After an error the controller programs nothing more: finds the first byte that is missing.
std::uint32_t first_missing(Probe &probe, std::uint32_t address,
                            std::span<const std::uint8_t> data) {
  Bytes found(data.size());
  probe.read_memory(address, found);
  const auto differs = std::ranges::mismatch(data, found).in1;
  return differs == data.end() ? address
                               : address + static_cast<std::uint32_t>(differs - data.begin());
}

}  // namespace

void erase_sector(Host &host, Probe &probe, const Chip &chip, const Sector &sector) {
  constexpr unsigned snb_at = 3;
  erase(host, probe, chip, cr_ser | sector_number(chip, sector.address) << snb_at, sector.address,
        sector.erase_maximum, "erasing the sector");
}

void erase_all(Host &host, Probe &probe, const Chip &chip) {
  erase(host, probe, chip, two_banks(chip) ? cr_mer | cr_mer2 : cr_mer, chip.flash.address,
        chip.mass_erase_maximum, "the mass erase");
}

// Not every probe has halfword accesses: byte accesses work at the same supply, but more slowly.
std::vector<Width> widths(const Chip &chip) {
  const Width best{static_cast<std::uint8_t>(chip.program_unit)};
  return best == Width::half ? std::vector{Width::half, Width::byte} : std::vector{best};
}

// Sent as blocks: the bus makes each store wait for the one before.
void program(Host &host, Probe &probe, const Chip &chip, std::uint32_t address,
             std::span<const std::uint8_t> data, Width width) {
  const std::string what = "programming";
  static_cast<void>(wait_idle(host, probe, chip, address, chip.program_maximum, what));
  probe.write_word(flash_sr, sr_all);
  probe.write_word(flash_cr, psize_of(static_cast<std::uint32_t>(width)) | cr_pg);
  probe.write_memory(address, data, width);
  const std::uint32_t status = wait_idle(host, probe, chip, address, chip.program_maximum, what);
  probe.write_word(flash_cr, 0);
  if ((status & sr_errors) != 0) {
    throw_failed(chip, what, first_missing(probe, address, data), status);
  }
}

}  // namespace f4
