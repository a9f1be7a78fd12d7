// Helpers for Family::identify.
#pragma once

#include <flashhost/chip.hpp>
#include <flashhost/parts.hpp>
#include <flashhost/probe.hpp>

#include <optional>
#include <span>
#include <vector>

namespace flashhost {

// A word; empty when the target refuses the read.
[[nodiscard]] std::optional<std::uint32_t> read_if_there(ProbeReader &probe, std::uint32_t address);

// A word on which a decision depends. Tries several times, since a flash that is still busy may
// refuse an access; throws the error of the last attempt.
[[nodiscard]] std::uint32_t read_surely(ProbeReader &probe, std::uint32_t address);

// Empty when the target refuses the read, or when the id is one word repeated, which no real id is.
// length: a multiple of 4.
[[nodiscard]] Bytes read_unique_id(ProbeReader &probe, std::uint32_t address,
                                   std::size_t length = 12);

// The largest of the sizes (ascending, bytes, not empty) of which the content of the flash gives
// proof: its addresses answer and do not mirror lower ones. The smallest when there is no proof.
[[nodiscard]] std::uint32_t largest_shown(ProbeReader &probe, std::uint32_t flash_address,
                                          const std::vector<std::uint32_t> &sizes);

// Sets the flash size of the chip (whose die_sectors are set) to what its size register reports. A
// value that is neither a size sold with this device id nor a smaller power of two is not believed:
// then largest_shown decides, and chip.size_doubt says so.
void take_reported_size(ProbeReader &probe, Chip &chip, std::uint32_t reported_kib,
                        std::span<const Part> parts);

}  // namespace flashhost
