// The parts of STM32F0 and F3 as data (docs/reference/stm32f0f3-flash.md section 1).
#pragma once

#include "parts_f1.hpp"

namespace flashhost::machine::stm32 {

struct PartF0F3 : PartF1 {
  bool is_f0 = false;
  bool empty_check = false;  // these dies have nBOOT0 and BOOT_SEL, too
  bool clone = false;
};

[[nodiscard]] std::span<const PartF0F3> parts_f0f3();

}  // namespace flashhost::machine::stm32
