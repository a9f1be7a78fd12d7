#include "chips.hpp"

#include "registers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace f1 {

namespace {

using namespace std::chrono_literals;
using flashhost::MemoryRange;
using flashhost::Nanoseconds;

using stm32::kib;
constexpr MemoryRange small_bootloader{0x1FFFF000, 2 * kib}, cl_bootloader{0x1FFFB000, 18 * kib},
    xl_bootloader{0x1FFFE000, 6 * kib};

// RM0008 and RM0041, device electronic signature and debug chapters; PM0075, write protection.
constexpr std::array<Line, 7> line_table{{
    {0x412, "low density", "STM32F103", 1024, 32, 4, 1, small_bootloader, {0x1000}, 1},
    {0x410,
     "medium density",
     "STM32F103",
     1024,
     128,
     4,
     1,
     small_bootloader,
     {0x0000, 0x2000, 0x2001, 0x2003},
     4},
    {0x414,
     "high density",
     "STM32F103",
     2048,
     512,
     2,
     1,
     small_bootloader,
     {0x1000, 0x1001, 0x1003},
     3},
    {0x430, "XL density", "STM32F103", 2048, 1024, 2, 2, xl_bootloader, {0x1000}, 1},
    {0x418, "connectivity line", "STM32F105", 2048, 256, 2, 1, cl_bootloader, {0x1000, 0x1001}, 2},
    {0x420, "value line", "STM32F100", 1024, 128, 4, 1, small_bootloader, {0x1000, 0x1001}, 2},
    {0x428,
     "high density value line",
     "STM32F100",
     2048,
     512,
     2,
     1,
     small_bootloader,
     {0x1000, 0x1001},
     2},
}};

constexpr std::array<Part, 34> part_table{{
    {"STM32F100", '4', 16, 4, "CR", 0x420},     {"STM32F100", '6', 32, 4, "CR", 0x420},
    {"STM32F100", '8', 64, 8, "CRV", 0x420},    {"STM32F100", 'B', 128, 8, "CRV", 0x420},
    {"STM32F100", 'C', 256, 24, "RVZ", 0x428},  {"STM32F100", 'D', 384, 32, "RVZ", 0x428},
    {"STM32F100", 'E', 512, 32, "RVZ", 0x428},  {"STM32F101", '4', 16, 4, "TCR", 0x412},
    {"STM32F101", '6', 32, 6, "TCR", 0x412},    {"STM32F101", '8', 64, 10, "TCRV", 0x410},
    {"STM32F101", 'B', 128, 16, "TCRV", 0x410}, {"STM32F101", 'C', 256, 32, "RVZ", 0x414},
    {"STM32F101", 'D', 384, 48, "RVZ", 0x414},  {"STM32F101", 'E', 512, 48, "RVZ", 0x414},
    {"STM32F101", 'F', 768, 80, "RVZ", 0x430},  {"STM32F101", 'G', 1024, 80, "RVZ", 0x430},
    {"STM32F102", '4', 16, 4, "CR", 0x412},     {"STM32F102", '6', 32, 6, "CR", 0x412},
    {"STM32F102", '8', 64, 10, "CR", 0x410},    {"STM32F102", 'B', 128, 16, "CR", 0x410},
    {"STM32F103", '4', 16, 6, "TCR", 0x412},    {"STM32F103", '6', 32, 10, "TCR", 0x412},
    {"STM32F103", '8', 64, 20, "TCRV", 0x410},  {"STM32F103", 'B', 128, 20, "TCRV", 0x410},
    {"STM32F103", 'C', 256, 48, "RVZ", 0x414},  {"STM32F103", 'D', 384, 64, "RVZ", 0x414},
    {"STM32F103", 'E', 512, 64, "RVZ", 0x414},  {"STM32F103", 'F', 768, 96, "RVZ", 0x430},
    {"STM32F103", 'G', 1024, 96, "RVZ", 0x430}, {"STM32F105", '8', 64, 64, "RV", 0x418},
    {"STM32F105", 'B', 128, 64, "RV", 0x418},   {"STM32F105", 'C', 256, 64, "RV", 0x418},
    {"STM32F107", 'B', 128, 64, "RV", 0x418},   {"STM32F107", 'C', 256, 64, "RV", 0x418},
}};

// DS5319, flash memory characteristics. The datasheet's minimum stands for the typical erase time.
constexpr Nanoseconds erase_typical = 20ms, erase_maximum = 40ms;
constexpr Nanoseconds program_typical = 52500ns, program_maximum = 70us;

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
  const auto known = std::span(line.revisions).first(line.revision_count);
  return std::ranges::find(known, revision) != known.end();
}

std::optional<flashhost::Chip> describe(std::string_view name) {
  auto found = stm32::find_part(part_table, name);
  if (!found) return {};
  const Part &part = *found->part;
  return make_chip(*find_line(part.device_id), std::move(found->name), part.flash_kib * kib,
                   part.ram_kib * kib);
}

std::vector<std::string> part_names() {
  return stm32::part_names(part_table);
}

std::uint32_t least_ram(const Line &line, std::uint32_t flash_size) {
  return stm32::least_ram(part_table, line.device_id, flash_size);
}

std::string common_name(const Line &line, std::uint32_t flash_size) {
  return fmt::format("{}x{}", line.part_names,
                     stm32::size_letter(part_table, line.device_id, flash_size));
}

std::vector<std::uint32_t> flash_sizes(const Line &line) {
  return stm32::flash_sizes(part_table, line.device_id);
}

flashhost::Chip make_chip(const Line &line, std::string name, std::uint32_t flash_size,
                          std::uint32_t ram_size) {
  flashhost::Chip chip;
  chip.name = std::move(name);
  chip.device_id = line.device_id;
  chip.flash = {flash_base, flash_size};
  chip.die_flash_size = line.maximum_kib * kib;
  for (std::uint32_t offset = 0; offset < flash_size; offset += line.page_size) {
    chip.sectors.push_back({flash_base + offset, line.page_size, erase_typical, erase_maximum});
  }
  chip.ram = {ram_base, ram_size};
  chip.program_unit = 2;
  chip.program_typical = program_typical;
  chip.program_maximum = program_maximum;
  chip.mass_erase_typical = line.banks * erase_typical;
  chip.mass_erase_maximum = line.banks * erase_maximum;
  chip.special = {
      {"the boot alias of the flash (link the firmware for 0x08000000)", {0, flash_size}},
      {"system memory (bootloader)", line.system_memory},
      {"option bytes", {option_base, option_size}},
      {"SRAM", {ram_base, ram_size}}};
  return chip;
}

}  // namespace f1
