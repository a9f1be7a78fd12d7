// The rules of STM32F0 and F3 beside those of the F1's flash controller
// (docs/reference/stm32f0f3-flash.md section 8).
#pragma once

#include "rules_f1.hpp"

namespace flashhost::machine::stm32 {

enum class RuleF0F3 : std::uint8_t {
  launch,               // OBL_LAUNCH resets the chip and loads the option bytes
  launch_while_locked,  // also while FLASH_CR is locked
  load_by_launch_only,  // F0: a system reset does not load them
  erase_at_load,        // level 1 to 0 erases the flash when it is loaded
  level2,               // closes the debug port
  closed_error,         // PGERR where read protection refuses an operation
  option_not_erased,    // WRPRTERR
  option_complement,    // a byte without its complement counts as 0xFF
  empty_check,          // an erased first word starts the bootloader
  clone_holes,          // a clone reads 0 where nothing is
};
inline constexpr auto rule_names_f0f3 = std::to_array<std::string_view>({
    "f0_launch",
    "f0_launch_while_locked",
    "f0_load_by_launch_only",
    "f0_erase_at_load",
    "f0_level2",
    "f0_closed_error",
    "f0_option_not_erased",
    "f0_option_complement",
    "f0_empty_check",
    "f0_clone_holes",
});
static_assert(rule_names_f0f3.size() == static_cast<std::size_t>(RuleF0F3::clone_holes) + 1);

using RulesF0F3 = RuleSwitches<RuleF0F3>;

}  // namespace flashhost::machine::stm32
