// For a parser's loops: the user may want to stop.
#pragma once

#include <flashhost/error.hpp>

#include <stop_token>

namespace flashhost {

// Looks once in a thousand steps, so that a step costs next to nothing. [one thread]
class StopWatch {
 public:
  // stop must live as long as this object.
  explicit StopWatch(const std::stop_token &stop) : stop_(stop) {}

  // To be called for each line, block or comparison: a step is to take less than 50 us. Throws
  // Errc::interrupted when a stop was requested.
  void step() {
    constexpr unsigned steps_between_looks = 1024;
    if (++steps_ % steps_between_looks != 0 || !stop_.stop_requested()) return;
    throw Error(Errc::interrupted, "interrupted").see(Cause::interrupted);
  }

 private:
  const std::stop_token &stop_;
  unsigned steps_ = 0;
};

}  // namespace flashhost
