// The rules of the STM32F1 (docs/reference/stm32f1-flash.md section 12 and the sections that it
// summarises).
#pragma once

#include <flashhost/machine/rules.hpp>

#include <array>

namespace flashhost::machine::stm32 {

enum class RuleF1 : std::uint8_t {
  key_fsm,
  lock,
  write_check,
  program_zero,
  halfword_only,
  busy_time,
  busy_late,
  stall_while_busy,
  read_while_write,
  cr_frozen_while_busy,
  hsi_needed,
  eop,
  errors_sticky,
  write_protection,
  read_protection,
  unprotect_erases,
  option_key,
  option_reload_at_reset,
  reset_clears_fpec,
  reset_breaks_operation,
};
inline constexpr auto rule_names_f1 = std::to_array<std::string_view>({
    "f1_key_fsm",           "f1_lock",
    "f1_write_check",       "f1_program_zero",
    "f1_halfword_only",     "f1_busy_time",
    "f1_busy_late",         "f1_stall_while_busy",
    "f1_read_while_write",  "f1_cr_frozen_while_busy",
    "f1_hsi_needed",        "f1_eop",
    "f1_errors_sticky",     "f1_write_protection",
    "f1_read_protection",   "f1_unprotect_erases",
    "f1_option_key",        "f1_option_reload_at_reset",
    "f1_reset_clears_fpec", "f1_reset_breaks_operation",
});
static_assert(rule_names_f1.size() == static_cast<std::size_t>(RuleF1::reset_breaks_operation) + 1);

using RulesF1 = RuleSwitches<RuleF1>;

}  // namespace flashhost::machine::stm32
