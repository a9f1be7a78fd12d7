// Rules of the hardware. Each can be switched off by name (Config::rules_off), to show that a test
// depends on it.
#pragma once

#include <algorithm>
#include <bitset>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace flashhost::machine {

// Switches for the rules of one enumeration, which counts from 0. The n-th name is that of value n.
// Unknown names are ignored: they may belong to another set of rules.
template <class Rule>
class RuleSwitches {
 public:
  RuleSwitches(std::span<const std::string_view> names, const std::vector<std::string> &off) {
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (std::ranges::find(off, names[i]) != off.end()) off_.set(i);
    }
  }
  [[nodiscard]] bool on(Rule rule) const { return !off(rule); }
  [[nodiscard]] bool off(Rule rule) const { return off_[static_cast<std::size_t>(rule)]; }

 private:
  static constexpr std::size_t most_rules = 64;
  std::bitset<most_rules> off_;
};

// The rules of the core and its debug unit; the rules of a chip are its model's.
enum class Rule : std::uint8_t {
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
  cm_v6m_instructions,
};
using Rules = RuleSwitches<Rule>;
[[nodiscard]] std::span<const std::string_view> core_rule_names();

}  // namespace flashhost::machine
