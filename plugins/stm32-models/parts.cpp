#include "parts.hpp"

#include <flashhost/machine/target.hpp>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string>

namespace flashhost::machine {
namespace {

constexpr Part low_density(std::string_view name, std::uint32_t flash_kib, std::uint32_t sram_kib) {
  return {name, 0x412, 0x1000, flash_kib, sram_kib, 1024, 4, 4, 0x1FFFF000, 2048, 8'000'000, false};
}
constexpr Part medium_density(std::string_view name, std::uint32_t flash_kib,
                              std::uint32_t sram_kib) {
  return {name, 0x410, 0x2003, flash_kib, sram_kib, 1024, 4, 4, 0x1FFFF000, 2048, 8'000'000, false};
}
constexpr Part high_density(std::string_view name, std::uint32_t flash_kib,
                            std::uint32_t sram_kib) {
  return {name, 0x414, 0x1003, flash_kib, sram_kib, 2048, 2, 2, 0x1FFFF000, 2048, 8'000'000, false};
}
constexpr Part xl_density(std::string_view name, std::uint32_t flash_kib, std::uint32_t sram_kib) {
  return {name, 0x430, 0x1000, flash_kib, sram_kib, 2048, 2, 2, 0x1FFFE000, 6144, 8'000'000, true};
}
constexpr Part connectivity(std::string_view name, std::uint32_t flash_kib) {
  return {name, 0x418, 0x1001, flash_kib, 64, 2048, 2, 2, 0x1FFFB000, 18432, 25'000'000, false};
}
constexpr Part value_line(std::string_view name, std::uint32_t flash_kib, std::uint32_t sram_kib) {
  return {name, 0x420, 0x1001, flash_kib, sram_kib, 1024, 4, 4, 0x1FFFF000, 2048, 8'000'000, false};
}
constexpr Part value_line_high(std::string_view name, std::uint32_t flash_kib,
                               std::uint32_t sram_kib) {
  return {name, 0x428, 0x1001, flash_kib, sram_kib, 2048, 2, 2, 0x1FFFF000, 2048, 8'000'000, false};
}

constexpr Part f4(std::string_view name, std::uint16_t device_id, std::uint16_t revision_id,
                  std::uint32_t flash_kib, std::uint32_t sram_kib, std::uint32_t ccm_kib = 0) {
  const bool two_banks = (device_id == 0x419 || device_id == 0x434) && flash_kib >= 1024;
  return {name, device_id,  revision_id, flash_kib, sram_kib,  0,          0,
          0,    0x1FFF0000, 30 * 1024,   8'000'000, two_banks, Series::f4, ccm_kib};
}

constexpr auto table = std::to_array<Part>({
    low_density("STM32F101C4", 16, 4),
    low_density("STM32F101C6", 32, 6),
    low_density("STM32F102C4", 16, 4),
    low_density("STM32F102C6", 32, 6),
    low_density("STM32F103C4", 16, 6),
    low_density("STM32F103C6", 32, 10),
    medium_density("STM32F101C8", 64, 10),
    medium_density("STM32F101CB", 128, 16),
    medium_density("STM32F102C8", 64, 10),
    medium_density("STM32F102CB", 128, 16),
    medium_density("STM32F103C8", 64, 20),
    medium_density("STM32F103CB", 128, 20),
    high_density("STM32F101RC", 256, 32),
    high_density("STM32F101RD", 384, 48),
    high_density("STM32F101RE", 512, 48),
    high_density("STM32F103RC", 256, 48),
    high_density("STM32F103RD", 384, 64),
    high_density("STM32F103RE", 512, 64),
    xl_density("STM32F101RF", 768, 80),
    xl_density("STM32F101RG", 1024, 80),
    xl_density("STM32F103RF", 768, 96),
    xl_density("STM32F103RG", 1024, 96),
    connectivity("STM32F105R8", 64),
    connectivity("STM32F105RB", 128),
    connectivity("STM32F105RC", 256),
    connectivity("STM32F107RB", 128),
    connectivity("STM32F107RC", 256),
    value_line("STM32F100C4", 16, 4),
    value_line("STM32F100C6", 32, 4),
    value_line("STM32F100C8", 64, 8),
    value_line("STM32F100CB", 128, 8),
    value_line_high("STM32F100RC", 256, 24),
    value_line_high("STM32F100RD", 384, 32),
    value_line_high("STM32F100RE", 512, 32),

    f4("STM32F401CB", 0x423, 0x1001, 128, 64),
    f4("STM32F401CC", 0x423, 0x1001, 256, 64),
    f4("STM32F401CD", 0x433, 0x1001, 384, 96),
    f4("STM32F401RE", 0x433, 0x1001, 512, 96),
    f4("STM32F405RG", 0x413, 0x1007, 1024, 128, 64),
    f4("STM32F407VE", 0x413, 0x1007, 512, 128, 64),
    f4("STM32F407VG", 0x413, 0x1007, 1024, 128, 64),
    f4("STM32F415RG", 0x413, 0x1007, 1024, 128, 64),
    f4("STM32F417VG", 0x413, 0x1007, 1024, 128, 64),
    f4("STM32F410C8", 0x458, 0x1000, 64, 32),
    f4("STM32F410RB", 0x458, 0x1000, 128, 32),
    f4("STM32F411CC", 0x431, 0x1001, 256, 128),
    f4("STM32F411CE", 0x431, 0x1001, 512, 128),
    f4("STM32F412ZE", 0x441, 0x3000, 512, 256),
    f4("STM32F412ZG", 0x441, 0x3000, 1024, 256),
    f4("STM32F413ZG", 0x463, 0x1000, 1024, 320),
    f4("STM32F413ZH", 0x463, 0x1000, 1536, 320),
    f4("STM32F423ZH", 0x463, 0x1000, 1536, 320),
    f4("STM32F427VG", 0x419, 0x2001, 1024, 192, 64),
    f4("STM32F427VI", 0x419, 0x2001, 2048, 192, 64),
    f4("STM32F429ZE", 0x419, 0x2001, 512, 192, 64),
    f4("STM32F429ZG", 0x419, 0x2001, 1024, 192, 64),
    f4("STM32F429ZI", 0x419, 0x2001, 2048, 192, 64),
    f4("STM32F437VI", 0x419, 0x2001, 2048, 192, 64),
    f4("STM32F439ZI", 0x419, 0x2001, 2048, 192, 64),
    f4("STM32F446RC", 0x421, 0x1000, 256, 128),
    f4("STM32F446RE", 0x421, 0x1000, 512, 128),
    f4("STM32F469NE", 0x434, 0x1000, 512, 320, 64),
    f4("STM32F469NG", 0x434, 0x1000, 1024, 320, 64),
    f4("STM32F469NI", 0x434, 0x1000, 2048, 320, 64),
    f4("STM32F479NI", 0x434, 0x1000, 2048, 320, 64),
});

}  // namespace

bool has_mpu(const Part &part) {
  return part.series == Series::f4 || part.two_banks;  // of the F1 only XL-density
}

std::span<const Part> parts() {
  return table;
}

const Part &find_part(std::string_view name) {
  const auto *found = std::ranges::find(table, name, &Part::name);
  if (found == table.end()) {
    throw std::invalid_argument("the simulator has no part '" + std::string(name) + "'");
  }
  return *found;
}

std::vector<std::string> part_names() {
  std::vector<std::string> names;
  names.reserve(std::size(table));
  for (const Part &part : table) names.emplace_back(part.name);
  return names;
}

std::uint32_t flash_size(std::string_view part) {
  return find_part(part).flash_size();
}

}  // namespace flashhost::machine
