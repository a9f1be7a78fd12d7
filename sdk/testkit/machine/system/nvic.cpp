#include "system/nvic.hpp"

#include <algorithm>

namespace flashhost::machine {
void Nvic::reset() {
  pending_.reset();
  active_.reset();
  enabled_.reset();
  lines_.reset();
  enabled_.set(exception::nmi);
  enabled_.set(exception::hard_fault);
  for (unsigned number = exception::mem_manage; number < exception::irq0; ++number)
    enabled_.set(number);
  priorities_.fill(0);
  group = 0;
}

void Nvic::activate(unsigned number) {
  pending_.reset(number);
  active_.set(number);
}

void Nvic::unpend(unsigned number) {
  pending_.set(number, lines_[number] && !active_[number]);
}

void Nvic::hold_line(unsigned number) {
  if (!lines_[number]) pending_.set(number);
  lines_.set(number);
}

void Nvic::deactivate(unsigned number) {
  active_.reset(number);
  if (lines_[number]) pending_.set(number);
}

void Nvic::clear_active() {
  active_.reset();
  pending_ |= lines_;
}

int Nvic::priority(unsigned number) const {
  if (number == exception::nmi) return -2;
  if (number == exception::hard_fault) return -1;
  return priorities_[number] & priority_bits_ & static_cast<int>(0xFFU << (group + 1));
}

int Nvic::execution_priority(const Masks &masks) const {
  int result = idle_priority;
  for (unsigned number = 1; active_.any() && number < exception::count; ++number) {
    if (active_[number]) result = std::min(result, priority(number));
  }
  if (masks.basepri != 0) {
    result =
        std::min(result, masks.basepri & priority_bits_ & static_cast<int>(0xFFU << (group + 1)));
  }
  if (masks.primask) result = std::min(result, 0);
  if (masks.faultmask) result = std::min(result, -1);
  return result;
}

unsigned Nvic::best_pending(bool interrupts_masked) const {
  const auto candidates = pending_ & enabled_;
  if (candidates.none()) return 0;
  unsigned best = 0;
  int best_priority = idle_priority;
  for (unsigned number = 1; number < exception::count; ++number) {
    if (!candidates[number]) continue;
    if (interrupts_masked && number >= exception::pendsv) continue;
    // Pending exceptions are ordered by group priority and subpriority together.
    const int full =
        number <= exception::hard_fault ? priority(number) : priorities_[number] & priority_bits_;
    if (full < best_priority) {
      best = number;
      best_priority = full;
    }
  }
  return best;
}

std::uint32_t Nvic::read_priorities(unsigned first) const {
  std::uint32_t value = 0;
  for (unsigned i = 0; i < 4 && first + i < exception::count; ++i) {
    value |= std::uint32_t{priorities_[first + i]} << (8 * i);
  }
  return value;
}

void Nvic::write_priorities(unsigned first, std::uint32_t value) {
  for (unsigned i = 0; i < 4 && first + i < exception::count; ++i) {
    priorities_[first + i] = static_cast<std::uint8_t>(value >> (8 * i) & priority_bits_);
  }
}

std::uint32_t Nvic::read(std::uint32_t offset) const {
  if (offset >= 0x400) return read_priorities(exception::irq0 + (offset - 0x400));
  std::uint32_t value = 0;
  for (unsigned bit = 0; bit < 32; ++bit) {
    const unsigned number = exception::irq0 + (offset & 0x7F) / 4 * 32 + bit;
    if (number >= exception::count) break;
    const bool set = offset < 0x200   ? enabled_[number]
                     : offset < 0x300 ? pending_[number]
                                      : active_[number];
    if (set) value |= 1U << bit;
  }
  return value;
}

void Nvic::write(std::uint32_t offset, std::uint32_t value) {
  if (offset >= 0x400) return write_priorities(exception::irq0 + (offset - 0x400), value);
  for (unsigned bit = 0; bit < 32; ++bit) {
    const unsigned number = exception::irq0 + (offset & 0x7F) / 4 * 32 + bit;
    if (number >= exception::count || (value >> bit & 1U) == 0) continue;
    switch (offset & 0xF80) {
      case 0x100:
        enabled_.set(number);
        break;
      case 0x180:
        enabled_.reset(number);
        break;
      case 0x200:
        pending_.set(number);
        break;
      case 0x280:
        unpend(number);
        break;
      default:
        break;
    }
  }
}

}  // namespace flashhost::machine
