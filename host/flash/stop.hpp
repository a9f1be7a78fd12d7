// Asked to stop by a signal.
#pragma once

#include <flashhost/error.hpp>

#include <stop_token>

namespace flashhost {

[[nodiscard]] inline Error interrupted() {
  return Error(Errc::interrupted, "interrupted").see(Cause::interrupted);
}

// Errc::interrupted when a stop was asked for. Between two steps, never within one.
inline void throw_if_stopped(const std::stop_token &stop) {
  if (stop.stop_requested()) throw interrupted();
}

}  // namespace flashhost
