// What the firmware did after the job, in words.
#pragma once

#include <flashhost/machine/target.hpp>
#include <flashhost/types.hpp>

#include <span>
#include <string>
#include <vector>

namespace flashhost::sim {

// One line for each pin that changed: "PC13 toggled 10 times in 1.0 s"; if none did, one line that
// says so.
[[nodiscard]] std::vector<std::string> describe_run(std::span<const machine::PinEdge> edges,
                                                    Nanoseconds time);

}  // namespace flashhost::sim
