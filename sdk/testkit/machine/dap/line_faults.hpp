// Which transfers the line damages.
#pragma once

#include <flashhost/machine/debug_port.hpp>

#include <cstdint>
#include <random>

namespace flashhost::machine::dap {

class LineFaults {
 public:
  enum class Trouble : std::uint8_t { none, silent, wait, parity };

  LineFaults(const SwdLineFaults &faults, std::uint64_t seed) : faults_(faults), random_(seed) {}
  void set(const SwdLineFaults &faults);
  [[nodiscard]] Trouble next_transfer(std::uint32_t hertz);

 private:
  SwdLineFaults faults_;
  std::mt19937_64 random_;
  std::uint64_t count_ = 0;
};

}  // namespace flashhost::machine::dap
