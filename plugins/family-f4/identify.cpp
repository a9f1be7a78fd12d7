#include "f4.hpp"
#include "registers.hpp"

#include <flashhost/identify.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace f4 {

using namespace flashhost;

namespace {

constexpr std::uint32_t st_debug_port = 0x2BA01477;
constexpr std::array own_cores{stm32::cortex_m4};
// The first F405 and F407 have the device id of an F2, which has a Cortex-M3.
constexpr std::uint32_t wrong_id = 0x411, f405_id = 0x413, f405_revision_a = 0x1000;

void remark_supply(Chip &chip, std::optional<int> millivolts) {
  constexpr int lowest_millivolts = 1700, highest_millivolts = 3600;
  if (!millivolts) {
    chip.remarks.push_back(with_page(
        "the supply of the target is not known, so the flash is erased and programmed 8 bits at a "
        "time: that is safe, but slow. From 2.1 V on it could be 16 bits, from 2.7 V on 32: "
        "connect the probe's VAPP to the target's supply, or say it: --voltage 3.3, or "
        "voltage = 3.3 in [transport] of the board file",
        Cause::supply_voltage));
  } else if (*millivolts < lowest_millivolts) {
    chip.remarks.push_back(
        with_page(fmt::format("the supply of the target is {:.2f} V, less than any STM32F4 needs "
                              "to program its flash",
                              *millivolts / 1000.0),
                  Cause::supply_voltage));
  } else if (*millivolts > highest_millivolts) {
    chip.remarks.push_back(with_page(
        fmt::format("the supply of the target is {:.2f} V, more than an STM32F4 stands; "
                    "look at --voltage, or voltage in [transport] of the board file, or at the "
                    "supply",
                    *millivolts / 1000.0),
        Cause::supply_voltage));
  }
}

// The chip's bootloader starts the second bank only if its first word could be a stack pointer. The
// BOOT pins cannot be read through SWD: assumes that the chip boots from the flash.
std::uint32_t boot_address(ProbeReader &probe, const Chip &chip, std::uint32_t options) {
  if (!two_banks(chip) || (options & optcr_bfb2) == 0) return chip.flash.address;
  constexpr std::uint32_t region = 0xFF000000;
  const std::uint32_t second = chip.flash.address + bank_size(chip);
  const auto stack = read_if_there(probe, second);  // refused where the flash is read-protected
  const bool program = stack && ((*stack & region) == ram_base || (*stack & region) == ccm_base);
  return program ? second : chip.flash.address;
}

}  // namespace

Parallelism parallelism_at(std::optional<int> millivolts) {
  constexpr int x32_from = 2700, x16_from = 2100;
  if (!millivolts || *millivolts < x16_from) return Parallelism::x8;
  return *millivolts < x32_from ? Parallelism::x16 : Parallelism::x32;
}

Identity identify(ProbeReader &probe) {
  stm32::Id id = stm32::read_id(probe, own_cores);
  const bool corrected = id.core == stm32::cortex_m4 && id.device == wrong_id;
  if (corrected) {
    id.device = f405_id;
    id.revision = f405_revision_a;
  }
  const auto line = std::ranges::find(lines(), id.device, &Line::device_id);
  if (id.core != stm32::cortex_m4 || line == lines().end()) return {{}, id.evidence};

  const std::optional<int> millivolts = probe.info().target_millivolts;
  Chip chip = make_chip(*line, parallelism_at(millivolts), Megabyte::one_bank);
  chip.revision = id.revision;
  if (corrected) {
    chip.remarks.push_back(id.evidence +
                           " is the id of an STM32F2, but the core is a Cortex-M4: taken as an "
                           "early STM32F405 or F407 (revision A)");
  }
  stm32::remark_clone(chip, probe, st_debug_port, line->revisions());
  remark_supply(chip, millivolts);
  stm32::Signature signature = stm32::read_signature(probe, size_register, unique_id);
  take_reported_size(probe, chip, signature.flash_kib, parts());
  set_flash(chip, chip.flash.size);
  CommonPart common = common_part(parts(), id.device, chip.flash.size, line->part_names);
  chip.name = std::move(common.name);
  chip.ram.size = common.ram_size;
  chip.unique_id = std::move(signature.unique_id);
  return {std::move(chip), id.evidence};
}

void settle(ProbeReader &probe, Chip &chip) {
  const bool asks = line_of(chip).banks > 1;
  const std::uint32_t options = asks ? read_surely(probe, flash_optcr) : 0;
  // The option bit only has a meaning for chips of 1 MiB.
  constexpr std::uint32_t megabyte = 1024 * stm32::kib;
  const bool divided = (options & optcr_db1m) != 0 && chip.flash.size == megabyte;
  divide(chip, divided ? Megabyte::two_banks : Megabyte::one_bank);
  set_flash(chip, chip.flash.size);
  chip.boot_address = boot_address(probe, chip, options);
}

}  // namespace f4
