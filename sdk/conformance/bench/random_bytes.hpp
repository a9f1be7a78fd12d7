// Pseudo-random bytes for tests: the same seed gives the same bytes.
#pragma once

#include <flashhost/types.hpp>

#include <algorithm>
#include <random>

namespace flashhost::bench {

[[nodiscard]] inline Bytes random_bytes(std::size_t size, std::uint32_t seed) {
  std::mt19937 random(seed);
  Bytes bytes(size);
  std::ranges::generate(bytes, [&] { return static_cast<std::uint8_t>(random() >> 24); });
  return bytes;
}

}  // namespace flashhost::bench
