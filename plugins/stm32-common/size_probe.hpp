// How much flash is there when the chip does not say so.
#pragma once

#include <flashhost/probe.hpp>

#include <vector>

namespace stm32 {

// The largest of the sizes (ascending, bytes) whose addresses answer and are shown not to mirror
// lower ones; the smallest when nothing can be shown. Reads only.
[[nodiscard]] std::uint32_t largest_shown(flashhost::ProbeReader &probe,
                                          const std::vector<std::uint32_t> &sizes);

}  // namespace stm32
