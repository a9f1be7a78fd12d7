// A probe whose use is noticed: all waiting goes through it.
#pragma once

#include <flashhost/probe.hpp>

#include <functional>
#include <memory>

namespace flashhost {

// Calls on_use, on the job's thread, whenever memory is accessed or time is spent.
[[nodiscard]] std::unique_ptr<Probe> make_watched_probe(std::unique_ptr<Probe> probe,
                                                        std::function<void()> on_use);

}  // namespace flashhost
