#include "f4.hpp"
#include "registers.hpp"

#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace f4 {

namespace {

using flashhost::Cause;
using flashhost::Chip;
using flashhost::Errc;
using flashhost::Error;
using flashhost::hex;
using flashhost::Nanoseconds;
using flashhost::Probe;
using flashhost::Width;

[[noreturn]] void fail(const std::string &what, std::uint32_t address, std::uint32_t status) {
  throw Error(Errc::flash, fmt::format("{} at {} failed: {}", what, hex(address), explain(status)))
      .see(Cause::bad_cell);
}

void erase(flashhost::Host &host, Probe &probe, const Chip &chip, std::uint32_t mode,
           std::uint32_t address, Nanoseconds maximum, const std::string &what) {
  static_cast<void>(wait_idle(host, probe, maximum, what));
  probe.write_word(flash_sr, sr_all);
  mode |= psize_of(chip);
  probe.write_word(flash_cr, mode);
  probe.write_word(flash_cr, mode | cr_strt);
  const std::uint32_t status = wait_idle(host, probe, maximum, what);
  probe.write_word(flash_cr, 0);
  if ((status & sr_errors) != 0) fail(what, address, status);
}

// After an error nothing more is programmed: the first byte that is not there.
std::uint32_t first_missing(Probe &probe, std::uint32_t address,
                            std::span<const std::uint8_t> data) {
  flashhost::Bytes found(data.size());
  probe.read_memory(address, found);
  const auto differs = std::ranges::mismatch(data, found).in1;
  return differs == data.end() ? address
                               : address + static_cast<std::uint32_t>(differs - data.begin());
}

}  // namespace

std::uint32_t wait_idle(flashhost::Host &host, Probe &probe, Nanoseconds maximum,
                        const std::string &what) {
  return stm32::wait_idle(host, probe, {flash_sr, sr_bsy}, maximum, what);
}

void erase_sector(flashhost::Host &host, Probe &probe, const Chip &chip,
                  const flashhost::Sector &sector) {
  constexpr unsigned snb_at = 3;
  erase(host, probe, chip, cr_ser | sector_number(chip, sector.address) << snb_at, sector.address,
        sector.erase_maximum, "erasing the sector");
}

void erase_all(flashhost::Host &host, Probe &probe, const Chip &chip) {
  const std::uint32_t banks = banks_of(chip) == Banks::two ? cr_mer | cr_mer2 : cr_mer;
  erase(host, probe, chip, banks, chip.flash.address, chip.mass_erase_maximum, "the mass erase");
}

// The bus makes each store wait for the one before, so that they can follow each other in blocks.
void program(flashhost::Host &host, Probe &probe, const Chip &chip, std::uint32_t address,
             std::span<const std::uint8_t> data) {
  const std::string what = "programming";
  const bool by_bytes = parallelism_of(chip) == Parallelism::x16 && !probe.info().halfword_access;
  const Width width = by_bytes ? Width::byte : Width{static_cast<std::uint8_t>(chip.program_unit)};
  const std::uint32_t psize = by_bytes ? 0 : psize_of(chip);
  static_cast<void>(wait_idle(host, probe, chip.program_maximum, what));
  probe.write_word(flash_sr, sr_all);
  probe.write_word(flash_cr, psize | cr_pg);
  probe.write_memory(address, data, width);
  const std::uint32_t status = wait_idle(host, probe, chip.program_maximum, what);
  probe.write_word(flash_cr, 0);
  if ((status & sr_errors) != 0) fail(what, first_missing(probe, address, data), status);
}

}  // namespace f4
