#include "chips.hpp"

#include "registers.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace f4 {

namespace {

using namespace std::chrono_literals;
using flashhost::Nanoseconds;
using stm32::kib;

constexpr std::uint16_t twelve_bits = 0x0FFF, fifteen_bits = 0x7FFF;
constexpr std::uint32_t always_two_banks = 2048 * kib, perhaps_two_banks = 1024 * kib;

// RM0090, RM0368, RM0383, RM0390, RM0386, RM0401, RM0402, RM0430: electronic signature, debug.
constexpr std::array<Line, 10> line_table{{
    {0x413,
     "F405/407/415/417",
     "STM32F407",
     1024,
     1,
     twelve_bits,
     64,
     false,
     {0x1000, 0x1001, 0x1003, 0x1007, 0x100F, 0x101F}},
    {0x419,
     "F427/429/437/439",
     "STM32F429",
     2048,
     2,
     twelve_bits,
     64,
     true,
     {0x1000, 0x1003, 0x1007, 0x2001, 0x2003}},
    {0x423, "F401xB/xC", "STM32F401", 256, 1, twelve_bits, 0, true, {0x1000, 0x1001}},
    {0x433, "F401xD/xE", "STM32F401", 512, 1, twelve_bits, 0, true, {0x1000, 0x1001}},
    {0x458, "F410", "STM32F410", 128, 1, twelve_bits, 0, true, {0x1000}},
    {0x431, "F411", "STM32F411", 512, 1, twelve_bits, 0, true, {0x1000, 0x1001}},
    {0x441, "F412", "STM32F412", 1024, 1, twelve_bits, 0, true, {0x1001, 0x3000}},
    {0x463, "F413/423", "STM32F413", 1536, 1, fifteen_bits, 0, true, {0x1000}},
    {0x421, "F446", "STM32F446", 512, 1, twelve_bits, 0, true, {0x1000}},
    {0x434, "F469/479", "STM32F469", 2048, 2, twelve_bits, 64, true, {0x1000}},
}};

constexpr auto part_table = std::to_array<Part>({
    {"STM32F401", 'B', 128, 64, "CRV", 0x423},      {"STM32F401", 'C', 256, 64, "CRV", 0x423},
    {"STM32F401", 'D', 384, 96, "CRV", 0x433},      {"STM32F401", 'E', 512, 96, "CRV", 0x433},
    {"STM32F405", 'E', 512, 128, "O", 0x413},       {"STM32F405", 'G', 1024, 128, "ORVZ", 0x413},
    {"STM32F407", 'E', 512, 128, "VZI", 0x413},     {"STM32F407", 'G', 1024, 128, "VZI", 0x413},
    {"STM32F410", '8', 64, 32, "TCR", 0x458},       {"STM32F410", 'B', 128, 32, "TCR", 0x458},
    {"STM32F411", 'C', 256, 128, "CRV", 0x431},     {"STM32F411", 'E', 512, 128, "CRV", 0x431},
    {"STM32F412", 'E', 512, 256, "CRVZ", 0x441},    {"STM32F412", 'G', 1024, 256, "CRVZ", 0x441},
    {"STM32F413", 'G', 1024, 320, "CRMVZ", 0x463},  {"STM32F413", 'H', 1536, 320, "CRMVZ", 0x463},
    {"STM32F415", 'G', 1024, 128, "ORVZ", 0x413},   {"STM32F417", 'E', 512, 128, "VZI", 0x413},
    {"STM32F417", 'G', 1024, 128, "VZI", 0x413},    {"STM32F423", 'H', 1536, 320, "CRMVZ", 0x463},
    {"STM32F427", 'G', 1024, 192, "VZIA", 0x419},   {"STM32F427", 'I', 2048, 192, "VZIA", 0x419},
    {"STM32F429", 'E', 512, 192, "VZIBN", 0x419},   {"STM32F429", 'G', 1024, 192, "VZIBNA", 0x419},
    {"STM32F429", 'I', 2048, 192, "VZIBNA", 0x419}, {"STM32F437", 'G', 1024, 192, "VZI", 0x419},
    {"STM32F437", 'I', 2048, 192, "VZIA", 0x419},   {"STM32F439", 'G', 1024, 192, "VZIBN", 0x419},
    {"STM32F439", 'I', 2048, 192, "VZIBNA", 0x419}, {"STM32F446", 'C', 256, 128, "MRVZ", 0x421},
    {"STM32F446", 'E', 512, 128, "MRVZ", 0x421},    {"STM32F469", 'E', 512, 320, "AIBNVZ", 0x434},
    {"STM32F469", 'G', 1024, 320, "AIBNVZ", 0x434}, {"STM32F469", 'I', 2048, 320, "AIBNVZ", 0x434},
    {"STM32F479", 'G', 1024, 320, "AIBNVZ", 0x434}, {"STM32F479", 'I', 2048, 320, "AIBNVZ", 0x434},
});

// DS8626, flash memory characteristics. The maximum is twice the typical time.
struct EraseTimes {
  Nanoseconds small, middle, large;  // 16, 64, 128 KiB
  Nanoseconds mass_per_mib;
};
constexpr Nanoseconds program_typical = 16us, program_maximum = 100us;

constexpr EraseTimes erase_times(Parallelism parallelism) {
  switch (parallelism) {
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

// Of a bank: sectors 0 to 3, 4, and all from 5 on.
constexpr std::uint32_t size_at(std::uint32_t offset) {
  return offset < 4 * small ? small : offset < large ? middle : large;
}

std::uint32_t bank_size(const flashhost::Chip &chip) {
  return banks_of(chip) == Banks::two ? chip.flash.size / 2 : chip.flash.size;
}

}  // namespace

std::span<const Line> lines() {
  return line_table;
}
std::span<const Part> parts() {
  return part_table;
}

const Line *find_line(std::uint32_t device_id) {
  const auto *found = std::ranges::find(line_table, device_id, &Line::device_id);
  return found == line_table.end() ? nullptr : found;
}

bool has_revision(const Line &line, std::uint32_t revision) {
  return revision != 0 && std::ranges::find(line.revisions, revision) != line.revisions.end();
}

std::optional<flashhost::Chip> describe(std::string_view name) {
  auto found = stm32::find_part(part_table, name);
  if (!found) return {};
  const Part &part = *found->part;
  const Line &line = *find_line(part.device_id);
  const std::uint32_t size = part.flash_kib * kib;
  return make_chip(line, {std::move(found->name), size, part.ram_kib * kib,
                          banks_for(line, size, false), Parallelism::x32});
}

std::vector<std::string> part_names() {
  return stm32::part_names(part_table);
}

std::string common_name(const Line &line, std::uint32_t flash_size) {
  return fmt::format("{}x{}", line.part_names,
                     stm32::size_letter(part_table, line.device_id, flash_size));
}

std::vector<std::uint32_t> flash_sizes(const Line &line) {
  return stm32::flash_sizes(part_table, line.device_id);
}

Banks banks_for(const Line &line, std::uint32_t flash_size, bool option_bit) {
  const bool two =
      flash_size == always_two_banks || (flash_size == perhaps_two_banks && option_bit);
  return line.banks > 1 && two ? Banks::two : Banks::one;
}

bool whole_sectors(std::uint32_t flash_size) {
  if (flash_size <= middle) return flash_size % small == 0;
  return flash_size % large == 0;
}

flashhost::Chip make_chip(const Line &line, Build build) {
  const EraseTimes times = erase_times(build.parallelism);
  flashhost::Chip chip;
  chip.name = std::move(build.name);
  chip.device_id = line.device_id;
  chip.flash = {flash_base, build.flash_size};
  chip.die_flash_size = line.maximum_kib * kib;
  const std::uint32_t bank = build.banks == Banks::two ? build.flash_size / 2 : build.flash_size;
  for (std::uint32_t offset = 0; offset < build.flash_size;) {
    const std::uint32_t size = size_at(offset % bank);
    const Nanoseconds time = size == small    ? times.small
                             : size == middle ? times.middle
                                              : times.large;
    chip.sectors.push_back({flash_base + offset, size, time, 2 * time});
    offset += size;
  }
  chip.ram = {ram_base, build.ram_size};
  chip.program_unit = static_cast<std::uint32_t>(build.parallelism);
  chip.program_typical = program_typical;
  chip.program_maximum = program_maximum;
  chip.mass_erase_typical = times.mass_per_mib * (build.flash_size / kib) / 1024;
  chip.mass_erase_maximum = 2 * chip.mass_erase_typical;
  chip.special = {
      {"the boot alias of the flash (link the firmware for 0x08000000)", {0, build.flash_size}},
      {"system memory (bootloader)", {system_base, system_size}},
      {"one-time programmable memory", {otp_base, otp_size}},
      {"option bytes", {option_base, option_size}},
      {"SRAM", {ram_base, build.ram_size}}};
  if (line.banks > 1) {
    chip.special.push_back({"option bytes of bank 2", {option2_base, option_size}});
  }
  if (line.ccm_kib != 0) chip.special.push_back({"CCM RAM", {ccm_base, line.ccm_kib * kib}});
  return chip;
}

Banks banks_of(const flashhost::Chip &chip) {
  // Only a second bank begins with small sectors.
  const bool two = std::ranges::any_of(chip.sectors, [&](const flashhost::Sector &sector) {
    return sector.size == small && sector.address >= chip.flash.address + large;
  });
  return two ? Banks::two : Banks::one;
}

Parallelism parallelism_of(const flashhost::Chip &chip) {
  return Parallelism{static_cast<std::uint8_t>(chip.program_unit)};
}

std::uint32_t psize_of(const flashhost::Chip &chip) {
  constexpr unsigned psize_at = 8;
  return chip.program_unit / 2 << psize_at;  // 1, 2, 4 -> 0, 1, 2
}

std::uint32_t sector_number(const flashhost::Chip &chip, std::uint32_t address) {
  constexpr std::uint32_t second_bank = 0x10;
  const std::uint32_t offset = address - chip.flash.address;
  const std::uint32_t in_bank = offset % bank_size(chip);
  const std::uint32_t number = in_bank < middle ? in_bank / small : 4 + in_bank / large;
  return (offset == in_bank ? 0 : second_bank) + number;
}

}  // namespace f4
