// The state in which firmware or an earlier debugger has left the chip, set by the accesses with
// which they would do it.
#include "chip/chip.hpp"

#include <algorithm>

namespace flashhost::machine {
namespace {

constexpr std::uint32_t scs = 0xE000E000;

}  // namespace

void Chip::set(std::uint32_t address, std::uint32_t value) {
  (void)bus_.write(address, 4, Master::debugger, value);
}

void Chip::set_bits(std::uint32_t address, std::uint32_t clear, std::uint32_t bits) {
  std::uint32_t value = 0;
  (void)bus_.read(address, 4, Master::debugger, value);
  set(address, (value & ~clear) | bits);
}

void Chip::leave_behind() {
  die_->leave_behind();
  if (faults.systick) run_systick(*faults.systick);
  if (faults.interrupt) {
    const unsigned irq = *faults.interrupt;
    set(scs + 0x100 + irq / 32 * 4, 1U << irq % 32);
    control_.nvic.hold_line(exception::irq0 + irq);
    board.timeline.attention();
  }
  if (faults.mpu) protect_sram();
  leave_in_core();
}

void Chip::leave_in_core() {
  if (faults.lockup) core_.fail();
  if (faults.asleep) {
    if (*faults.asleep == Sleep::standby) scramble_memories();
    core_.fall_asleep(*faults.asleep);
  }
  if (faults.left_halted) leave_halted(*faults.left_halted);
}

void Chip::run_systick(Ticks wanted) {
  constexpr Ticks most = 0x1000000;
  const Ticks cycle = board.clocks.cycle;
  const bool by_eight = wanted / cycle > most;
  const Ticks counts = std::clamp<Ticks>(wanted / (by_eight ? 8 * cycle : cycle), 2, most);
  set(scs + 0x14, static_cast<std::uint32_t>(counts - 1));
  set(scs + 0x18, 0);
  set(scs + 0x10, by_eight ? 3 : 7);
}

// Makes the SRAM non-executable, and its first 4 KiB read-only.
void Chip::protect_sram() {
  constexpr std::uint32_t never_execute = 1U << 28;
  constexpr std::uint32_t full_access = 3U << 24;
  constexpr std::uint32_t read_only = 6U << 24;
  constexpr std::uint32_t size_512k = 18U << 1;
  constexpr std::uint32_t size_4k = 11U << 1;
  constexpr std::uint32_t region = 1U << 4;  // RBAR.VALID: with its number
  set(scs + 0xD9C, part.sram_address | region | 0);
  set(scs + 0xDA0, never_execute | full_access | size_512k | 1);
  set(scs + 0xD9C, part.sram_address | region | 1);
  set(scs + 0xDA0, never_execute | read_only | size_4k | 1);
  set(scs + 0xD94, 7);
}

void Chip::leave_halted(LeftHalted state) {
  constexpr std::uint32_t thumb = 1U << 24;
  constexpr unsigned psp = 18;
  constexpr unsigned xpsr = 16;
  constexpr unsigned masks = 20;  // CONTROL, FAULTMASK, BASEPRI, PRIMASK
  const auto set_register = [this](unsigned selector, std::uint32_t value) {
    set(scs + 0xDF8, value);
    set(scs + 0xDF4, 1U << 16 | selector);
  };
  set(scs + 0xDF0, 0xA05F0003);
  switch (state) {
    case LeftHalted::handler:
      set_bits(scs + 0xD24, 0, 1U << 11);
      return set_register(xpsr, thumb | exception::systick);
    case LeftHalted::it_block:
      return set_register(xpsr, thumb | 1U << 25);
    case LeftHalted::multi_load:
      return set_register(xpsr, thumb | 5U << 12);  // to go on with r5
    case LeftHalted::thumb_clear:
      return set_register(xpsr, 0);
    case LeftHalted::unprivileged:
      set_register(psp, part.sram_address + part.sram_size / 2);
      return set_register(masks, 3U << 24);
    case LeftHalted::primask:
      return set_register(masks, 1);
    case LeftHalted::faultmask:
      return set_register(masks, 1U << 16);
    case LeftHalted::basepri:
      return set_register(masks, 0x10U << 8);
    case LeftHalted::vectclr:
      set_bits(scs + 0xD24, 0, 1U << 11);
      return set_register(xpsr, thumb);
  }
}

}  // namespace flashhost::machine
