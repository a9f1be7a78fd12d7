#include "system/system_control.hpp"

#include "system/component_ids.hpp"

namespace flashhost::machine {
namespace {

constexpr std::uint32_t scs = 0xE000;
constexpr std::uint32_t dwt = 0x1000;
constexpr std::uint32_t fpb = 0x2000;
constexpr std::uint32_t rom_table = 0xFF000;

struct HandlerBit {
  unsigned bit;
  unsigned number;
};
constexpr HandlerBit active_bits[] = {{0, exception::mem_manage},    {1, exception::bus_fault},
                                      {3, exception::usage_fault},   {7, exception::svcall},
                                      {8, exception::debug_monitor}, {10, exception::pendsv},
                                      {11, exception::systick}};
constexpr HandlerBit pending_bits[] = {{12, exception::usage_fault},
                                       {13, exception::mem_manage},
                                       {14, exception::bus_fault},
                                       {15, exception::svcall}};

}  // namespace

SystemControl::SystemControl(Board &board, const CoreFacts &core)
    : facts(core),
      nvic(core.priority_bits()),
      systick(board,
              [this] {
                nvic.pend(exception::systick);
                board_.timeline.attention();
              }),
      mpu(core.mpu),
      debug(board, core.architecture),
      board_(board) {}

bool SystemControl::has(std::uint32_t offset, Master master) const {
  if (!facts.v6m()) return true;
  if (offset >= 0xD90 && offset < 0xDBC) return facts.mpu;
  // Software on an M0 or M0+ cannot access the debug registers.
  if (offset == 0xD30 || (offset >= 0xDF0 && offset < 0xE00)) return master == Master::debugger;
  if (offset >= 0x400 && offset < 0x420) return true;  // 32 interrupts
  switch (offset) {
    case 0x010:  // SysTick
    case 0x014:
    case 0x018:
    case 0x01C:
    case 0x100:  // NVIC
    case 0x180:
    case 0x200:
    case 0x280:
    case 0xD00:  // CPUID, ICSR, AIRCR, SCR, CCR, SHPR2, SHPR3
    case 0xD04:
    case 0xD0C:
    case 0xD10:
    case 0xD14:
    case 0xD1C:
    case 0xD20:
      return true;
    case 0xD08:
      return facts.vector_table_offset;
    default:
      return offset == 0xD24 && master == Master::debugger;  // SHCSR
  }
}

std::uint32_t SystemControl::read(std::uint32_t offset, Master master) {
  if (const auto id = component_id(facts.kind, offset)) return *id;
  if (offset >= scs && offset < scs + 0x1000) {
    return has(offset - scs, master) ? read_block(offset - scs) : 0;
  }
  if (offset >= fpb && offset < fpb + 0x1000) return debug.read_breakpoints(offset - fpb);
  if (offset == dwt) return facts.v6m() ? 0x20000000 : 0x40000000 | dwt_control_;
  if (offset == dwt + 4 && !facts.v6m()) {
    board_.impure_read = true;
    return static_cast<std::uint32_t>(board_.timeline.now / board_.clocks.cycle) - cycle_offset_;
  }
  constexpr std::uint32_t entries[] = {0xFFF0F003, 0xFFF02003, 0xFFF03003,
                                       0xFFF01003, 0xFFF41003, 0};
  const std::size_t count = facts.v6m() ? 3 : std::size(entries);  // SCS, DWT, breakpoints
  if (offset >= rom_table && (offset - rom_table) / 4 < count) {
    return entries[(offset - rom_table) / 4];
  }
  return 0;
}

Outcome SystemControl::write(std::uint32_t offset, std::uint32_t value, Master master) {
  board_.timeline.attention();
  if (offset >= scs && offset < scs + 0x1000) {
    if (has(offset - scs, master)) write_block(offset - scs, value, master);
  } else if (offset >= fpb && offset < fpb + 0x1000) {
    debug.write_breakpoints(offset - fpb, value);
  } else if (offset == dwt) {
    dwt_control_ = value & 1U;
  } else if (offset == dwt + 4) {
    cycle_offset_ = static_cast<std::uint32_t>(board_.timeline.now / board_.clocks.cycle) - value;
  }
  return Outcome::ok;
}

std::uint32_t SystemControl::read_block(std::uint32_t offset) {
  if (offset >= 0x10 && offset < 0x20) return systick.read(offset);
  if (offset >= 0x100 && offset < 0x500) return nvic.read(offset);
  if (offset >= 0xD90 && offset < 0xDBC) return mpu.read(offset);
  if (offset >= 0xDF0 && offset < 0xE00) return debug.read(offset);
  if (offset >= 0xD18 && offset < 0xD24) return nvic.read_priorities(offset - 0xD18 + 4);
  switch (offset) {
    case 0x004:
      return 1;  // ICTR
    case 0xD00:
      return facts.cpuid;
    case 0xD04:
      return interrupt_state();
    case 0xD08:
      return vector_table;
    case 0xD0C:
      return 0xFA050000 | nvic.group << 8;
    case 0xD10:
      return sleep_control;
    case 0xD14:
      return configuration;
    case 0xD24:
      return handler_state();
    case 0xD28:
      return fault_status;
    case 0xD2C:
      return hard_fault_status;
    case 0xD30:
      return debug.fault_status();
    case 0xD34:
      return mm_address;
    case 0xD38:
      return bus_address;
    default:
      return 0;
  }
}

void SystemControl::write_block(std::uint32_t offset, std::uint32_t value, Master master) {
  if (offset >= 0x10 && offset < 0x20) return systick.write(offset, value);
  if (offset >= 0x100 && offset < 0x500) return nvic.write(offset, value);
  if (offset >= 0xD90 && offset < 0xDBC) return mpu.write(offset, value);
  if (offset >= 0xDF0 && offset < 0xE00) return debug.write(offset, value, master);
  if (offset >= 0xD18 && offset < 0xD24) return nvic.write_priorities(offset - 0xD18 + 4, value);
  switch (offset) {
    case 0xD04:
      write_interrupt_control(value, master);
      break;
    case 0xD08:
      vector_table = value & (facts.v6m() ? 0xFFFFFF00 : 0x3FFFFF80);
      break;
    case 0xD0C:
      write_application_reset(value);
      break;
    case 0xD10:
      sleep_control = value & 0x16;
      break;
    case 0xD14:
      if (!facts.v6m()) configuration = value & 0x31B;
      break;
    case 0xD24:
      write_handler_state(value);
      break;
    case 0xD28:
      fault_status &= ~value;
      break;
    case 0xD2C:
      hard_fault_status &= ~value;
      break;
    case 0xD30:
      debug.clear_fault_status(value);
      break;
    case 0xD34:
      mm_address = value;
      break;
    case 0xD38:
      bus_address = value;
      break;
    case 0xF00:  // STIR
      if (exception::irq0 + (value & 0x1FF) < exception::count)
        nvic.pend(exception::irq0 + (value & 0x1FF));
      break;
    default:
      break;
  }
}

std::uint32_t SystemControl::interrupt_state() const {
  std::uint32_t value = current_exception;
  const unsigned pending = nvic.best_pending(false);
  value |= pending << 12;
  if (pending >= exception::irq0) value |= 1U << 22;
  if (nvic.pending(exception::systick)) value |= 1U << 26;
  if (nvic.pending(exception::pendsv)) value |= 1U << 28;
  if (nvic.pending(exception::nmi)) value |= 1U << 31;
  return value;
}

void SystemControl::write_interrupt_control(std::uint32_t value, Master) {
  if ((value & 1U << 25) != 0) nvic.unpend(exception::systick);
  if ((value & 1U << 26) != 0) nvic.pend(exception::systick);
  if ((value & 1U << 27) != 0) nvic.unpend(exception::pendsv);
  if ((value & 1U << 28) != 0) nvic.pend(exception::pendsv);
  if ((value & 1U << 31) != 0) nvic.pend(exception::nmi);
}

std::uint32_t SystemControl::handler_state() const {
  if (facts.v6m()) return nvic.pending(exception::svcall) ? 1U << 15 : 0U;
  std::uint32_t value = fault_enables;
  for (const auto &[bit, number] : active_bits) value |= nvic.active(number) ? 1U << bit : 0U;
  for (const auto &[bit, number] : pending_bits) value |= nvic.pending(number) ? 1U << bit : 0U;
  return value;
}

void SystemControl::write_handler_state(std::uint32_t value) {
  if (facts.v6m()) {
    (value >> 15 & 1U) != 0 ? nvic.pend(exception::svcall) : nvic.unpend(exception::svcall);
    return;
  }
  fault_enables = value & 0x70000;
  for (const auto &[bit, number] : active_bits) {
    const bool set = (value >> bit & 1U) != 0;
    if (set != nvic.active(number)) set ? nvic.activate(number) : nvic.deactivate(number);
  }
  for (const auto &[bit, number] : pending_bits) {
    (value >> bit & 1U) != 0 ? nvic.pend(number) : nvic.unpend(number);
  }
}

void SystemControl::write_application_reset(std::uint32_t value) {
  if (value >> 16 != 0x05FA) return;
  nvic.group = facts.v6m() ? 0 : value >> 8 & 7;
  if ((value & 1U) != 0 && !facts.v6m()) {
    core_reset();
  } else if ((value & 4U) != 0) {
    board_.request_reset(ResetCause::software);
  } else if ((value & 2U) != 0) {
    clear_active();
  }
}

void SystemControl::system_reset() {
  nvic.reset();
  systick.system_reset();
  mpu.system_reset();
  debug.system_reset();
  vector_table = sleep_control = 0;
  configuration = facts.v6m() ? ccr::of_v6m : 0;
  fault_status = hard_fault_status = fault_enables = 0;
  current_exception = 0;
}

}  // namespace flashhost::machine
