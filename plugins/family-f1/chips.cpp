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
    xl_bootloader{0x1FFFE000, 6 * kib}, f3_bootloader{0x1FFFD800, 8 * kib};

using enum Series;
// One series after the other. RM0008 and RM0041, device electronic signature and debug chapters.
// clang-format off
constexpr auto line_table = std::to_array<Line>({
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
    // RM0091 and RM0360.
    {0x444, "STM32F03x", "STM32F031", 1024, 32, 1, {0x1FFFEC00, 3 * kib}, {}, 0, f0, 1},
    {0x445, "STM32F04x", "STM32F042", 1024, 32, 1, {0x1FFFC400, 13 * kib}, {}, 0, f0, 1, true},
    {0x440, "STM32F05x", "STM32F051", 1024, 64, 1, {0x1FFFEC00, 3 * kib}, {}, 0, f0, 2},
    {0x448, "STM32F07x", "STM32F072", 2048, 128, 1, {0x1FFFC800, 12 * kib}, {}, 0, f0, 4},
    {0x442, "STM32F09x", "STM32F091", 2048, 256, 1, {0x1FFFD800, 8 * kib}, {}, 0, f0, 4, true},
    // RM0313, RM0316, RM0364, RM0365 and RM0366.
    {0x439, "STM32F301 and F302x8", "STM32F301", 2048, 64, 1, f3_bootloader, {}, 0, f3, 2},
    {0x438, "STM32F303x8 and F334", "STM32F334", 2048, 64, 1, f3_bootloader, {}, 0, f3, 2},
    {0x422, "STM32F302xC and F303xC", "STM32F303", 2048, 256, 1, f3_bootloader, {}, 0, f3, 4},
    {0x446, "STM32F302xE and F303xE", "STM32F303", 2048, 512, 1, f3_bootloader, {}, 0, f3, 4},
    {0x432, "STM32F373", "STM32F373", 2048, 256, 1, f3_bootloader, {}, 0, f3, 4},
});
// clang-format on

