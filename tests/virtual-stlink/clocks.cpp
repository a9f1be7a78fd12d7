#include "clocks.hpp"

#include "wire_cost.hpp"

#include <algorithm>
#include <array>

namespace virtual_stlink {

namespace {

// In the order of flashhost::sim::swd_speeds(), which holds the clocks that belong to them.
constexpr std::array<std::uint32_t, 16> divisors{0,  1,  2,  3,  5,  7,   9,   10,
                                                 15, 25, 31, 40, 79, 158, 265, 798};
constexpr std::array<std::uint32_t, 7> v3_list{24000, 8000, 3300, 1000, 200, 50, 5};

}  // namespace

std::uint32_t swd_hertz(std::uint32_t divisor) {
  const auto *const found = std::ranges::find(divisors, divisor);
  if (found != divisors.end()) {
    return flashhost::sim::swd_speeds()[static_cast<std::size_t>(found - divisors.begin())];
  }
  constexpr std::uint64_t billion = 1'000'000'000;
  return static_cast<std::uint32_t>(billion / (std::uint64_t{250} * divisor + 300));
}

std::uint32_t jtag_hertz(std::uint32_t divisor) {
  return 36'000'000 / std::max(divisor, 2U);
}

std::span<const std::uint32_t> v3_kilohertz() {
  return v3_list;
}

std::uint32_t v3_kilohertz(std::uint32_t wish) {
  const auto *const found =
      std::ranges::find_if(v3_list, [&](std::uint32_t speed) { return speed <= wish; });
  return found == v3_list.end() ? v3_list.back() : *found;
}

}  // namespace virtual_stlink
