#include "rules.hpp"

#include "target.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace target_model {
namespace {

constexpr auto names = std::to_array<std::string_view>({
    "f1_key_fsm",
    "f1_lock",
    "f1_write_check",
    "f1_program_zero",
    "f1_halfword_only",
    "f1_busy_time",
    "f1_busy_late",
    "f1_stall_while_busy",
    "f1_read_while_write",
    "f1_cr_frozen_while_busy",
    "f1_hsi_needed",
    "f1_eop",
    "f1_errors_sticky",
    "f1_write_protection",
    "f1_read_protection",
    "f1_unprotect_erases",
    "f1_option_key",
    "f1_option_reload_at_reset",
    "f1_reset_clears_fpec",
    "f1_reset_breaks_operation",
    "f1_dbgmcu_survives_reset",
    "f1_freeze_only_halted",
    "f1_freeze_needs_bit",
    "f1_hardware_watchdog",
    "f1_window_watchdog",
    "f1_reset_causes",
    "f1_clock_gating",
    "cm_dhcsr_key",
    "cm_halt_needs_debugen",
    "cm_reset_st_sticky",
    "cm_retire_st",
    "cm_reset_clears_halt",
    "cm_reset_keeps_debug",
    "cm_maskints_noted",
    "cm_maskints_masks",
    "cm_step_one",
    "cm_dfsr_sticky",
    "cm_dcrsr_running_noted",
    "cm_vc_corereset",
    "cm_vc_faults",
    "cm_bkpt_needs_debugen",
    "cm_escalation",
    "cm_lockup",
    "cm_thumb_bit",
    "cm_it_state",
    "cm_sticky_fault",
});
static_assert(names.size() == static_cast<std::size_t>(Rule::count));

}  // namespace

Rules::Rules(const std::vector<std::string> &off) {
  for (const std::string &name : off) {
    const auto *found = std::ranges::find(names, name);
    if (found == names.end()) throw std::invalid_argument("unknown rule '" + name + "'");
    off_.set(static_cast<std::size_t>(found - names.begin()));
  }
}

std::vector<std::string> rule_names() {
  return {names.begin(), names.end()};
}

}  // namespace target_model
