#include "wire_cost.hpp"

#include <algorithm>
#include <array>

namespace flashhost::sim {

namespace {

constexpr std::array<std::uint32_t, 16> speeds{
    4'000'000, 1'800'000, 1'200'000, 950'000, 650'000, 480'000, 400'000, 360'000,
    240'000,   150'000,   125'000,   100'000, 50'000,  25'000,  15'000,  5'000};
constexpr std::uint64_t nanoseconds_per_second = 1'000'000'000;
constexpr std::uint64_t nanoseconds_per_ms = 1'000'000;

}  // namespace

std::span<const std::uint32_t> swd_speeds() {
  return speeds;
}

std::optional<std::uint32_t> swd_speed(std::optional<std::uint32_t> wish) {
  const auto *const found = std::find_if(
      speeds.begin(), speeds.end(), [&](std::uint32_t speed) { return !wish || speed <= *wish; });
  if (found == speeds.end()) return {};
  return *found;
}

Nanoseconds swd_time(std::uint64_t bits, std::uint32_t speed_hz) {
  return Nanoseconds(bits * nanoseconds_per_second / speed_hz);
}

Nanoseconds usb_payload_time(std::size_t bytes) {
  return Nanoseconds(bytes * nanoseconds_per_ms / usb_bytes_per_ms);
}

}  // namespace flashhost::sim
