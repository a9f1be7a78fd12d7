// The sectors of an STM32F4's main flash (docs/reference/stm32f4-flash.md section 3).
#pragma once

#include "part.hpp"

#include <cstdint>
#include <vector>

namespace flashhost::machine::stm32 {

struct SectorF4 {
  std::uint32_t offset;
  std::uint32_t size;
  std::uint32_t snb;   // its number in CR.SNB
  std::uint32_t bank;  // 0 or 1
  std::uint32_t wrp;   // its bit in nWRP; from 16 on in OPTCR1
};

// dual: divided into two banks.
[[nodiscard]] std::vector<SectorF4> sectors_f4(const StmPart &part, bool dual);

}  // namespace flashhost::machine::stm32
