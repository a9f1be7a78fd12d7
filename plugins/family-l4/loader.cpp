#include "l4.hpp"
#include "loaders/l4/l4.inc"
#include "registers.hpp"

#include <bit>

namespace l4 {

namespace {

// What Init gets in place of a clock, since the functions are the same for all series: l4.h.
std::uint32_t facts_word(const Chip &chip) {
  namespace blob = flashhost::l4_blob;
  constexpr std::uint32_t bank_unit = 64 * stm32::kib;
  const Line &line = line_of(chip);
  const SeriesFacts &facts = facts_of(line.series);
  const Division division = division_of(chip);
  const auto shift = static_cast<std::uint32_t>(std::countr_zero(page_size(chip)));
  std::uint32_t word = shift | facts.internal << blob::facts_clock_at |
                       facts.divider >> 11 << blob::facts_divider_at;
  if (facts.clock_status_at == 3) word |= blob::facts_wide_source;
  if (line.series == Series::wb || line.series == Series::wl) word |= blob::facts_high_base;
  if (line.banks == Banks::g0b) word |= blob::facts_second_busy | blob::facts_bank_bit_thirteen;
  if (division.two_banks) word |= bank_distance(chip) / bank_unit << blob::facts_bank_at;
  if (division.swapped) word |= blob::facts_swapped;
  if (has_fast_rows(chip)) word |= blob::facts_rows;
  if (line.series == Series::c0) word |= blob::facts_rows_always;
  if (mass_erase_bits(chip) != cr_mer1) word |= blob::facts_both_masses;
  return word;
}

}  // namespace

flashhost::LoaderCode loader(const Chip &chip) {
  namespace blob = flashhost::l4_blob;
  const SeriesFacts &facts = facts_of(chip);
  flashhost::LoaderCode loader;
  loader.code = blob::code;
  loader.init = blob::init;
  loader.uninit = blob::uninit;
  loader.erase_sector = blob::erase_sector;
  loader.erase_chip = blob::erase_chip;
  loader.program_page = blob::program_page;
  loader.idle = blob::idle;
  loader.crc = blob::crc;
  if (facts.ecc) loader.nmi = facts.flash == 0x40022000 ? blob::nmi : blob::nmi_high;
  loader.static_base = static_cast<std::uint32_t>(loader.code.size());
  loader.zero_data = blob::state_size;
  loader.clock_hz = facts.clock_hz;
  loader.init_clock_hz = facts_word(chip);
  return loader;
}

}  // namespace l4
