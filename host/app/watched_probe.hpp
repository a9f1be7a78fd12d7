// A probe whose use is noticed: all waiting goes through it.
#pragma once

#include "timeline/recorder.hpp"

#include <flashhost/probe.hpp>

#include <functional>
#include <memory>

namespace flashhost {

// Who notices it.
struct Watchers {
  // If set: called on the job's thread whenever memory is accessed or time is spent.
  std::function<void()> on_use;
  // If set: begins to record now. It must outlive the probe.
  timeline::Recorder *recorder = nullptr;
};

[[nodiscard]] std::unique_ptr<Probe> make_watched_probe(std::unique_ptr<Probe> probe,
                                                        Watchers watchers);

}  // namespace flashhost
