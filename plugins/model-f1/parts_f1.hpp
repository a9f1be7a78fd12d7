// The parts of the STM32F1 as data (docs/reference/stm32f1-flash.md section 1).
#pragma once

#include "part.hpp"

namespace flashhost::machine::stm32 {

struct PartF1 : StmPart {
  std::uint32_t page_size = 0;             // bytes
  std::uint32_t pages_per_wrp_unit = 0;    // write protection granule
  std::uint32_t auto_protected_pages = 0;  // under read protection
  std::uint32_t system_memory = 0;         // address of the bootloader
};

[[nodiscard]] std::span<const PartF1> parts_f1();

}  // namespace flashhost::machine::stm32
