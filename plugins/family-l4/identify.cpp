#include "l4.hpp"
#include "registers.hpp"

#include <flashhost/identify.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace l4 {

using namespace flashhost;

namespace {

// The firmware of the second core (CPU2) lies at the end of the flash and is out of reach.
void leave_out_second_core(ProbeReader &probe, Chip &chip) {
  const std::uint32_t secured = read_surely(probe, facts_of(chip).flash + flash_sfr);
  const bool absent = secured == 0 && facts_of(chip).series == Series::wl;  // of a chip with one
  if (absent) return;
  const std::uint32_t size = (secured & sfr_sfsa) * page_size(chip);
  if ((secured & sfr_fsd) != 0 || size >= chip.flash.size) return;
  chip.mass_erase_typical = {};
  if (size == 0) return give_to_second_core(chip);
  chip.size_limit = {size, fmt::format("the flash from {} on belongs to the second core (CPU2), "
                                       "for example to its wireless stack, and is left alone",
                                       hex(chip.flash.address + size))};
}

// Where the debug port has a switch, it is on, or nobody could read this.
void see_value_line(ProbeReader &probe, Chip &chip) {
  const auto access = read_id_word(probe, facts_of(chip).flash + flash_acr);
  if (access && (*access & acr_dbg_swen) == 0) note_value_line(chip);
}

// Some chips with trimmed flash have their second bank far behind the first, others have all in
// one piece, in which no bit for the second bank does anything.
void split_at_hole(ProbeReader &probe, Chip &chip, std::uint32_t options) {
  const Line &line = line_of(chip);
  const std::uint32_t half = chip.flash.size / 2;
  if (line.banks != Banks::bit_22 || chip.flash.size == chip.die_flash_size ||
      !has_two_banks(line, own_size(chip), options) ||
      read_if_there(probe, chip.flash.address + half)) {
    return;
  }
  set_flash_size(chip, half);
  chip.mass_erase_typical = {};  // it would erase both
  chip.further_flash.push_back(behind_hole(chip));
}

// The option bit is about banks; where the firmware swaps them, only a register says so.
bool banks_are_swapped(ProbeReader &probe, const Chip &chip, std::uint32_t options) {
  if (line_of(chip).banks == Banks::g0b) return (options & optr_bit20) == 0;
  if (!facts_of(chip).remappable) return false;
  return (read_if_there(probe, syscfg_memrmp).value_or(0) & memrmp_fb_mode) != 0;
}

// With BFB2 the bootloader starts the second bank if its first word could be a stack pointer.
std::uint32_t boot_address(ProbeReader &probe, const Chip &chip, std::uint32_t options) {
  const std::uint32_t second = chip.flash.address + bank_distance(chip);
  if (!facts_of(chip).remappable || (options & optr_bit20) == 0 || !chip.flash.contains(second)) {
    return chip.flash.address;
  }
  constexpr std::uint32_t region = 0xFF000000;
  const auto stack = read_if_there(probe, second);  // refused where the flash is read-protected
  const bool program =
      stack && ((*stack & region) == ram_base || (*stack & region) == core_ram_base);
  return program ? second : chip.flash.address;
}

}  // namespace

Identity identify(ProbeReader &probe) {
  constexpr std::array own_cores{cortex_m0_plus, cortex_m4};
  const stm32::Id id = stm32::read_id(probe, own_cores);
  const auto line = std::ranges::find(lines(), id.device, &Line::device_id);
  if (line == lines().end() || id.core != facts_of(line->series).core) return {{}, id.evidence};

  const SeriesFacts &facts = facts_of(line->series);
  Chip chip = make_chip(*line);
  chip.revision = id.revision;
  stm32::remark_clone(chip, probe, facts.debug_port, line->revisions());
  const SignatureAddresses addresses = signature_of(*line);
  stm32::Signature signature =
      stm32::read_signature(probe, addresses.flash_size, addresses.unique_id);
  take_reported_size(probe, chip, signature.flash_kib, parts());
  note_own_size(chip);
  CommonPart common = common_part(parts(), id.device, chip.flash.size, line->part_names);
  chip.name = std::move(common.name);
  chip.ram.size = common.ram_size;
  chip.unique_id = std::move(signature.unique_id);
  if (facts.second_core) leave_out_second_core(probe, chip);
  if (line->series == Series::g0) see_value_line(probe, chip);
  if (line->may_have_two_banks()) {
    const std::uint32_t options = read_surely(probe, facts.flash + flash_optr);
    divide(chip, {has_two_banks(*line, own_size(chip), options), false});
    split_at_hole(probe, chip, options);
  }
  return {std::move(chip), id.evidence};
}

void settle(ProbeReader &probe, Chip &chip) {
  const Line &line = line_of(chip);
  if (!line.may_have_two_banks()) return;
  const std::uint32_t options = read_surely(probe, facts_of(line.series).flash + flash_optr);
  const bool split = !chip.further_flash.empty() || chip.flash.address != flash_base;
  if (split) return;
  const bool two_banks = has_two_banks(line, own_size(chip), options);
  divide(chip, {two_banks, two_banks && banks_are_swapped(probe, chip, options)});
  chip.boot_address =
      two_banks ? boot_address(probe, chip, options) : std::uint32_t{chip.flash.address};
}

}  // namespace l4
