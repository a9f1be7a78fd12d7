// A counter that goes down by one each period and reports zero. Needs no work while it runs.
#pragma once

#include <flashhost/machine/timeline.hpp>

namespace flashhost::machine {

class Countdown {
 public:
  Countdown(Timeline &timeline, Timeline::Handler at_zero);

  void load(std::int64_t counts, Ticks period,
            Ticks from);  // runs; reaches zero `counts` periods after `from`
  void load(std::int64_t counts, Ticks period) { load(counts, period, timeline_.now); }
  void stop();
  void pause();                             // keeps the count and the fraction of a period
  void resume(Ticks period);                // goes on, perhaps at another speed
  [[nodiscard]] std::int64_t left() const;  // counts until zero, rounded up
  [[nodiscard]] bool loaded() const { return loaded_; }

 private:
  Timeline &timeline_;
  Timeline::Event event_;
  Ticks period_ = 1;
  Ticks paused_left_ = 0;
  bool loaded_ = false;
  bool paused_ = false;
};

}  // namespace flashhost::machine
