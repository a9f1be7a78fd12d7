// Exceptions: entry, return, faults and where they escalate to.
#include "core/core.hpp"

namespace flashhost::machine {
namespace {

constexpr Ticks return_cycles = 10;
constexpr std::uint32_t frame_size = 32;
constexpr std::uint32_t aligned_frame = 1U << 9;  // in the stacked xPSR

}  // namespace

int Core::execution_priority() const {
  return control_.nvic.execution_priority(masks_);
}

void Core::interrupt(unsigned irq) {
  control_.nvic.pend(exception::irq0 + irq);
  board_.timeline.attention();
}

void Core::hold_nmi() {
  control_.nvic.hold_line(exception::nmi);
  board_.timeline.attention();
}

bool Core::take_pending() {
  const bool masked = control_.debug.enabled() && control_.debug.interrupts_masked();
  const unsigned number = control_.nvic.best_pending(masked);
  if (number == 0 || control_.nvic.priority(number) >= execution_priority()) return false;
  const std::uint32_t vector = bus_.resolve(control_.vector_table + 4 * number);
  if (flash_.owns(vector) && flash_.busy_until(vector) > board_.timeline.now) {
    stalled_on_ = vector;  // the vector cannot be fetched yet
    return false;
  }
  enter(number, pc_);
  return true;
}

bool Core::push_frame(std::uint32_t return_address) {
  const std::uint32_t top = engine_.reg(13);
  const bool align = (control_.configuration & ccr::stkalign) != 0;
  std::uint32_t frame = top - frame_size;
  std::uint32_t status = program_status();
  if (align && (frame & 4U) != 0) {
    frame &= ~4U;
    status |= aligned_frame;
  }
  const std::uint32_t words[] = {engine_.reg(0),  engine_.reg(1),  engine_.reg(2), engine_.reg(3),
                                 engine_.reg(12), engine_.reg(14), return_address, status};
  engine_.set_reg(13, frame);
  bool good = true;
  for (std::uint32_t i = 0; i < 8; ++i) {
    good = bus_.write(frame + 4 * i, 4, Master::core, words[i]) == Outcome::ok && good;
  }
  return good;
}

void Core::enter(unsigned number, std::uint32_t return_address) {
  spend(control_.facts.entry_cycles);
  const bool stacked = push_frame(return_address);
  const std::uint32_t exc_return = ipsr_ != 0       ? 0xFFFFFFF1
                                   : process_stack_ ? 0xFFFFFFFD
                                                    : 0xFFFFFFF9;
  set_mode(number, false);
  it_ = 0;
  control_.nvic.activate(number);
  engine_.set_reg(14, exc_return);

  const std::uint32_t place = control_.vector_table + 4 * number;
  const std::uint32_t busy_place = bus_.resolve(place);
  if (flash_.owns(busy_place) && flash_.busy_until(busy_place) > board_.timeline.now) {
    const Ticks until = flash_.busy_until(busy_place);
    if (until == never) return lock_up();
    board_.timeline.now = until;
    board_.timeline.run_due();
  }
  std::uint32_t vector = 0;
  const bool fetched = bus_.read(place, 4, Master::core, vector) == Outcome::ok;
  pc_ = vector & ~1U;
  thumb_ = (vector & 1U) != 0;
  if (!stacked) {
    control_.fault_status |= cfsr::stkerr;
    if (number == exception::hard_fault || number == exception::nmi) return lock_up();
    return hard_fault(hfsr::forced);
  }
  if (!fetched) {
    if (number == exception::hard_fault) return lock_up();
    return hard_fault(hfsr::vecttbl);
  }
  if (catch_vector(number, control_.fault_status)) enter_debug(dfsr::vcatch);
}

bool Core::catch_vector(unsigned number, std::uint32_t status) {
  switch (number) {
    case exception::hard_fault:
      return control_.debug.catches(demcr::vc_harderr);
    case exception::mem_manage:
      return control_.debug.catches(demcr::vc_mmerr);
    case exception::bus_fault:
      return control_.debug.catches(demcr::vc_buserr);
    case exception::usage_fault: {
      const bool state = (status & (cfsr::undefinstr | cfsr::invstate | cfsr::invpc)) != 0;
      constexpr std::uint32_t vc_nocperr = 1U << 5;
      return control_.debug.catches(state ? demcr::vc_staterr : vc_nocperr);
    }
    default:
      return false;
  }
}

void Core::fault(unsigned number, std::uint32_t status, std::optional<std::uint32_t> address) {
  if (control_.facts.v6m()) return hard_fault(hfsr::forced);  // the only fault that there is
  control_.fault_status |= status;
  if (address && number == exception::mem_manage) control_.mm_address = *address;
  if (address && number == exception::bus_fault) control_.bus_address = *address;
  const bool enabled = (control_.fault_enables >> (12 + number) & 1U) != 0;
  const bool prior = control_.nvic.priority(number) < execution_priority();
  if ((enabled && prior) || board_.rules.off(Rule::cm_escalation)) return enter(number, pc_);
  hard_fault(hfsr::forced);
}

void Core::hard_fault(std::uint32_t status) {
  control_.hard_fault_status |= status;
  if (execution_priority() <= -1) return lock_up();
  enter(exception::hard_fault, pc_);
}

void Core::lock_up() {
  const bool visible = board_.rules.on(Rule::cm_lockup);
  locked_up_ = visible;
  parked_ = !visible;
  pc_ = 0xFFFFFFFE;
  board_.timeline.attention();
}

void Core::fail() {
  control_.fault_status |= cfsr::undefinstr;
  control_.hard_fault_status |= hfsr::forced;
  control_.nvic.activate(exception::hard_fault);
  set_mode(exception::hard_fault, process_stack_);
  lock_up();
}

bool Core::pop_frame(std::uint32_t exc_return) {
  const Bank bank = (exc_return & 4U) != 0 ? Bank::process : Bank::main;
  const std::uint32_t frame = stack_pointer(bank);
  std::uint32_t words[8] = {};
  for (std::uint32_t i = 0; i < 8; ++i) {
    if (bus_.read(frame + 4 * i, 4, Master::core, words[i]) != Outcome::ok) return false;
  }
  const std::uint32_t status = words[7];
  const bool aligned =
      (control_.configuration & ccr::stkalign) != 0 && (status & aligned_frame) != 0;
  set_stack_pointer(bank, (frame + frame_size) | (aligned ? 4U : 0U));
  for (unsigned i = 0; i < 4; ++i) engine_.set_reg(i, words[i]);
  engine_.set_reg(12, words[4]);
  engine_.set_reg(14, words[5]);
  pc_ = words[6] & ~1U;
  set_mode(ipsr_, (exc_return & 4U) != 0);
  set_program_status(status);
  return true;
}

void Core::leave(std::uint32_t exc_return) {
  spend(return_cycles);
  const unsigned number = ipsr_;
  const bool to_thread = exc_return == 0xFFFFFFF9 || exc_return == 0xFFFFFFFD;
  const bool known = to_thread || exc_return == 0xFFFFFFF1;
  if (!known || !control_.nvic.active(number)) {
    pc_ = exc_return & ~1U;
    return fault(exception::usage_fault, cfsr::invpc);
  }
  control_.nvic.deactivate(number);
  if (number != exception::nmi) masks_.faultmask = false;
  if (to_thread == control_.nvic.any_active()) {
    return fault(exception::usage_fault, cfsr::invpc);
  }
  if (!pop_frame(exc_return)) {
    return fault(exception::bus_fault, cfsr::unstkerr);
  }
  if (to_thread && (control_.sleep_control & 2U) != 0) sleep(3);  // SLEEPONEXIT
}

}  // namespace flashhost::machine
