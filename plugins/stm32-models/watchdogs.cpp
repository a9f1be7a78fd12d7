#include "watchdogs.hpp"

#include <algorithm>

namespace flashhost::machine::stm32 {

bool DebugMcu::hidden(Master master) const {
  if (master != Master::core) return false;
  // An erratum of the F1: DBGMCU reads 0 unless a debugger is attached.
  return !common_.clocks.debug || (layout_.hidden_from_firmware && !board_.debugger_attached);
}

std::uint32_t DebugMcu::read(std::uint32_t offset, Master master) {
  if (hidden(master)) return 0;
  if (offset == 0) return idcode_;
  return offset >= 4 && offset / 4 - 1 < registers_.size() ? registers_[offset / 4 - 1] : 0;
}

Outcome DebugMcu::write(std::uint32_t offset, std::uint32_t value, Master master) {
  if (hidden(master)) return Outcome::ok;
  const bool is_control = offset == 4;
  const bool freezes = layout_.freeze_register != 4 &&
                       (offset == layout_.freeze_register || offset == layout_.freeze_register + 4);
  if (is_control || freezes) {
    board_.repace([&] { registers_[offset / 4 - 1] = value; });
  }
  return Outcome::ok;
}

void DebugMcu::system_reset() {
  if (common_.rules.off(CommonRule::dbgmcu_survives_reset)) registers_.fill(0);
}

bool DebugMcu::frozen(Watchdog which) const {
  const unsigned bit = which == Watchdog::independent ? layout_.iwdg_bit : layout_.wwdg_bit;
  const bool set = (registers_[layout_.freeze_register / 4 - 1] >> bit & 1U) != 0;
  const bool halted = board_.core_halted || common_.rules.off(CommonRule::freeze_only_halted);
  const bool wanted = set || common_.rules.off(CommonRule::freeze_needs_bit);
  return halted && wanted;
}

IndependentWatchdog::IndependentWatchdog(Board &board, const DebugMcu &debug,
                                         std::int64_t lsi_hertz)
    : board_(board),
      debug_(debug),
      lsi_period_(period_of(lsi_hertz)),
      counter_(board.timeline,
               [&board](Ticks) { board.request_reset(ResetCause::independent_watchdog); }) {
  board.counters.push_back(this);
}

Ticks IndependentWatchdog::period() const {
  return lsi_period_ * (4 << std::min(prescaler_, 6U));
}

void IndependentWatchdog::reload() {
  counter_.load(reload_ + 1, period());
}

void IndependentWatchdog::resume() {
  if (!debug_.frozen(Watchdog::independent)) counter_.resume(period());
}

std::uint32_t IndependentWatchdog::read(std::uint32_t offset, Master) {
  switch (offset) {
    case 0x04:
      return prescaler_;
    case 0x08:
      return reload_;
    case 0x0C: {
      const Ticks now = board_.timeline.now;
      const std::uint32_t status =
          (now < prescaler_busy_ ? 1U : 0U) | (now < reload_busy_ ? 2U : 0U);
      if (status != 0) board_.impure_read = true;
      return status;
    }
    default:
      return 0;
  }
}

Outcome IndependentWatchdog::write(std::uint32_t offset, std::uint32_t value, Master) {
  const Ticks now = board_.timeline.now;
  const Ticks update_time = 5 * lsi_period_;
  if (offset == 0x00) {
    const std::uint32_t key = value & 0xFFFF;
    unlocked_ = key == 0x5555;
    if (key == 0xCCCC) start();
    if (key == 0xAAAA && running_) reload();
  } else if (offset == 0x04 && unlocked_ && now >= prescaler_busy_) {
    board_.repace([&] { prescaler_ = value & 7; });
    prescaler_busy_ = now + update_time;
  } else if (offset == 0x08 && unlocked_ && now >= reload_busy_) {
    reload_ = value & 0xFFF;
    reload_busy_ = now + update_time;
  }
  return Outcome::ok;
}

void IndependentWatchdog::start() {
  if (running_) return;
  running_ = true;
  reload();
}

void IndependentWatchdog::start_with(Ticks timeout) {
  prescaler_ = 0;
  while (prescaler_ < 6 && timeout > period() * 0x1000) ++prescaler_;
  const Ticks counts = std::clamp<Ticks>((timeout + period() - 1) / period(), 1, 0x1000);
  reload_ = static_cast<std::uint32_t>(counts - 1);
  counter_.stop();
  running_ = false;
  start();
}

void IndependentWatchdog::system_reset() {
  counter_.stop();
  running_ = unlocked_ = false;
  prescaler_ = 0;
  reload_ = 0xFFF;
  prescaler_busy_ = reload_busy_ = 0;
}

WindowWatchdog::WindowWatchdog(const Common &common, const DebugMcu &debug)
    : common_(common),
      board_(common.board),
      debug_(debug),
      counter_(board_.timeline, [this](Ticks) {
        if (common_.rules.on(CommonRule::window_watchdog))
          board_.request_reset(ResetCause::window_watchdog);
      }) {
  board_.counters.push_back(this);
}

Ticks WindowWatchdog::period() const {
  return ticks_per_second / common_.clocks.pclk1 * 4096 * (1 << (config_ >> 7 & 3));
}

void WindowWatchdog::resume() {
  if (!debug_.frozen(Watchdog::window) && common_.clocks.wwdg) counter_.resume(period());
}

std::uint32_t WindowWatchdog::count() const {
  return running_ ? 0x3F + static_cast<std::uint32_t>(counter_.left()) : 0x7F;
}

std::uint32_t WindowWatchdog::read(std::uint32_t offset, Master) {
  if (!common_.clocks.wwdg) return 0;
  switch (offset) {
    case 0x00:
      board_.impure_read = running_;
      return count() | (running_ ? 0x80U : 0U);
    case 0x04:
      return config_;
    default:
      return offset == 0x08 ? status_ : 0;
  }
}

Outcome WindowWatchdog::write(std::uint32_t offset, std::uint32_t value, Master) {
  if (!common_.clocks.wwdg) return Outcome::ok;
  if (offset == 0x00) {
    const std::uint32_t wanted = value & 0x7F;
    const bool too_early = running_ && count() > (config_ & 0x7F);
    if (!running_ && (value & 0x80) == 0) return Outcome::ok;
    running_ = true;
    if (too_early || wanted < 0x40) {
      if (common_.rules.on(CommonRule::window_watchdog))
        board_.request_reset(ResetCause::window_watchdog);
      return Outcome::ok;
    }
    counter_.load(wanted - 0x3F, period());
  } else if (offset == 0x04) {
    board_.repace([&] { config_ = value & 0x3FF; });
  } else if (offset == 0x08) {
    status_ &= value;
  }
  return Outcome::ok;
}

void WindowWatchdog::system_reset() {
  counter_.stop();
  running_ = false;
  config_ = 0x7F;
  status_ = 0;
}

}  // namespace flashhost::machine::stm32
