// The rules of the STM32F4 (docs/reference/stm32f4-flash.md section 13 and the sections that it
// summarises).
#pragma once

#include <flashhost/machine/rules.hpp>

#include <array>

namespace flashhost::machine::stm32 {

enum class RuleF4 : std::uint8_t {
  key_fsm,
  lock,
  option_key,
  option_start,
  option_reload,
  psize,
  row,
  sequence,
  errors_block,
  bits_only_fall,
  write_protection,
  snb,
  eop_gated,
  operr_gated,
  busy_time,
  stall_while_busy,
  read_while_write,
  cr_stalls,
  voltage,
  wait_states,
  dual_map,
  read_protection,
  rdp_power_cycle,
  unprotect_erases,
  level2_final,
  otp,
  reset_clears_registers,
  reset_breaks_operation,
  instruction_cache,
  data_cache,
  prefetch,
  cache_reset_when_off,
};
inline constexpr auto rule_names_f4 = std::to_array<std::string_view>({
    "f4_key_fsm",
    "f4_lock",
    "f4_option_key",
    "f4_option_start",
    "f4_option_reload",
    "f4_psize",
    "f4_row",
    "f4_sequence",
    "f4_errors_block",
    "f4_bits_only_fall",
    "f4_write_protection",
    "f4_snb",
    "f4_eop_gated",
    "f4_operr_gated",
    "f4_busy_time",
    "f4_stall_while_busy",
    "f4_read_while_write",
    "f4_cr_stalls",
    "f4_voltage",
    "f4_wait_states",
    "f4_dual_map",
    "f4_read_protection",
    "f4_rdp_power_cycle",
    "f4_unprotect_erases",
    "f4_level2_final",
    "f4_otp",
    "f4_reset_clears_registers",
    "f4_reset_breaks_operation",
    "f4_instruction_cache",
    "f4_data_cache",
    "f4_prefetch",
    "f4_cache_reset_when_off",
});
static_assert(rule_names_f4.size() == static_cast<std::size_t>(RuleF4::cache_reset_when_off) + 1);

using RulesF4 = RuleSwitches<RuleF4>;

}  // namespace flashhost::machine::stm32
