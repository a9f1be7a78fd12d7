#include "f4.hpp"
#include "loaders/f4/f4.inc"
#include "registers.hpp"

#include <algorithm>

namespace f4 {

using namespace flashhost;

namespace {

using namespace std::chrono_literals;
using stm32::kib;

constexpr std::uint16_t twelve_bits = 0x0FFF, fifteen_bits = 0x7FFF;

// RM0090, RM0368, RM0383, RM0390, RM0386, RM0401, RM0402, RM0430: electronic signature, debug.
// clang-format off
constexpr std::array<Line, 10> line_table{{
    {0x413, "STM32F405/407/415/417", "STM32F407", 1024, 1, twelve_bits, 64, false,
     {0x1000, 0x1001, 0x1003, 0x1007, 0x100F, 0x101F}},
    {0x419, "STM32F427/429/437/439", "STM32F429", 2048, 2, twelve_bits, 64, true,
     {0x1000, 0x1003, 0x1007, 0x2001, 0x2003}},
    {0x423, "STM32F401xB/xC", "STM32F401", 256, 1, twelve_bits, 0, true, {0x1000, 0x1001}},
    {0x433, "STM32F401xD/xE", "STM32F401", 512, 1, twelve_bits, 0, true, {0x1000, 0x1001}},
    {0x458, "STM32F410", "STM32F410", 128, 1, twelve_bits, 0, true, {0x1000}},
    {0x431, "STM32F411", "STM32F411", 512, 1, twelve_bits, 0, true, {0x1000, 0x1001}},
    {0x441, "STM32F412", "STM32F412", 1024, 1, twelve_bits, 0, true, {0x1001, 0x3000}},
    {0x463, "STM32F413/423", "STM32F413", 1536, 1, fifteen_bits, 0, true, {0x1000}},
    {0x421, "STM32F446", "STM32F446", 512, 1, twelve_bits, 0, true, {0x1000}},
    {0x434, "STM32F469/479", "STM32F469", 2048, 2, twelve_bits, 64, true, {0x1000}},
}};
// clang-format on

struct Row {
  const char *pattern;
  std::uint32_t flash_kib, ram_kib;
  std::uint16_t device_id;
};
constexpr auto part_table = std::to_array<Row>({
    {"STM32F401[CRV]B", 128, 64, 0x423},      {"STM32F401[CRV]C", 256, 64, 0x423},
    {"STM32F401[CRV]D", 384, 96, 0x433},      {"STM32F401[CRV]E", 512, 96, 0x433},
    {"STM32F405[O]E", 512, 128, 0x413},       {"STM32F405[ORVZ]G", 1024, 128, 0x413},
    {"STM32F407[VZI]E", 512, 128, 0x413},     {"STM32F407[VZI]G", 1024, 128, 0x413},
    {"STM32F410[TCR]8", 64, 32, 0x458},       {"STM32F410[TCR]B", 128, 32, 0x458},
    {"STM32F411[CRV]C", 256, 128, 0x431},     {"STM32F411[CRV]E", 512, 128, 0x431},
    {"STM32F412[CRVZ]E", 512, 256, 0x441},    {"STM32F412[CRVZ]G", 1024, 256, 0x441},
    {"STM32F413[CRMVZ]G", 1024, 320, 0x463},  {"STM32F413[CRMVZ]H", 1536, 320, 0x463},
    {"STM32F415[ORVZ]G", 1024, 128, 0x413},   {"STM32F417[VZI]E", 512, 128, 0x413},
    {"STM32F417[VZI]G", 1024, 128, 0x413},    {"STM32F423[CRMVZ]H", 1536, 320, 0x463},
    {"STM32F427[VZIA]G", 1024, 192, 0x419},   {"STM32F427[VZIA]I", 2048, 192, 0x419},
    {"STM32F429[VZIBN]E", 512, 192, 0x419},   {"STM32F429[VZIBNA]G", 1024, 192, 0x419},
    {"STM32F429[VZIBNA]I", 2048, 192, 0x419}, {"STM32F437[VZI]G", 1024, 192, 0x419},
    {"STM32F437[VZIA]I", 2048, 192, 0x419},   {"STM32F439[VZIBN]G", 1024, 192, 0x419},
    {"STM32F439[VZIBNA]I", 2048, 192, 0x419}, {"STM32F446[MRVZ]C", 256, 128, 0x421},
    {"STM32F446[MRVZ]E", 512, 128, 0x421},    {"STM32F469[AIBNVZ]E", 512, 320, 0x434},
    {"STM32F469[AIBNVZ]G", 1024, 320, 0x434}, {"STM32F469[AIBNVZ]I", 2048, 320, 0x434},
    {"STM32F479[AIBNVZ]G", 1024, 320, 0x434}, {"STM32F479[AIBNVZ]I", 2048, 320, 0x434},
});

// DS8626, flash memory characteristics. The maximum is twice the typical time.
struct EraseTimes {
  Nanoseconds small, middle, large;  // 16, 64, 128 KiB
  Nanoseconds mass_per_mib;
};
constexpr Nanoseconds program_typical = 16us, program_maximum = 100us;

constexpr EraseTimes erase_times(std::uint32_t program_unit) {
  switch (Parallelism{static_cast<std::uint8_t>(program_unit)}) {
    case Parallelism::x8:
      return {400ms, 1200ms, 2000ms, 16s};
    case Parallelism::x16:
      return {300ms, 700ms, 1300ms, 11s};
    case Parallelism::x32:
      break;
  }
  return {250ms, 550ms, 1000ms, 8s};
}

constexpr std::uint32_t small = 16 * kib, middle = 64 * kib, large = 128 * kib;

// Sector sizes of a bank: sectors 0 to 3, sector 4, and all from 5 on.
constexpr std::uint32_t size_at(std::uint32_t offset) {
  return offset < 4 * small ? small : offset < large ? middle : large;
}

// Chip::variant: the index of its line, and whether a flash of 1 MiB has two banks.
constexpr std::uint32_t line_mask = 0xFF, divided_megabyte = 0x100;

FlashStatus status_of() {
  using enum StatusBit::Meaning;
  FlashStatus status;
  status.registers = {{"FLASH_SR", flash_sr, flash_base}};
  status.bits = {
      {error, sr_wrperr, "WRPERR",
       "the sector is write-protected, the chip is read-protected, or there is no such sector; "
       "--unlock, or unlock = true in [flash], lifts a protection",
       Cause::write_protection},
      {error, sr_pgaerr, "PGAERR", "the data would have crossed a 16-byte row of the flash"},
      {error, sr_pgperr, "PGPERR",
       "the access had another width than the controller was set to (PSIZE); something else "
       "changed FLASH_CR, or the probe cannot make accesses of that width"},
      {error, sr_pgserr, "PGSERR",
       "the flash was written without having been made ready (PG); something else, the old "
       "firmware for one, uses the controller"},
      {error, sr_operr, "OPERR", "the operation was not carried out because of such an error"},
      {error, sr_rderr, "RDERR", "a sector that is protected against reading (PCROP) was read"},
      {busy, sr_bsy, "BSY",
       "an operation is still going on; it takes longer than it should when the chip is aged, cold "
       "or a clone, or its supply is too low for the width of programming",
       Cause::stuck_busy},
      {done, sr_eop, "EOP", "the operation ended without an error flag"}};
  status.codes = {
      {f4_blob::status_clock,
       "the core clock could not be switched to the internal oscillator (HSI)"},
      {f4_blob::status_locked,
       "the flash controller stayed locked after its keys: a wrong key sequence locks it until the "
       "next reset"},
      {f4_blob::status_alignment,
       "the loader was asked to program an address or length that is no multiple of what is "
       "programmed at a time"}};
  status.no_bits =
      "no error flag: the operation ended well as far as the controller can tell, or it never "
      "started";
  return status;
}

std::vector<Sector> sectors_of(std::uint32_t size, std::uint32_t bank, const EraseTimes &times) {
  std::vector<Sector> sectors;
  for (std::uint32_t at = 0; at < size; at += sectors.back().size) {
    const std::uint32_t sector = size_at(at % bank);
    const Nanoseconds time = sector == small    ? times.small
                             : sector == middle ? times.middle
                                                : times.large;
    sectors.push_back({flash_base + at, sector, time, 2 * time});
  }
  return sectors;
}

}  // namespace

std::span<const Line> lines() {
  return line_table;
}

const Line &line_of(const Chip &chip) {
  return line_table.at(chip.variant & line_mask);
}

Chip make_chip(const Line &line, Parallelism parallelism, Megabyte megabyte) {
  Chip chip;
  chip.die = line.name;
  chip.device_id = line.device_id;
  chip.variant = static_cast<std::uint32_t>(&line - line_table.data());
  chip.die_flash_size = line.maximum_kib * kib;
  chip.program_unit = static_cast<std::uint32_t>(parallelism);
  chip.program_typical = program_typical;
  chip.program_maximum = program_maximum;
  chip.clears_bits = true;  // RM0090, "Standard programming": from 1 to 0 without an erase
  chip.flash.address = flash_base;
  divide(chip, megabyte);
  set_flash(chip, line.banks * bank_size(chip));
  chip.boot_address = flash_base;
  chip.ram = {ram_base, 0};
  chip.stack_ram = {{ram_base, stm32::largest_ram_kib(part_table, line.device_id) * kib}};
  if (line.ccm_kib != 0) chip.stack_ram.push_back({ccm_base, line.ccm_kib * kib});
  chip.status = status_of();
  chip.special = {stm32::boot_alias(chip.die_flash_size),
                  {"system memory (bootloader)", {system_base, system_size}},
                  {"one-time programmable memory", {otp_base, otp_size}},
                  {"option bytes", {option_base, option_size}}};
  if (line.banks > 1) {
    chip.special.push_back({"option bytes of bank 2", {option2_base, option_size}});
  }
  if (line.ccm_kib != 0) chip.special.push_back({"CCM RAM", {ccm_base, line.ccm_kib * kib}});
  return chip;
}

void divide(Chip &chip, Megabyte megabyte) {
  const std::uint32_t banks = line_of(chip).banks;
  chip.variant &= ~divided_megabyte;
  if (banks > 1 && megabyte == Megabyte::two_banks) chip.variant |= divided_megabyte;
  const std::uint32_t bank = bank_size(chip);
  chip.die_sectors = sectors_of(banks * bank, bank, erase_times(chip.program_unit));
}

void set_flash(Chip &chip, std::uint32_t size) {
  set_flash_size(chip, size);
  chip.mass_erase_typical =
      erase_times(chip.program_unit).mass_per_mib * (chip.flash.size / kib) / 1024;
  chip.mass_erase_maximum = 2 * chip.mass_erase_typical;
}

const std::vector<Part> &parts() {
  static const std::vector<Part> all = [] {
    std::vector<Part> made;
    for (const Row &row : part_table) {
      const Line &line = *std::ranges::find(line_table, row.device_id, &Line::device_id);
      Chip chip = make_chip(line, Parallelism::x32, Megabyte::one_bank);
      set_flash(chip, row.flash_kib * kib);
      chip.ram.size = row.ram_kib * kib;
      chip.stack_ram.front() = chip.ram;
      made.push_back({row.pattern, std::move(chip)});
    }
    return made;
  }();
  return all;
}

std::uint32_t bank_size(const Chip &chip) {
  const std::uint32_t all = chip.die_flash_size / line_of(chip).banks;
  return (chip.variant & divided_megabyte) != 0 ? all / 2 : all;
}

bool two_banks(const Chip &chip) {
  return chip.flash.size > bank_size(chip);
}

std::uint32_t psize_of(std::uint32_t bytes) {
  constexpr unsigned psize_at = 8;
  return bytes / 2 << psize_at;  // 1, 2, 4 -> 0, 1, 2
}

std::uint32_t sector_number(const Chip &chip, std::uint32_t address) {
  constexpr std::uint32_t second_bank = 0x10;
  const std::uint32_t offset = address - chip.flash.address;
  const std::uint32_t in_bank = offset % bank_size(chip);
  const std::uint32_t number = in_bank < middle ? in_bank / small : 4 + in_bank / large;
  return (offset == in_bank ? 0 : second_bank) + number;
}

}  // namespace f4
