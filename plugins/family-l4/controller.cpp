#include "l4.hpp"
#include "registers.hpp"

#include <flashhost/controller.hpp>

#include <array>
#include <cstring>

namespace l4 {

using namespace flashhost;

namespace {

void erase(Host &host, Probe &probe, const Chip &chip, std::uint32_t mode, std::uint32_t address,
           Nanoseconds maximum, const std::string &what) {
  const std::uint32_t flash = facts_of(chip).flash;
  static_cast<void>(wait_idle(host, probe, chip, address, maximum, what));
  std::array accesses{Access::write(flash + flash_sr, sr_all),
                      Access::write(flash + flash_cr, mode),
                      Access::write(flash + flash_cr, mode | cr_strt)};
  probe.run(accesses);
  const std::uint32_t status = wait_idle(host, probe, chip, address, maximum, what);
  probe.write_word(flash + flash_cr, 0);
  if ((status & sr_errors) != 0) throw_failed(chip, what, address, status);
}

std::uint32_t word_at(std::span<const std::uint8_t> data, std::size_t offset) {
  std::uint32_t word = 0;
  std::memcpy(&word, data.data() + offset, sizeof word);
  return word;
}

}  // namespace

void erase_sector(Host &host, Probe &probe, const Chip &chip, const Sector &sector) {
  const Page page = page_at(chip, sector.address);
  const std::uint32_t bank = page.bank == 0 ? 0 : second_bank_bit(line_of(chip));
  erase(host, probe, chip, cr_per | bank | page.number << pnb_at, sector.address,
        sector.erase_maximum, "erasing the page");
}

void erase_all(Host &host, Probe &probe, const Chip &chip) {
  erase(host, probe, chip, mass_erase_bits(chip), chip.flash.address, chip.mass_erase_maximum,
        "the mass erase");
}

// One double word at a time: no manual says what a write does while the one before is programmed.
void program(Host &host, Probe &probe, const Chip &chip, std::uint32_t address,
             std::span<const std::uint8_t> data) {
  constexpr std::uint32_t unit = 8, word = 4;
  const std::uint32_t flash = facts_of(chip).flash;
  const std::string what = "programming";
  static_cast<void>(wait_idle(host, probe, chip, address, chip.program_maximum, what));
  std::array opening{Access::write(flash + flash_sr, sr_all),
                     Access::write(flash + flash_cr, cr_pg)};
  probe.run(opening);
  for (std::size_t i = 0; i < data.size(); i += unit) {
    const std::uint32_t low = word_at(data, i), high = word_at(data, i + word);
    if ((low & high) == 0xFFFFFFFF) continue;  // already so after the erase
    const auto target = address + static_cast<std::uint32_t>(i);
    // In one go: the first word alone would lock the control register until a reset.
    std::array accesses{Access::write(target, low), Access::write(target + word, high)};
    probe.run(accesses);
    const std::uint32_t status = wait_idle(host, probe, chip, target, chip.program_maximum, what);
    if ((status & sr_errors) == 0) continue;
    probe.write_word(flash + flash_cr, 0);
    throw_failed(chip, what, target, status);
  }
  probe.write_word(flash + flash_cr, 0);
}

}  // namespace l4
