// The time that a transport waits in. The real clock is one implementation; tests have another.
#pragma once

#include <flashhost/types.hpp>

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

// scale: how many times faster than real time the clock runs; more than 1 only with a virtual
// probe.
[[nodiscard]] std::unique_ptr<Clock> make_wall_clock(double scale);

}  // namespace flashhost::usb
