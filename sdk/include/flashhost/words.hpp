// Reading several registers at once: one round trip to the probe where that can do it.
#pragma once

#include <flashhost/probe.hpp>

#include <array>
#include <cstddef>
#include <vector>

namespace flashhost {

// In the given order. Throws what Probe::run throws.
template <std::size_t Count>
[[nodiscard]] std::array<std::uint32_t, Count> read_words(
    Probe &probe, const std::array<std::uint32_t, Count> &addresses) {
  std::array<Access, Count> accesses{};
  for (std::size_t i = 0; i < Count; ++i) accesses[i] = Access::read(addresses[i]);
  probe.run(accesses);
  std::array<std::uint32_t, Count> values{};
  for (std::size_t i = 0; i < Count; ++i) values[i] = accesses[i].value;
  return values;
}

// Neighbouring registers, read in one access: over most probes one word takes as long. All words
// from the first to the last must be there, and must not mind being read.
class RegisterBlock {
 public:
  RegisterBlock(ProbeReader &probe, std::uint32_t first, std::uint32_t last)
      : first_(first), bytes_(last + 4 - first) {
    probe.read_memory(first, bytes_, Width::word);
  }

  [[nodiscard]] std::uint32_t at(std::uint32_t address) const {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      value |= std::uint32_t{bytes_.at(address - first_ + i)} << (8 * i);
    }
    return value;
  }

 private:
  std::uint32_t first_;
  std::vector<std::uint8_t> bytes_;
};

}  // namespace flashhost
