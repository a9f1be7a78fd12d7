// The parts of the STM32F4 as data (docs/reference/stm32f4-flash.md section 1).
#pragma once

#include "part.hpp"

namespace flashhost::machine::stm32 {

[[nodiscard]] std::span<const StmPart> parts_f4();

}  // namespace flashhost::machine::stm32
