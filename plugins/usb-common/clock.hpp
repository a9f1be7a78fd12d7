// The time that a transport waits in. The real clock is one implementation; tests have another.
#pragma once

#include <flashhost/settings.hpp>

#include <memory>

namespace flashhost::usb {

class Clock {
 public:
  Clock() = default;
  Clock(const Clock &) = delete;
  Clock &operator=(const Clock &) = delete;
  virtual ~Clock() = default;

  [[nodiscard]] virtual Nanoseconds now() = 0;
  virtual void sleep(Nanoseconds time) = 0;
};

// scale: how many times faster than real time the clock runs.
[[nodiscard]] std::unique_ptr<Clock> make_wall_clock(double scale);

// The value of the key time_scale, for tests with a virtual probe; 1 without it.
[[nodiscard]] double time_scale(const Settings &settings);

}  // namespace flashhost::usb
