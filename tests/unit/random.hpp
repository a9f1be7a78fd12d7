// Pseudo-random numbers for tests that make files: the same seed gives the same numbers.
#pragma once

#include <flashhost/types.hpp>

#include <cstdint>
#include <random>

namespace flashhost::test {

class Random {
 public:
  explicit Random(unsigned seed) : engine_(seed) {}
  std::uint32_t below(std::uint32_t limit) {
    return std::uniform_int_distribution<std::uint32_t>(0, limit - 1)(engine_);
  }
  bool one_in(std::uint32_t n) { return below(n) == 0; }
  Bytes bytes(std::size_t size) {
    Bytes result(size);
    for (std::uint8_t &byte : result) byte = static_cast<std::uint8_t>(below(256));
    return result;
  }
  std::mt19937 &engine() { return engine_; }

 private:
  std::mt19937 engine_;
};

}  // namespace flashhost::test
