// Waiting for a probe that was lost, after a bad USB contact or its own restart.
#pragma once

#include "clock.hpp"

#include <functional>
#include <string>

namespace flashhost::usb {

inline constexpr Nanoseconds return_limit = std::chrono::seconds(4);
inline constexpr Nanoseconds return_interval = std::chrono::milliseconds(100);

// name: of the probe. Calls attempt until it returns true: the probe was found and opened. Returns
// how long that took. attempt may throw Error: a moment after it is back, a probe may still not
// answer. Throws the last of these after return_limit, or Errc::probe when the probe was not found.
Nanoseconds reopen(Clock &clock, const std::string &name, const std::function<bool()> &attempt);

}  // namespace flashhost::usb
