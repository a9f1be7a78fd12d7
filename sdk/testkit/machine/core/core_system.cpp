// Instructions that the engine does not execute: BKPT, SVC, CPS, MRS, MSR, the sleep hints, and IT
// when single stepping.
#include "core/core.hpp"

namespace flashhost::machine {
namespace {

constexpr std::uint32_t sleepdeep = 1U << 2;  // SCR

}  // namespace

void Core::execute_special() {
  const std::uint16_t first = halfword(pc_);
  skipper_.dirty();
  if (first >> 8 == 0xBE) return execute_breakpoint();
  unsigned length = 0;
  const InstructionKind kind = kind_at(pc_, length);
  spend(kind.cycles);
  ++board_.statistics.instructions;
  const std::uint32_t at = pc_;
  pc_ += length;
  if (length == 4) {
    const std::uint16_t second = halfword(at + 2);
    if (first == 0xF3AF) return sleep(static_cast<std::uint16_t>(second & 0xFF));
    if ((first & 0xFFE0) == 0xF3E0) return execute_mrs(second);
    return execute_msr(first, second);
  }
  if (first >> 8 == 0xDF) {
    control_.nvic.pend(exception::svcall);
    if (control_.nvic.priority(exception::svcall) < execution_priority()) {
      return enter(exception::svcall, pc_);
    }
    control_.nvic.unpend(exception::svcall);
    pc_ = at;
    return hard_fault(hfsr::forced);
  }
  if ((first & 0xFFE8) == 0xB660) {
    if (!board_.privileged) return;
    const bool set = (first & 0x10) != 0;
    if ((first & 2) != 0) masks_.primask = set;
    if ((first & 1) != 0) masks_.faultmask = set;
    limit_masks();
    return;
  }
  if (first >> 8 == 0xBF && (first & 0xF) != 0) {
    it_ = first & 0xFF;
    return;
  }
  sleep(static_cast<std::uint16_t>(first >> 4 & 0xF));
}

void Core::execute_breakpoint() {
  if (control_.debug.enabled() || board_.rules.off(Rule::cm_bkpt_needs_debugen)) {
    return enter_debug(dfsr::bkpt);
  }
  if (control_.debug.monitor_enabled() &&
      control_.nvic.priority(exception::debug_monitor) < execution_priority()) {
    return enter(exception::debug_monitor, pc_);
  }
  hard_fault(hfsr::debugevt);
}

void Core::sleep(std::uint16_t hint) {
  constexpr std::uint16_t wfe = 2;
  constexpr std::uint16_t wfi = 3;
  constexpr std::uint16_t sev = 4;
  if (hint == sev) event_ = true;
  if (hint == wfe && event_) {
    event_ = false;
    return;
  }
  if (hint != wfe && hint != wfi) return;
  if (hint == wfi) event_ = false;
  const bool deep = (control_.sleep_control & sleepdeep) != 0;
  fall_asleep(deep ? Sleep::stop : Sleep::wfi);
}

void Core::fall_asleep(Sleep how) {
  sleeping_ = true;
  locked_up_ = false;
  if (how == Sleep::wfi) return;
  control_.sleep_control |= sleepdeep;
  board_.repace([&] {
    board_.deep_sleep = true;
    board_.standby = how == Sleep::standby;
  });
}

void Core::wake() {
  sleeping_ = false;
  if (board_.deep_sleep) board_.repace([&] { board_.deep_sleep = board_.standby = false; });
}

void Core::execute_mrs(std::uint16_t second) {
  engine_.set_reg(second >> 8 & 0xF, special_register(second & 0xFF));
}

void Core::execute_msr(std::uint16_t first, std::uint16_t second) {
  set_special_register(second & 0xFF, second >> 10 & 3, engine_.reg(first & 0xF));
}

std::uint32_t Core::special_register(unsigned number) const {
  if (number < 8) {
    std::uint32_t value = 0;
    if ((number & 1U) != 0 && board_.privileged) value |= ipsr_;
    if ((number & 4U) == 0) value |= engine_.flags();
    return value;
  }
  if (number == 20) return (unprivileged_ ? 1U : 0U) | (process_stack_ ? 2U : 0U);
  if (!board_.privileged) return 0;
  switch (number) {
    case 8:
      return stack_pointer(Bank::main);
    case 9:
      return stack_pointer(Bank::process);
    case 16:
      return masks_.primask ? 1 : 0;
    case 17:
    case 18:
      return masks_.basepri;
    default:
      return number == 19 && masks_.faultmask ? 1 : 0;
  }
}

void Core::set_special_register(unsigned number, unsigned mask, std::uint32_t value) {
  if (number < 4) {
    if ((mask & 2U) != 0) engine_.set_flags(value & 0xF8000000);
    return;
  }
  if (!board_.privileged) return;
  const auto level = static_cast<std::uint8_t>(value & 0xF0);
  switch (number) {
    case 8:
      set_stack_pointer(Bank::main, value);
      break;
    case 9:
      set_stack_pointer(Bank::process, value);
      break;
    case 16:
      masks_.primask = (value & 1U) != 0;
      break;
    case 17:
      masks_.basepri = level;
      break;
    case 18:
      if (level != 0 && (masks_.basepri == 0 || level < masks_.basepri)) masks_.basepri = level;
      break;
    case 19:
      masks_.faultmask = (value & 1U) != 0 && execution_priority() > -1;
      break;
    case 20:
      unprivileged_ = (value & 1U) != 0;
      if (ipsr_ == 0) set_mode(0, (value & 2U) != 0);
      update_privilege();
      break;
    default:
      break;
  }
  limit_masks();
}

void Core::limit_masks() {
  if (control_.facts.v6m()) {
    masks_.faultmask = false;
    masks_.basepri = 0;
  }
  if (!control_.facts.unprivileged) {
    unprivileged_ = false;
    update_privilege();
  }
}

Core::Bank Core::current_bank() const {
  return ipsr_ == 0 && process_stack_ ? Bank::process : Bank::main;
}

std::uint32_t Core::stack_pointer(Bank bank) const {
  return bank == current_bank() ? engine_.reg(13) : other_stack_;
}

void Core::set_stack_pointer(Bank bank, std::uint32_t value) {
  if (bank == current_bank()) {
    engine_.set_reg(13, value & ~3U);
  } else {
    other_stack_ = value & ~3U;
  }
}

void Core::set_mode(unsigned ipsr, bool process_stack) {
  const Bank before = current_bank();
  ipsr_ = ipsr;
  process_stack_ = process_stack;
  control_.current_exception = ipsr;
  if (current_bank() != before) {
    const std::uint32_t sp = engine_.reg(13);
    engine_.set_reg(13, other_stack_);
    other_stack_ = sp;
  }
  update_privilege();
}

void Core::update_privilege() {
  board_.privileged = ipsr_ != 0 || !unprivileged_;
}

}  // namespace flashhost::machine
