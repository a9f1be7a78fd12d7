// The parts of the STM32F1 as data (docs/reference/stm32f1-flash.md section 1).
#pragma once

#include "part.hpp"

namespace flashhost::machine::stm32 {

// F0 and F3, whose flash controller is this one, have parts of this kind, too.
struct PartF1 : StmPart {
  std::uint32_t page_size = 0;             // bytes
  std::uint32_t pages_per_wrp_unit = 0;    // write protection granule
  std::uint32_t auto_protected_pages = 0;  // under read protection
  std::uint32_t system_memory = 0;         // address of the bootloader
  std::uint32_t size_register = 0x1FFFF7E0, unique_id = 0x1FFFF7E8;
  std::uint8_t rdp_off = 0xA5;    // the value of RDP without read protection
  std::uint8_t option_bytes = 8;  // that the die has
  Ticks program_typical = 52'500 * ticks_per_microsecond / 1000;
  Ticks program_maximum = 70 * ticks_per_microsecond;
};

[[nodiscard]] std::span<const PartF1> parts_f1();

}  // namespace flashhost::machine::stm32
