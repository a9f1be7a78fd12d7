// Random numbers that are the same everywhere for the same seed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <random>

namespace flashhost::testing {

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : engine_(seed) {}

  [[nodiscard]] std::uint32_t below(std::uint64_t limit) {  // limit: not 0
    return static_cast<std::uint32_t>(engine_() % limit);
  }
  [[nodiscard]] std::uint32_t between(std::uint32_t first, std::uint32_t last) {
    return first + below(std::uint64_t{last} - first + 1);
  }
  [[nodiscard]] bool percent(unsigned chance) { return below(100) < chance; }
  template <class T>
  [[nodiscard]] T one_of(std::initializer_list<T> values) {
    return *std::next(values.begin(), below(values.size()));
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace flashhost::testing
