#include "parts_f1.hpp"

#include <array>

namespace flashhost::machine::stm32 {
namespace {

struct Line {
  std::uint16_t device_id = 0;
  std::uint16_t revision_id = 0;
  std::uint32_t page_size = 0;
  std::uint32_t pages_per_wrp_unit = 0;
  std::uint32_t system_memory = 0;
  std::uint32_t hse_hertz = 8'000'000;
  bool two_banks = false;
  bool mpu = false;
};

constexpr Line low_density{0x412, 0x1000, 1024, 4, 0x1FFFF000};
constexpr Line medium_density{0x410, 0x2003, 1024, 4, 0x1FFFF000};
constexpr Line high_density{0x414, 0x1003, 2048, 2, 0x1FFFF000};
constexpr Line xl_density{0x430, 0x1000, 2048, 2, 0x1FFFE000, 8'000'000, true, true};
constexpr Line connectivity{0x418, 0x1001, 2048, 2, 0x1FFFB000, 25'000'000};
constexpr Line value_line{0x420, 0x1001, 1024, 4, 0x1FFFF000};
constexpr Line value_line_high{0x428, 0x1001, 2048, 2, 0x1FFFF000};

constexpr PartF1 part(std::string_view name, std::uint32_t flash_kib, std::uint32_t sram_kib,
                      const Line &line) {
  PartF1 part;
  part.name = name;
  part.core = CoreKind::cortex_m3;
  part.debug_port_id = 0x1BA01477;
  part.flash_size = flash_kib * 1024;
  part.sram_size = sram_kib * 1024;
  part.mpu = line.mpu;
  part.device_id = line.device_id;
  part.revision_id = line.revision_id;
  part.hse_hertz = line.hse_hertz;
  part.two_banks = line.two_banks;
  part.page_size = line.page_size;
  part.pages_per_wrp_unit = line.pages_per_wrp_unit;
  part.auto_protected_pages = line.pages_per_wrp_unit;  // the pages of the first unit
  part.system_memory = line.system_memory;
  return part;
}

constexpr auto table = std::to_array<PartF1>({
    part("STM32F103CB", 128, 20, medium_density),  part("STM32F101C4", 16, 4, low_density),
    part("STM32F101C6", 32, 6, low_density),       part("STM32F102C4", 16, 4, low_density),
    part("STM32F102C6", 32, 6, low_density),       part("STM32F103C4", 16, 6, low_density),
    part("STM32F103C6", 32, 10, low_density),      part("STM32F101C8", 64, 10, medium_density),
    part("STM32F101CB", 128, 16, medium_density),  part("STM32F102C8", 64, 10, medium_density),
    part("STM32F102CB", 128, 16, medium_density),  part("STM32F103C8", 64, 20, medium_density),
    part("STM32F101RC", 256, 32, high_density),    part("STM32F101RD", 384, 48, high_density),
    part("STM32F101RE", 512, 48, high_density),    part("STM32F103RC", 256, 48, high_density),
    part("STM32F103RD", 384, 64, high_density),    part("STM32F103RE", 512, 64, high_density),
    part("STM32F101RF", 768, 80, xl_density),      part("STM32F101RG", 1024, 80, xl_density),
    part("STM32F103RF", 768, 96, xl_density),      part("STM32F103RG", 1024, 96, xl_density),
    part("STM32F105R8", 64, 64, connectivity),     part("STM32F105RB", 128, 64, connectivity),
    part("STM32F105RC", 256, 64, connectivity),    part("STM32F107RB", 128, 64, connectivity),
    part("STM32F107RC", 256, 64, connectivity),    part("STM32F100C4", 16, 4, value_line),
    part("STM32F100C6", 32, 4, value_line),        part("STM32F100C8", 64, 8, value_line),
    part("STM32F100CB", 128, 8, value_line),       part("STM32F100RC", 256, 24, value_line_high),
    part("STM32F100RD", 384, 32, value_line_high), part("STM32F100RE", 512, 32, value_line_high),
});

}  // namespace

std::span<const PartF1> parts_f1() {
  return table;
}

}  // namespace flashhost::machine::stm32
