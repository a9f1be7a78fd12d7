// identify, for those who have read CPUID already.
#pragma once

#include <flashhost/cortex_m.hpp>

namespace flashhost::cortex_m {

[[nodiscard]] Core core_of(Probe &probe, std::uint32_t id);

}  // namespace flashhost::cortex_m
