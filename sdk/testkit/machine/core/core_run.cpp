// How the core proceeds from instruction to instruction, and what stops it.
#include "core/core.hpp"

#include <bit>
#include <cstring>

namespace flashhost::machine {
namespace {

constexpr std::uint64_t no_limit = ~std::uint64_t{0};

bool execute_never(std::uint32_t address) {
  return address - 0x40000000 < 0x20000000 || address >= 0xA0000000;
}

}  // namespace

bool Core::can_run() const {
  if (in_reset_ || halted_ || parked_ || locked_up_) return false;
  if (stalled_on_ && flash_.busy_until(*stalled_on_) > board_.timeline.now) return false;
  if (!sleeping_) return true;
  if (board_.standby) return false;
  const unsigned number = control_.nvic.best_pending(control_.debug.interrupts_masked());
  Masks masks = masks_;
  masks.primask = false;  // PRIMASK does not prevent waking from sleep
  return event_ ||
         (number != 0 && control_.nvic.priority(number) < control_.nvic.execution_priority(masks));
}

void Core::run() {
  while (board_.timeline.now < board_.timeline.limit && can_run()) {
    stalled_on_.reset();
    if (halt_wanted_) return enter_debug(dfsr::halted);
    if (sleeping_) {
      event_ = false;
      wake();
    }
    if (take_pending() && !stepping_) continue;
    if (stalled_on_) return;
    instructions_left_ = stepping_ ? (board_.rules.on(Rule::cm_step_one) ? 1 : 2) : no_limit;
    const std::uint64_t before = board_.statistics.instructions;
    if (!thumb_ && board_.rules.on(Rule::cm_thumb_bit)) {
      fault(exception::usage_fault, cfsr::invstate);
    } else if (it_ != 0) {
      run_one_of_it_block();
    } else {
      slice();
    }
    if (board_.statistics.instructions != before) control_.debug.retired();
    if (stepping_ && !stalled_on_ && !sleeping_ && !halted_) enter_debug(dfsr::halted);
  }
}

void Core::slice() {
  why_ = Why::none;
  stopping_ = false;
  it_left_ = 0;
  current_ = expected_ = pc_;
  charged_ = 0;
  skipper_.restart();
  handle(engine_.run(pc_));
}

void Core::halt_here(Why why) {
  why_ = why;
  stopping_ = true;
  engine_.stop();
}

std::uint16_t Core::halfword(std::uint32_t address) {
  for (std::size_t tries = 0; tries <= code_.size(); ++tries) {
    const CodeRange &range = code_[code_now_];
    const std::size_t offset = address - range.base;
    if (offset + 2 <= range.bytes.size()) {
      std::uint16_t value = 0;
      std::memcpy(&value, &range.bytes[offset], 2);
      return value;
    }
    code_now_ = (code_now_ + 1) % code_.size();
  }
  return 0;
}

InstructionKind Core::kind_at(std::uint32_t address, unsigned &length) {
  const std::uint16_t first = halfword(address);
  const InstructionKind kind = kinds_[first];
  length = 2;
  if ((kind.flags & instruction::wide) == 0) return kind;
  length = 4;
  return wide_kind(control_.facts.architecture, first, halfword(address + 2));
}

bool Core::block_has_special(std::uint32_t address, unsigned count) {
  for (; count > 0; --count) {
    unsigned length = 0;
    if ((kind_at(address, length).flags & instruction::special) != 0) return true;
    address += length;
  }
  return false;
}

// An IT counts as special if an instruction in its block is special.
Core::Decoded Core::decode(std::uint32_t address) {
  Decoded result;
  unsigned length = 0;
  result.kind = kind_at(address, length);
  result.length = static_cast<std::uint8_t>(length);
  if ((result.kind.flags & instruction::if_then) != 0) {
    const unsigned block = 4U - static_cast<unsigned>(std::countr_zero(halfword(address) & 0xFU));
    result.block = static_cast<std::uint8_t>(block);
    if (block_has_special(address + 2, block)) result.kind.flags |= instruction::special;
  }
  return result;
}

Core::Decoded Core::decoded(std::uint32_t address) {
  const std::uint32_t offset = address - bus_.sram_address;
  if (offset >= sram_size()) return decode(address);
  Decoded &known = decoded_sram_[offset / 2];
  if (known.length == 0) known = decode(address);
  return known;
}

bool Core::guarded(std::uint32_t address) {
  if (address < bus_.sram_address) {
    const std::uint32_t place = bus_.resolve(address);
    const Outcome outcome = flash_.check_read(place, Master::core);
    if (outcome != Outcome::ok) {
      access_address_ = place;
      halt_here(outcome == Outcome::wait ? Why::stall : Why::bad_fetch);
      return true;
    }
    flash_.fetch(place);
  }
  if (control_.debug.breakpoint_at(address)) {
    halt_here(Why::breakpoint);
    return true;
  }
  if (control_.mpu.on() &&
      !control_.mpu.allows(Use::execute, address, board_.privileged, execution_priority())) {
    halt_here(Why::mpu_fetch);
    return true;
  }
  return false;
}

void Core::end_shown_load() {
  flash_.loaded();
  load_shown_ = false;
}

// Most events change nothing for which the core has to leave the engine.
bool Core::go_on() {
  if (bus_.stuck_sram != 0 || !board_.timeline.go_on()) return false;
  skipper_.restart();
  return true;
}

void Core::before_instruction(std::uint32_t address) {
  if (load_shown_) end_shown_load();
  if ((address + 2) >> 10 != executed_page_) mark_executed(address);
  if (stopping_) return;  // the rest of an IT block after an access failed in it
  Ticks &now = board_.timeline.now;
  if (address != expected_) {
    now +=
        (control_.facts.branch_cycles + (address < bus_.sram_address ? flash_.wait_states() : 0)) *
        board_.clocks.cycle;
    if (address <= current_) {
      skipper_.at_loop_head(engine_, address, board_.timeline.limit, now,
                            board_.statistics.instructions);
    }
  }
  const bool in_it_block = it_left_ > 0;
  if (!in_it_block) {
    if (instructions_left_ == 0 || (now >= board_.timeline.limit && !go_on())) {
      current_ = address;
      return halt_here(Why::none);
    }
    if (address < sram_region || control_.mpu.on()) {
      current_ = address;
      if (guarded(address)) return;
    }
  } else {
    --it_left_;
  }
  current_ = address;
  const Decoded op = decoded(address);
  const unsigned flags = op.kind.flags;
  if (flags != 0) {
    if ((flags & instruction::missing) != 0 && board_.rules.on(Rule::cm_v6m_instructions)) {
      return halt_here(Why::missing);
    }
    if ((flags & instruction::special) != 0) return halt_here(Why::special);
    if ((flags & instruction::if_then) != 0) {
      if (stepping_) return halt_here(Why::special);
      it_left_ = op.block;
    }
    if ((flags & instruction::store) != 0) skipper_.dirty();
  }
  expected_ = address + op.length;
  charged_ = op.kind.cycles * board_.clocks.cycle;
  now += charged_;
  ++board_.statistics.instructions;
  --instructions_left_;
}

void Core::handle(Stop stop) {
  if (load_shown_) end_shown_load();
  bus_.apply_stuck_sram();
  pc_ = engine_.program_counter();
  if (why_ != Why::none) pc_ = current_;
  switch (why_) {
    case Why::special:
      return execute_special();
    case Why::breakpoint:
      return execute_breakpoint();
    case Why::stall:
      board_.timeline.now -= charged_;
      if (charged_ != 0) --board_.statistics.instructions;
      stalled_on_ = bus_.resolve(access_address_);
      return;
    case Why::bad_access:
      return fault(exception::bus_fault, cfsr::preciserr | cfsr::bfarvalid, access_address_);
    case Why::bad_fetch:
      return fault(exception::bus_fault, cfsr::ibuserr);
    case Why::mpu_fetch:
      return fault(exception::mem_manage, cfsr::iaccviol);
    case Why::mpu_access:
      return fault(exception::mem_manage, cfsr::daccviol | cfsr::mmarvalid, access_address_);
    case Why::missing:
      return fault(exception::usage_fault, cfsr::undefinstr);
    case Why::none:
      break;
  }
  switch (stop) {
    case Stop::asked:
      return;
    case Stop::bad_access:
      return fault(exception::bus_fault, cfsr::preciserr | cfsr::bfarvalid, access_address_);
    case Stop::bad_fetch:
      spend(control_.facts.branch_cycles);
      if (ipsr_ != 0 && pc_ >= 0xFFFFFFF0) return leave(pc_ | 1U);
      if (execute_never(pc_)) return fault(exception::mem_manage, cfsr::iaccviol);
      return fault(exception::bus_fault, cfsr::ibuserr);
    case Stop::undefined:
      return fault(exception::usage_fault, cfsr::undefinstr);
    case Stop::unaligned:
      return fault(exception::usage_fault, cfsr::unaligned);
    case Stop::no_coprocessor:
      return fault(exception::usage_fault, cfsr::nocp);
    case Stop::no_thumb:
      if (ipsr_ != 0 && pc_ >= 0xFFFFFFF0) return leave(pc_);
      thumb_ = false;
      return;
  }
}

// Single steps an IT block, giving the engine the IT state for one instruction at a time.
void Core::run_one_of_it_block() {
  const std::uint32_t it = it_;
  unsigned length = 0;
  const InstructionKind kind = kind_at(pc_, length);
  if (board_.rules.off(Rule::cm_it_state)) {
    it_ = 0;
    return;
  }
  if ((it & 0xF) ==
      0) {  // ICI: a load or store multiple to be continued; anything else must not stand here
    it_ = 0;
    if ((kind.flags & instruction::multiple) == 0) fault(exception::usage_fault, cfsr::invstate);
    return;
  }
  it_ = (it & 7) == 0 ? 0 : (it & 0xE0) | (it << 1 & 0x1F);
  if (!condition_holds(it >> 4, engine_.flags())) {
    pc_ += length;
    spend(1);
    ++board_.statistics.instructions;
    return;
  }
  const std::uint32_t rest = it_;
  if ((kind.flags & instruction::special) == 0) {
    engine_.set_it_state((it & 0xF0) | 8);
    instructions_left_ = 1;
  }
  const std::uint32_t at = pc_;
  it_ = 0;
  slice();
  if (stalled_on_) {
    it_ = it;
  } else if (pc_ == at + length) {
    it_ = rest;
  }
}

}  // namespace flashhost::machine