struct Row {
  const char *pattern;
  std::uint32_t flash_kib, ram_kib;
  std::uint16_t device_id;
  std::uint32_t ccm_kib = 0;
};
constexpr auto part_table = std::to_array<Row>({
    {"STM32F100[CR]4", 16, 4, 0x420},        {"STM32F100[CR]6", 32, 4, 0x420},
    {"STM32F100[CRV]8", 64, 8, 0x420},       {"STM32F100[CRV]B", 128, 8, 0x420},
    {"STM32F100[RVZ]C", 256, 24, 0x428},     {"STM32F100[RVZ]D", 384, 32, 0x428},
    {"STM32F100[RVZ]E", 512, 32, 0x428},     {"STM32F101[TCR]4", 16, 4, 0x412},
    {"STM32F101[TCR]6", 32, 6, 0x412},       {"STM32F101[TCRV]8", 64, 10, 0x410},
    {"STM32F101[TCRV]B", 128, 16, 0x410},    {"STM32F101[RVZ]C", 256, 32, 0x414},
    {"STM32F101[RVZ]D", 384, 48, 0x414},     {"STM32F101[RVZ]E", 512, 48, 0x414},
    {"STM32F101[RVZ]F", 768, 80, 0x430},     {"STM32F101[RVZ]G", 1024, 80, 0x430},
    {"STM32F102[CR]4", 16, 4, 0x412},        {"STM32F102[CR]6", 32, 6, 0x412},
    {"STM32F102[CR]8", 64, 10, 0x410},       {"STM32F102[CR]B", 128, 16, 0x410},
    {"STM32F103[TCR]4", 16, 6, 0x412},       {"STM32F103[TCR]6", 32, 10, 0x412},
    {"STM32F103[TCRV]8", 64, 20, 0x410},     {"STM32F103[TCRV]B", 128, 20, 0x410},
    {"STM32F103[RVZ]C", 256, 48, 0x414},     {"STM32F103[RVZ]D", 384, 64, 0x414},
    {"STM32F103[RVZ]E", 512, 64, 0x414},     {"STM32F103[RVZ]F", 768, 96, 0x430},
    {"STM32F103[RVZ]G", 1024, 96, 0x430},    {"STM32F105[RV]8", 64, 64, 0x418},
    {"STM32F105[RV]B", 128, 64, 0x418},      {"STM32F105[RV]C", 256, 64, 0x418},
    {"STM32F107[RV]B", 128, 64, 0x418},      {"STM32F107[RV]C", 256, 64, 0x418},
    {"STM32F030F4", 16, 4, 0x444},           {"STM32F030[CK]6", 32, 4, 0x444},
    {"STM32F031[CEFGK]4", 16, 4, 0x444},     {"STM32F031[CEFGK]6", 32, 4, 0x444},
    {"STM32F038[CEFGK]6", 32, 4, 0x444},     {"STM32F042[CFGKT]4", 16, 6, 0x445},
    {"STM32F042[CFGKT]6", 32, 6, 0x445},     {"STM32F048[CGT]6", 32, 6, 0x445},
    {"STM32F070[CF]6", 32, 6, 0x445},        {"STM32F030[CR]8", 64, 8, 0x440},
    {"STM32F051[CKR]4", 16, 8, 0x440},       {"STM32F051[CKR]6", 32, 8, 0x440},
    {"STM32F051[CKRT]8", 64, 8, 0x440},      {"STM32F058[CRT]8", 64, 8, 0x440},
    {"STM32F070[CR]B", 128, 16, 0x448},      {"STM32F071[CV]8", 64, 16, 0x448},
    {"STM32F071[CRV]B", 128, 16, 0x448},     {"STM32F072[CRV]8", 64, 16, 0x448},
    {"STM32F072[CRV]B", 128, 16, 0x448},     {"STM32F078[CRV]B", 128, 16, 0x448},
    {"STM32F030[CR]C", 256, 32, 0x442},      {"STM32F091[CRV]B", 128, 32, 0x442},
    {"STM32F091[CRV]C", 256, 32, 0x442},     {"STM32F098[CRV]C", 256, 32, 0x442},
    {"STM32F301[CKR]6", 32, 16, 0x439},      {"STM32F301[CKR]8", 64, 16, 0x439},
    {"STM32F302[CKR]6", 32, 16, 0x439},      {"STM32F302[CKR]8", 64, 16, 0x439},
    {"STM32F318[CK]8", 64, 16, 0x439},       {"STM32F303[CKR]6", 32, 12, 0x438, 4},
    {"STM32F303[CKR]8", 64, 12, 0x438, 4},   {"STM32F328C8", 64, 12, 0x438, 4},
    {"STM32F334[CK]4", 16, 12, 0x438, 4},    {"STM32F334[CKR]6", 32, 12, 0x438, 4},
    {"STM32F334[CKR]8", 64, 12, 0x438, 4},   {"STM32F302[CRV]B", 128, 32, 0x422},
    {"STM32F302[CRV]C", 256, 40, 0x422},     {"STM32F303[CRV]B", 128, 32, 0x422, 8},
    {"STM32F303[CRV]C", 256, 40, 0x422, 8},  {"STM32F358[CRV]C", 256, 40, 0x422, 8},
    {"STM32F302[RVZ]D", 384, 64, 0x446},     {"STM32F302[RVZ]E", 512, 64, 0x446},
    {"STM32F303[RVZ]D", 384, 64, 0x446, 16}, {"STM32F303[RVZ]E", 512, 64, 0x446, 16},
    {"STM32F398VE", 512, 64, 0x446, 16},     {"STM32F373[CRV]8", 64, 16, 0x432},
    {"STM32F373[CRV]B", 128, 24, 0x432},     {"STM32F373[CRV]C", 256, 32, 0x432},
    {"STM32F378[CRV]C", 256, 32, 0x432},
});

// DS5319, flash memory characteristics. The typical erase time is the datasheet's minimum.
constexpr Nanoseconds erase_typical = 20ms, erase_maximum = 40ms;

// By core: the series' own debug unit and its bits.
constexpr std::array f0_cores{stm32::cortex_m0, stm32::cortex_m0_plus};  // the second: clones
constexpr std::array f1_cores{stm32::cortex_m3}, f3_cores{stm32::cortex_m4};
constexpr const char *debug_configuration = "debug configuration";
constexpr std::uint32_t f0_low_power = 0x6;
constexpr std::array f0_debug_bits{
    stm32::DebugBits{stm32::small_dbgmcu_cr, f0_low_power, debug_configuration},
    stm32::DebugBits{stm32::small_dbgmcu_cr + apb1_fz_offset, apb1_fz_watchdogs,
                     debug_configuration}};
constexpr std::array f1_debug_bits{stm32::DebugBits{
    dbgmcu_cr, dbgmcu_low_power | dbgmcu_iwdg_stop | dbgmcu_wwdg_stop, debug_configuration}};
