// Cutting a memory access into what a probe's commands can do. For transports.
#pragma once

#include <flashhost/probe.hpp>

#include <cstdint>
#include <vector>

namespace flashhost {

// The most bytes of one command, by the width of its accesses, in bytes. 0: no such command.
struct AccessLimits {
  std::uint32_t byte = 0;
  std::uint32_t half = 0;
  std::uint32_t word = 0;
  std::uint32_t boundary = 0;  // no command crosses a multiple of this; 0: no such limit
};

// A part of a memory access that one command can do.
struct AccessBlock {
  std::uint32_t offset = 0;
  std::uint32_t size = 0;
  std::uint32_t unit = 4;  // bytes per access
  friend bool operator==(const AccessBlock &, const AccessBlock &) = default;
};

// The blocks are in ascending order. Width::automatic: words in the middle, halfwords or bytes at
// ragged ends. Errc::internal when address or size do not fit a fixed width, or there is no command
// for it.
[[nodiscard]] std::vector<AccessBlock> cut_into_blocks(std::uint32_t address, std::size_t size,
                                                       Width width, const AccessLimits &limits);

}  // namespace flashhost
