// The one way to wait for something on a target.
#pragma once

#include <flashhost/probe.hpp>

#include <functional>

namespace flashhost {

// Calls done until it returns true, sleeping `interval` of the probe's time between calls. Returns
// false when `limit` has passed (done is called once more after the limit before giving up).
[[nodiscard]] bool wait_until(ProbeReader &probe, Nanoseconds limit, Nanoseconds interval,
                              const std::function<bool()> &done);

}  // namespace flashhost
