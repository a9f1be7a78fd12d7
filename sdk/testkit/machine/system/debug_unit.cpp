#include "system/debug_unit.hpp"

namespace flashhost::machine {
namespace {

constexpr std::uint32_t c_debugen = 1;
constexpr std::uint32_t c_halt = 2;
constexpr std::uint32_t c_step = 4;
constexpr std::uint32_t c_maskints = 8;
constexpr std::uint32_t c_snapstall = 32;
constexpr std::uint32_t s_regrdy = 1U << 16;
constexpr std::uint32_t s_halt = 1U << 17;
constexpr std::uint32_t s_sleep = 1U << 18;
constexpr std::uint32_t s_lockup = 1U << 19;
constexpr std::uint32_t s_retire_st = 1U << 24;
constexpr std::uint32_t s_reset_st = 1U << 25;

constexpr std::uint32_t demcr_bits = 0x010F07F1;
constexpr std::uint32_t demcr_bits_v6m = 0x01000401;  // DWTENA, VC_HARDERR, VC_CORERESET

}  // namespace

std::uint32_t DebugUnit::read(std::uint32_t offset) {
  switch (offset) {
    case 0xDF0:
      return read_control();
    case 0xDF8:
      return data_;
    default:
      return offset == 0xDFC ? demcr_ : 0;
  }
}

std::uint32_t DebugUnit::read_control() {
  std::uint32_t value = s_regrdy;
  if (debugen_) value |= c_debugen;
  if (halt_) value |= c_halt;
  if (step_) value |= c_step;
  if (maskints_) value |= c_maskints;
  if (snapstall_) value |= c_snapstall;
  if (core_->halted()) value |= s_halt;
  if (core_->sleeping()) value |= s_sleep;
  if (core_->locked_up()) value |= s_lockup;
  if (retired_ || board_.rules.off(Rule::cm_retire_st)) value |= s_retire_st;
  if (reset_seen_) value |= s_reset_st;
  retired_ = false;
  // While reset lasts, the flag is set again at once.
  if (board_.rules.on(Rule::cm_reset_st_sticky)) reset_seen_ = core_->in_reset();
  board_.impure_read = true;
  return value;
}

void DebugUnit::write(std::uint32_t offset, std::uint32_t value, Master master) {
  if (offset == 0xDFC) {
    constexpr std::uint32_t core_may = 0x010F0000;
    const std::uint32_t all = v6m_ ? demcr_bits_v6m : demcr_bits;
    const std::uint32_t mask = master == Master::debugger ? all : core_may;
    demcr_ = (demcr_ & ~mask) | (value & mask);
    return;
  }
  if (master == Master::core) return;  // only a debugger writes the others
  if (offset == 0xDF0) {
    const bool key = value >> 16 == 0xA05F;
    if (key || board_.rules.off(Rule::cm_dhcsr_key)) write_control(value);
  } else if (offset == 0xDF4) {
    select_register(value);
  } else if (offset == 0xDF8) {
    data_ = value;
  }
}

void DebugUnit::write_control(std::uint32_t value) {
  const bool enable = (value & c_debugen) != 0;
  const bool wants_halt = (value & c_halt) != 0;
  const bool mask = (value & c_maskints) != 0;
  if (enable && mask != maskints_ && !(halt_ && wants_halt) &&
      board_.rules.on(Rule::cm_maskints_noted)) {
    board_.note("DHCSR.C_MASKINTS changed while running, or together with C_HALT");
  }
  debugen_ = enable;
  board_.debugger_attached = enable;
  const bool obeys_halt = enable || board_.rules.off(Rule::cm_halt_needs_debugen);
  halt_ = wants_halt && obeys_halt;
  step_ = enable && (value & c_step) != 0;
  maskints_ = enable && mask;
  snapstall_ = enable && !v6m_ && (value & c_snapstall) != 0;
  board_.timeline.attention();
  if (halt_) {
    if (core_->halted() || !board_.halts_late()) core_->request_halt();
  } else if (core_->halted() && step_) {
    core_->step();
  } else if (core_->halted()) {
    core_->resume();
  }
}

void DebugUnit::select_register(std::uint32_t value) {
  if (!core_->halted()) {
    if (board_.rules.on(Rule::cm_dcrsr_running_noted))
      board_.note("DCRSR written while the core runs");
    return;
  }
  const std::uint32_t selector = value & 0x7F;
  if ((value & 1U << 16) != 0) {
    core_->set_core_register(selector, data_);
  } else {
    data_ = core_->core_register(selector);
  }
}

std::uint32_t DebugUnit::fault_status() {
  const std::uint32_t value = dfsr_;
  if (board_.rules.off(Rule::cm_dfsr_sticky)) dfsr_ = 0;
  return value;
}

void DebugUnit::halted_by(std::uint32_t dfsr_bit) {
  halt_ = true;
  dfsr_ |= dfsr_bit;
  ++board_.statistics.halts;
}

bool DebugUnit::interrupts_masked() const {
  return maskints_ && board_.rules.on(Rule::cm_maskints_masks);
}

bool DebugUnit::catches(std::uint32_t demcr_bits_wanted) const {
  if (!debugen_ || (demcr_ & demcr_bits_wanted) == 0) return false;
  const bool reset = (demcr_bits_wanted & demcr::vc_corereset) != 0;
  return board_.rules.on(reset ? Rule::cm_vc_corereset : Rule::cm_vc_faults);
}

std::uint32_t DebugUnit::read_breakpoints(std::uint32_t offset) const {
  const std::uint32_t literal = v6m_ ? 0 : 0x200;  // two comparators
  if (offset == 0) return literal | code_comparators() << 4 | (breakpoints_on_ ? 1U : 0U);
  if (offset == 4) return v6m_ ? 0 : 0x20000000;  // no remapping set up
  return offset >= 8 && offset < 8 + 4 * comparators_.size() ? comparators_[(offset - 8) / 4] : 0;
}

void DebugUnit::write_breakpoints(std::uint32_t offset, std::uint32_t value) {
  if (offset == 0) {
    if ((value & 2U) != 0) breakpoints_on_ = (value & 1U) != 0;
  } else if (offset >= 8 && offset < 8 + 4 * comparators_.size()) {
    comparators_[(offset - 8) / 4] = value;
  }
}

bool DebugUnit::breakpoint_at(std::uint32_t address) const {
  if (!breakpoints_on_ || address >= 0x20000000) return false;
  for (std::size_t i = 0; i < code_comparators(); ++i) {
    const std::uint32_t comparator = comparators_[i];
    if ((comparator & 1U) == 0 || (comparator & 0x1FFFFFFC) != (address & 0x1FFFFFFC)) continue;
    const std::uint32_t half = comparator >> 30;
    if (half == 3 || half == ((address & 2U) != 0 ? 2U : 1U)) return true;
  }
  return false;
}

void DebugUnit::power_on() {
  debugen_ = halt_ = step_ = maskints_ = snapstall_ = retired_ = false;
  demcr_ = dfsr_ = data_ = 0;
  breakpoints_on_ = false;
  comparators_.fill(0);
  reset_seen_ = true;
  board_.debugger_attached = false;
}

void DebugUnit::system_reset() {
  reset_seen_ = true;
  step_ = false;
  if (board_.rules.on(Rule::cm_reset_clears_halt)) halt_ = false;
  demcr_ &= ~0x000F0000U;  // MON_*
  if (board_.rules.off(Rule::cm_reset_keeps_debug)) {
    power_on();
  }
}

}  // namespace flashhost::machine
