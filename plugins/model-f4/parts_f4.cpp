#include "parts_f4.hpp"

#include <array>

namespace flashhost::machine::stm32 {
namespace {

constexpr StmPart f4(std::string_view name, std::uint16_t device_id, std::uint16_t revision_id,
                     std::uint32_t flash_kib, std::uint32_t sram_kib, std::uint32_t ccm_kib = 0) {
  StmPart part;
  part.name = name;
  part.core = CoreKind::cortex_m4;
  part.debug_port_id = 0x2BA01477;
  part.flash_size = flash_kib * 1024;
  part.sram_size = sram_kib * 1024;
  part.core_memory_size = ccm_kib * 1024;
  part.mpu = true;
  part.device_id = device_id;
  part.revision_id = revision_id;
  part.two_banks = (device_id == 0x419 || device_id == 0x434) && flash_kib >= 1024;
  return part;
}

constexpr auto table = std::to_array<StmPart>({
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

std::span<const StmPart> parts_f4() {
  return table;
}

}  // namespace flashhost::machine::stm32
