#include "system/systick.hpp"

#include <utility>

namespace flashhost::machine {
namespace {

constexpr std::uint32_t enable = 1;
constexpr std::uint32_t tickint = 2;
constexpr std::uint32_t clksource = 4;
constexpr std::uint32_t countflag = 1U << 16;

}  // namespace

SysTick::SysTick(Board &board, std::function<void()> pend)
    : board_(board),
      pend_(std::move(pend)),
      counter_(board.timeline, [this](Ticks due) { zero(due); }) {
  board.counters.push_back(this);
}

Ticks SysTick::period() const {
  return board_.clocks.cycle * ((control_ & clksource) != 0 ? 1 : 8);
}

void SysTick::zero(Ticks due) {
  wrapped_ = true;
  stopped_at_ = 0;
  if (reload_ != 0) counter_.load(std::int64_t{reload_} + 1, period(), due);
  if ((control_ & tickint) != 0) pend_();
}

void SysTick::resume() {
  if (!board_.core_halted && !board_.deep_sleep) counter_.resume(period());
}

std::uint32_t SysTick::current() const {
  if (!counter_.loaded()) return stopped_at_;
  const auto left = static_cast<std::uint32_t>(counter_.left());
  return left > reload_ ? 0 : left;
}

std::uint32_t SysTick::read(std::uint32_t offset) {
  switch (offset) {
    case 0x10:
      if (!wrapped_) return control_;
      wrapped_ = false;
      board_.impure_read = true;
      return control_ | countflag;
    case 0x14:
      return reload_;
    case 0x18:
      board_.impure_read = counter_.loaded();
      return current();
    default:
      return offset == 0x1C ? 9000 - 1 : 0;  // CALIB: 1 ms at 72 MHz / 8
  }
}

void SysTick::write(std::uint32_t offset, std::uint32_t value) {
  if (offset == 0x10) {
    const bool was = (control_ & enable) != 0;
    const bool on = (value & enable) != 0;
    if (was && !on) {
      stopped_at_ = current();
      counter_.stop();
    }
    board_.repace([&] { control_ = value & (enable | tickint | clksource); });
    if (!was && on) {
      if (stopped_at_ != 0) {
        counter_.load(stopped_at_, period());
      } else if (reload_ != 0) {
        counter_.load(std::int64_t{reload_} + 1, period());
      }
    }
  } else if (offset == 0x14) {
    const bool starts = (control_ & enable) != 0 && !counter_.loaded() && (value & 0xFFFFFF) != 0;
    reload_ = value & 0xFFFFFF;
    if (starts) counter_.load(std::int64_t{reload_} + 1, period());
  } else if (offset == 0x18) {
    wrapped_ = false;
    stopped_at_ = 0;
    counter_.stop();
    if ((control_ & enable) != 0 && reload_ != 0)
      counter_.load(std::int64_t{reload_} + 1, period());
  }
}

void SysTick::system_reset() {
  counter_.stop();
  control_ = reload_ = stopped_at_ = 0;
  wrapped_ = false;
}

}  // namespace flashhost::machine
