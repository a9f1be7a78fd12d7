// Asked to stop by a signal.
#pragma once

#include <flashhost/error.hpp>

#include <stop_token>

namespace flashhost {

// Errc::interrupted when a stop was asked for. Between two steps, never within one.
inline void throw_if_stopped(const std::stop_token &stop) {
  if (stop.stop_requested()) throw Error(Errc::interrupted, "interrupted").see(Cause::interrupted);
}

// The error of a stop before anything was begun that would have to be put back.
[[nodiscard]] inline Error stopped_in_time() {
  return Error(Errc::interrupted, "interrupted; nothing was changed").see(Cause::interrupted);
}

}  // namespace flashhost
