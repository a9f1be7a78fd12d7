// Reading several registers at once: one round trip to the probe where that can do it.
#pragma once

#include <flashhost/probe.hpp>

#include <array>

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

}  // namespace flashhost
