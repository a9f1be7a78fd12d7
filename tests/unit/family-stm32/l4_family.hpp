// The family of the STM32s that program double words, for tests that are written for any family.
#pragma once

#include "families.hpp"
#include "family-l4/l4.hpp"
#include "family-l4/registers.hpp"

namespace fake {

struct L4 {
  static constexpr auto parts = l4::parts;
  static constexpr auto identify = l4::identify;
  static constexpr auto settle = l4::settle;
  static constexpr auto prepare = l4::prepare;
};

}  // namespace fake