constexpr std::array f3_debug_bits{
    stm32::DebugBits{dbgmcu_cr, dbgmcu_low_power, debug_configuration},
    stm32::DebugBits{dbgmcu_cr + apb1_fz_offset, apb1_fz_watchdogs, debug_configuration}};

constexpr std::array series_facts{SeriesFacts{.cores = f0_cores,
                                              .debug_port = 0x0BB11477,
                                              .size_register = new_size_register,
                                              .unique_id = new_unique_id,
                                              .debug_bits = f0_debug_bits,
                                              .masters = ahb_dma,
                                              .rdp_off = rdp_level0,
                                              .levels = true,
                                              .program_typical = 53500ns,
                                              .program_maximum = 60us,
                                              .loader_clock_hz = 48'000'000,
                                              .loader_init = f1_blob::init_middle},
                                  SeriesFacts{.cores = f1_cores,
                                              .debug_port = 0x1BA01477,
                                              .size_register = size_register,
                                              .unique_id = unique_id,
                                              .debug_bits = f1_debug_bits,
                                              .masters = ahb_dma | ahb_ethernet,
                                              .rdp_off = rdp_off,
                                              .levels = false,
                                              .program_typical = 52500ns,
                                              .program_maximum = 70us,
                                              .loader_clock_hz = 36'000'000,
                                              .loader_init = f1_blob::init_common},
                                  SeriesFacts{.cores = f3_cores,
                                              .debug_port = 0x2BA01477,
                                              .size_register = new_size_register,
                                              .unique_id = new_unique_id,
                                              .debug_bits = f3_debug_bits,
                                              .masters = ahb_dma,
                                              .rdp_off = rdp_level0,
                                              .levels = true,
                                              .program_typical = 53500ns,
                                              .program_maximum = 60us,
                                              .loader_clock_hz = 64'000'000,
                                              .loader_init = f1_blob::init_fast}};

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

constexpr std::uint32_t ccm_base = 0x10000000;

std::vector<MemoryRange> stack_ram(std::uint32_t ram_kib, std::uint32_t ccm_kib) {
  std::vector<MemoryRange> ranges{{ram_base, ram_kib * kib}};
  if (ccm_kib != 0) ranges.insert(ranges.begin(), {ccm_base, ccm_kib * kib});
  return ranges;
}

std::uint32_t largest_ccm_kib(std::uint32_t device_id) {
  std::uint32_t largest = 0;
  for (const Row &row : part_table) {
    if (row.device_id == device_id) largest = std::max(largest, row.ccm_kib);
  }
  return largest;
}

std::vector<Part> make_parts(Series series) {
  std::vector<Part> made;
  made.reserve(part_table.size());
  for (const Row &row : part_table) {
    const auto line = std::ranges::find(line_table, row.device_id, &Line::device_id);
    if (line->series != series) continue;
    Chip chip = make_chip(*line);
    set_flash_size(chip, row.flash_kib * kib);
    chip.ram.size = row.ram_kib * kib;
    chip.stack_ram = stack_ram(row.ram_kib, row.ccm_kib);
    made.push_back({row.pattern, std::move(chip)});
  }
  return made;
}

}  // namespace

const SeriesFacts &facts_of(Series series) {
  return series_facts.at(static_cast<std::size_t>(series));
}

std::span<const Line> lines(Series series) {
  const auto first = std::ranges::find(line_table, series, &Line::series);
  const auto end = std::find_if(first, line_table.end(),
                                [&](const Line &line) { return line.series != series; });
  return {first, end};
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
  chip.stack_ram = stack_ram(stm32::largest_ram_kib(part_table, line.device_id),
                             largest_ccm_kib(line.device_id));
  chip.program_unit = 2;
  chip.program_typical = facts_of(line.series).program_typical;
  chip.program_maximum = facts_of(line.series).program_maximum;
  chip.mass_erase_typical = line.banks * erase_typical;
  chip.mass_erase_maximum = line.banks * erase_maximum;
  chip.status = status_of(line);
  chip.special = {stm32::boot_alias(chip.die_flash_size),
                  {"system memory (bootloader)", line.system_memory},
                  {"option bytes", {option_base, option_size}}};
  return chip;
}

const std::vector<Part> &parts(Series series) {
  static const std::array all{make_parts(f0), make_parts(f1), make_parts(f3)};
  return all.at(static_cast<std::size_t>(series));
}

}  // namespace f1
