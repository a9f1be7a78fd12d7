#include <flashhost/machine/rules.hpp>

#include <array>

namespace flashhost::machine {
namespace {

constexpr auto names = std::to_array<std::string_view>({
    "cm_dhcsr_key",      "cm_halt_needs_debugen",  "cm_reset_st_sticky",
    "cm_retire_st",      "cm_reset_clears_halt",   "cm_reset_keeps_debug",
    "cm_maskints_noted", "cm_maskints_masks",      "cm_step_one",
    "cm_dfsr_sticky",    "cm_dcrsr_running_noted", "cm_vc_corereset",
    "cm_vc_faults",      "cm_bkpt_needs_debugen",  "cm_escalation",
    "cm_lockup",         "cm_thumb_bit",           "cm_it_state",
    "cm_sticky_fault",   "cm_v6m_instructions",
});
static_assert(names.size() == static_cast<std::size_t>(Rule::cm_v6m_instructions) + 1);

}  // namespace

std::span<const std::string_view> core_rule_names() {
  return names;
}

}  // namespace flashhost::machine
