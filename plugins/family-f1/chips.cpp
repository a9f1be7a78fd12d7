#include "f1.hpp"
#include "loaders/f1/f1.inc"
#include "registers.hpp"

#include <algorithm>

namespace f1 {

using namespace flashhost;

namespace {

using namespace std::chrono_literals;
using stm32::kib;

constexpr MemoryRange small_bootloader{0x1FFFF000, 2 * kib}, cl_bootloader{0x1FFFB000, 18 * kib},
    xl_bootloader{0x1FFFE000, 6 * kib};

// RM0008 and RM0041, device electronic signature and debug chapters.
// clang-format off
constexpr std::array<Line, 7> line_table{{
    {0x412, "low density STM32F1", "STM32F103", 1024, 32, 1, small_bootloader, {0x1000}, 1},
    {0x410, "medium density STM32F1", "STM32F103", 1024, 128, 1, small_bootloader,
     {0x0000, 0x2000, 0x2001, 0x2003}, 4},
    {0x414, "high density STM32F1", "STM32F103", 2048, 512, 1, small_bootloader,
     {0x1000, 0x1001, 0x1003}, 3},
    {0x430, "XL density STM32F1", "STM32F103", 2048, 1024, 2, xl_bootloader, {0x1000}, 1},
    {0x418, "connectivity line STM32F1", "STM32F105", 2048, 256, 1, cl_bootloader,
     {0x1000, 0x1001}, 2},
    {0x420, "value line STM32F1", "STM32F100", 1024, 128, 1, small_bootloader,
     {0x1000, 0x1001}, 2},
    {0x428, "high density value line STM32F1", "STM32F100", 2048, 512, 1, small_bootloader,
     {0x1000, 0x1001}, 2},
}};
// clang-format on

struct Row {
  const char *pattern;
  std::uint32_t flash_kib, ram_kib;
  std::uint16_t device_id;
};
constexpr auto part_table = std::to_array<Row>({
    {"STM32F100[CR]4", 16, 4, 0x420},     {"STM32F100[CR]6", 32, 4, 0x420},
    {"STM32F100[CRV]8", 64, 8, 0x420},    {"STM32F100[CRV]B", 128, 8, 0x420},
    {"STM32F100[RVZ]C", 256, 24, 0x428},  {"STM32F100[RVZ]D", 384, 32, 0x428},
    {"STM32F100[RVZ]E", 512, 32, 0x428},  {"STM32F101[TCR]4", 16, 4, 0x412},
    {"STM32F101[TCR]6", 32, 6, 0x412},    {"STM32F101[TCRV]8", 64, 10, 0x410},
    {"STM32F101[TCRV]B", 128, 16, 0x410}, {"STM32F101[RVZ]C", 256, 32, 0x414},
    {"STM32F101[RVZ]D", 384, 48, 0x414},  {"STM32F101[RVZ]E", 512, 48, 0x414},
    {"STM32F101[RVZ]F", 768, 80, 0x430},  {"STM32F101[RVZ]G", 1024, 80, 0x430},
    {"STM32F102[CR]4", 16, 4, 0x412},     {"STM32F102[CR]6", 32, 6, 0x412},
    {"STM32F102[CR]8", 64, 10, 0x410},    {"STM32F102[CR]B", 128, 16, 0x410},
    {"STM32F103[TCR]4", 16, 6, 0x412},    {"STM32F103[TCR]6", 32, 10, 0x412},
    {"STM32F103[TCRV]8", 64, 20, 0x410},  {"STM32F103[TCRV]B", 128, 20, 0x410},
    {"STM32F103[RVZ]C", 256, 48, 0x414},  {"STM32F103[RVZ]D", 384, 64, 0x414},
    {"STM32F103[RVZ]E", 512, 64, 0x414},  {"STM32F103[RVZ]F", 768, 96, 0x430},
    {"STM32F103[RVZ]G", 1024, 96, 0x430}, {"STM32F105[RV]8", 64, 64, 0x418},
    {"STM32F105[RV]B", 128, 64, 0x418},   {"STM32F105[RV]C", 256, 64, 0x418},
    {"STM32F107[RV]B", 128, 64, 0x418},   {"STM32F107[RV]C", 256, 64, 0x418},
});

// DS5319, flash memory characteristics. The typical erase time is the datasheet's minimum.
constexpr Nanoseconds erase_typical = 20ms, erase_maximum = 40ms;
constexpr Nanoseconds program_typical = 52500ns, program_maximum = 70us;

FlashStatus status_of(const Line &line) {
  using enum StatusBit::Meaning;
  FlashStatus status;
  status.registers = {{"FLASH_SR", flash_sr, flash_base}};
  if (line.banks > 1) {
    status.registers.push_back({"FLASH_SR2", flash_sr + bank2_offset, bank2_base});
  }
  status.bits = {
      {error, sr_wrprterr, "WRPRTERR",
       "the page is write-protected, or the chip is read-protected; --unlock, or unlock = true "
       "in [flash], lifts it",
       Cause::write_protection},
      {error, sr_pgerr, "PGERR",
       "the halfword was not erased before it was programmed; the erase was incomplete, or the "
       "cell is worn out",
       Cause::bad_cell},
      {busy, sr_bsy, "BSY",
       "an operation is still going on; it takes longer than it should when the chip is aged, cold "
       "or a clone, its internal oscillator (HSI) is off, or its supply is below 2 V",
       Cause::stuck_busy},
      {done, sr_eop, "EOP", "the operation ended without an error flag"}};
  status.codes = {
      {f1_blob::status_clock,
       "the core clock could not be switched to the internal oscillator (HSI), without which the "
       "flash controller does not work"},
      {f1_blob::status_locked,
       "the flash controller stayed locked after its keys: a wrong key sequence locks it until the "
       "next reset"},
      {f1_blob::status_alignment, "the loader was asked to program an odd address or length"}};
  status.no_bits =
      "no flag at all: the controller never started; HSI may be off, or the access was lost";
  return status;
}

}  // namespace

std::span<const Line> lines() {
  return line_table;
}

const Line &line_of(const Chip &chip) {
  return line_table.at(chip.variant);
}

Chip make_chip(const Line &line) {
  Chip chip;
  chip.die = line.name;
  chip.device_id = line.device_id;
  chip.variant = static_cast<std::uint32_t>(&line - line_table.data());
  chip.die_flash_size = line.maximum_kib * kib;
  chip.flash = {flash_base, chip.die_flash_size};
  for (std::uint32_t at = 0; at < chip.die_flash_size; at += line.page_size) {
    chip.die_sectors.push_back({flash_base + at, line.page_size, erase_typical, erase_maximum});
  }
  chip.sectors = chip.die_sectors;
  chip.boot_address = flash_base;
  chip.ram = {ram_base, 0};
  chip.stack_ram = {{ram_base, stm32::largest_ram_kib(part_table, line.device_id) * kib}};
  chip.program_unit = 2;
  chip.program_typical = program_typical;
  chip.program_maximum = program_maximum;
  chip.mass_erase_typical = line.banks * erase_typical;
  chip.mass_erase_maximum = line.banks * erase_maximum;
  chip.status = status_of(line);
  chip.special = {stm32::boot_alias(chip.die_flash_size),
                  {"system memory (bootloader)", line.system_memory},
                  {"option bytes", {option_base, option_size}}};
  return chip;
}

const std::vector<Part> &parts() {
  static const std::vector<Part> all = [] {
    std::vector<Part> made;
    for (const Row &row : part_table) {
      Chip chip = make_chip(*std::ranges::find(line_table, row.device_id, &Line::device_id));
      set_flash_size(chip, row.flash_kib * kib);
      chip.ram.size = row.ram_kib * kib;
      chip.stack_ram = {chip.ram};
      made.push_back({row.pattern, std::move(chip)});
    }
    return made;
  }();
  return all;
}

}  // namespace f1
