#include <flashhost/machine/countdown.hpp>

#include <utility>

namespace flashhost::machine {

Countdown::Countdown(Timeline &timeline, Timeline::Handler at_zero)
    : timeline_(timeline), event_(timeline.add([this, at_zero = std::move(at_zero)](Ticks due) {
        loaded_ = false;
        at_zero(due);
      })) {}

void Countdown::load(std::int64_t counts, Ticks period, Ticks from) {
  period_ = period;
  loaded_ = true;
  if (paused_) {
    paused_left_ = counts * period;
  } else {
    timeline_.at(event_, from + counts * period);
  }
}

void Countdown::stop() {
  loaded_ = false;
  paused_left_ = 0;
  timeline_.cancel(event_);
}

void Countdown::pause() {
  if (paused_) return;
  paused_ = true;
  if (loaded_) paused_left_ = timeline_.time_of(event_) - timeline_.now;
  timeline_.cancel(event_);
}

void Countdown::resume(Ticks period) {
  if (!paused_) return;
  paused_ = false;
  if (loaded_) {
    const Ticks left = paused_left_ / period_ * period + paused_left_ % period_ * period / period_;
    timeline_.at(event_, timeline_.now + left);
  }
  period_ = period;
}

std::int64_t Countdown::left() const {
  if (!loaded_) return 0;
  const Ticks left = paused_ ? paused_left_ : timeline_.time_of(event_) - timeline_.now;
  return (left + period_ - 1) / period_;
}

}  // namespace flashhost::machine
