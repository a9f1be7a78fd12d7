// The clocks that a host can choose (docs/reference/stlink-v2-protocol.md, section 9).
#pragma once

#include <cstdint>
#include <span>

namespace virtual_stlink {

inline constexpr std::uint32_t default_swd_hertz = 1'800'000;
inline constexpr std::uint32_t default_jtag_hertz = 1'125'000;

[[nodiscard]] std::uint32_t swd_hertz(std::uint32_t divisor);
[[nodiscard]] std::uint32_t jtag_hertz(std::uint32_t divisor);
[[nodiscard]] std::span<const std::uint32_t> v3_kilohertz();  // fastest first
// The fastest of a V3 that is not above the wish, else its slowest.
[[nodiscard]] std::uint32_t v3_kilohertz(std::uint32_t wish);

}  // namespace virtual_stlink
