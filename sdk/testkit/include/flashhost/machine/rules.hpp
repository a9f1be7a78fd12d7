// The rules of the hardware that tests must be shown to depend on: each can be broken by name
// (Config::rules_off).
#pragma once

#include <bitset>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace flashhost::machine {

enum class Rule : std::uint8_t {
  // stm32f1-flash.md section 12, and the sections it sums up
  f1_key_fsm,
  f1_lock,
  f1_write_check,
  f1_program_zero,
  f1_halfword_only,
  f1_busy_time,
  f1_busy_late,
  f1_stall_while_busy,
  f1_read_while_write,
  f1_cr_frozen_while_busy,
  f1_hsi_needed,
  f1_eop,
  f1_errors_sticky,
  f1_write_protection,
  f1_read_protection,
  f1_unprotect_erases,
  f1_option_key,
  f1_option_reload_at_reset,
  f1_reset_clears_fpec,
  f1_reset_breaks_operation,
  // stm32f4-flash.md section 13, and the sections it sums up
  f4_key_fsm,
  f4_lock,
  f4_option_key,
  f4_option_start,
  f4_option_reload,
  f4_psize,
  f4_row,
  f4_sequence,
  f4_errors_block,
  f4_bits_only_fall,
  f4_write_protection,
  f4_snb,
  f4_eop_gated,
  f4_operr_gated,
  f4_busy_time,
  f4_stall_while_busy,
  f4_read_while_write,
  f4_cr_stalls,
  f4_voltage,
  f4_wait_states,
  f4_dual_map,
  f4_read_protection,
  f4_rdp_power_cycle,
  f4_unprotect_erases,
  f4_level2_final,
  f4_otp,
  f4_reset_clears_registers,
  f4_reset_breaks_operation,
  f4_instruction_cache,
  f4_data_cache,
  f4_prefetch,
  f4_cache_reset_when_off,
  // what both series share
  st_dbgmcu_survives_reset,
  st_freeze_only_halted,
  st_freeze_needs_bit,
  st_hardware_watchdog,
  st_window_watchdog,
  st_reset_causes,
  st_clock_gating,
  // cortex-m-debug.md section 12, and the sections it sums up
  cm_dhcsr_key,
  cm_halt_needs_debugen,
  cm_reset_st_sticky,
  cm_retire_st,
  cm_reset_clears_halt,
  cm_reset_keeps_debug,
  cm_maskints_noted,
  cm_maskints_masks,
  cm_step_one,
  cm_dfsr_sticky,
  cm_dcrsr_running_noted,
  cm_vc_corereset,
  cm_vc_faults,
  cm_bkpt_needs_debugen,
  cm_escalation,
  cm_lockup,
  cm_thumb_bit,
  cm_it_state,
  cm_sticky_fault,
  count
};

class Rules {
 public:
  explicit Rules(
      const std::vector<std::string> &off);  // throws std::invalid_argument for an unknown name
  [[nodiscard]] bool on(Rule rule) const { return !off_[static_cast<std::size_t>(rule)]; }
  [[nodiscard]] bool off(Rule rule) const { return !on(rule); }

 private:
  std::bitset<static_cast<std::size_t>(Rule::count)> off_;
};

}  // namespace flashhost::machine
