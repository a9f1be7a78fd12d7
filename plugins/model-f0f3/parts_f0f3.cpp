#include "parts_f0f3.hpp"

#include <array>

namespace flashhost::machine::stm32 {
namespace {

struct Line {
  std::uint16_t device_id = 0;
  std::uint32_t page_size = 0;
  std::uint32_t system_memory = 0;
  std::uint8_t option_bytes = 8;
  bool empty_check = false;
};

constexpr Line f03x{0x444, 1024, 0x1FFFEC00, 6};
constexpr Line f04x{0x445, 1024, 0x1FFFC400, 6, true};
constexpr Line f05x{0x440, 1024, 0x1FFFEC00, 6};
constexpr Line f07x{0x448, 2048, 0x1FFFC800};
constexpr Line f09x{0x442, 2048, 0x1FFFD800, 8, true};
constexpr Line f301{0x439, 2048, 0x1FFFD800, 6};
constexpr Line f303_small{0x438, 2048, 0x1FFFD800, 6};
constexpr Line f303_large{0x422, 2048, 0x1FFFD800};
constexpr Line f303_largest{0x446, 2048, 0x1FFFD800};
constexpr Line f373{0x432, 2048, 0x1FFFD800};

constexpr PartF0F3 part(std::string_view name, std::uint32_t flash_kib, std::uint32_t sram_kib,
                        const Line &line) {
  constexpr std::uint32_t wrp_unit = 4096;
  PartF0F3 part;
  part.name = name;
  part.flash_size = flash_kib * 1024;
  part.sram_size = sram_kib * 1024;
  part.device_id = line.device_id;
  part.revision_id = 0x1000;
  part.page_size = line.page_size;
  part.pages_per_wrp_unit = wrp_unit / line.page_size;
  part.system_memory = line.system_memory;
  part.size_register = 0x1FFFF7CC;
  part.unique_id = 0x1FFFF7AC;
  part.rdp_off = 0xAA;
  part.option_bytes = line.option_bytes;
  part.program_typical = 53'500 * ticks_per_microsecond / 1000;
  part.program_maximum = 60 * ticks_per_microsecond;
  part.empty_check = line.empty_check;
  return part;
}

constexpr PartF0F3 f0(std::string_view name, std::uint32_t flash_kib, std::uint32_t sram_kib,
                      const Line &line) {
  PartF0F3 made = part(name, flash_kib, sram_kib, line);
  made.is_f0 = true;
  made.core = CoreKind::cortex_m0;
  made.debug_port_id = 0x0BB11477;
  made.device_id |= 0x6000;  // of the F0's DBGMCU_IDCODE
  return made;
}

constexpr PartF0F3 f3(std::string_view name, std::uint32_t flash_kib, std::uint32_t sram_kib,
                      std::uint32_t ccm_kib, const Line &line) {
  PartF0F3 made = part(name, flash_kib, sram_kib, line);
  made.core = CoreKind::cortex_m4;
  made.debug_port_id = 0x2BA01477;
  made.core_memory_size = ccm_kib * 1024;
  made.mpu = &line == &f303_large || &line == &f303_largest || &line == &f373;
  return made;
}

// Sold as STM32F030R8, with the ids of that chip.
constexpr PartF0F3 clone_of_f030() {
  PartF0F3 made = f0("STM32F030R8CLONE", 64, 8, f05x);
  made.core = CoreKind::cortex_m0_plus;
  made.debug_port_id = 0x0BC11477;
  made.clone = true;
  return made;
}

constexpr auto table = std::to_array<PartF0F3>({
    f0("STM32F051R8", 64, 8, f05x),
    f0("STM32F030F4", 16, 4, f03x),
    f0("STM32F031K6", 32, 4, f03x),
    f0("STM32F042K6", 32, 6, f04x),
    f0("STM32F070F6", 32, 6, f04x),
    f0("STM32F030C8", 64, 8, f05x),
    f0("STM32F030R8", 64, 8, f05x),
    f0("STM32F051C4", 16, 8, f05x),
    f0("STM32F072RB", 128, 16, f07x),
    f0("STM32F072C8", 64, 16, f07x),
    f0("STM32F030RC", 256, 32, f09x),
    f0("STM32F091RB", 128, 32, f09x),
    f0("STM32F091RC", 256, 32, f09x),
    f3("STM32F301K8", 64, 16, 0, f301),
    f3("STM32F302C6", 32, 16, 0, f301),
    f3("STM32F303K8", 64, 12, 4, f303_small),
    f3("STM32F334C4", 16, 12, 4, f303_small),
    f3("STM32F334K8", 64, 12, 4, f303_small),
    f3("STM32F302CB", 128, 32, 0, f303_large),
    f3("STM32F303CB", 128, 32, 8, f303_large),
    f3("STM32F303VC", 256, 40, 8, f303_large),
    f3("STM32F302RD", 384, 64, 0, f303_largest),
    f3("STM32F303RE", 512, 64, 16, f303_largest),
    f3("STM32F373C8", 64, 16, 0, f373),
    f3("STM32F373RB", 128, 24, 0, f373),
    f3("STM32F373CC", 256, 32, 0, f373),
    clone_of_f030(),
});

}  // namespace

std::span<const PartF0F3> parts_f0f3() {
  return table;
}

}  // namespace flashhost::machine::stm32
