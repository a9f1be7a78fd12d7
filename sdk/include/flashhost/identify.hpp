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

// Registers that say which chip this is, read until two readings in a row agree: a misread id may
// be that of another chip, and under a misread unique id the next run would not find the journal of
// an interrupted one. Empty when the target refuses the read. Errc::target when no two agree.
// length: a multiple of 4.
[[nodiscard]] std::optional<std::uint32_t> read_id_word(ProbeReader &probe, std::uint32_t address);
[[nodiscard]] std::optional<Bytes> read_id_bytes(ProbeReader &probe, std::uint32_t address,
                                                 std::size_t length);

// Empty when it is one word repeated, which no real id is.
[[nodiscard]] Bytes plausible_unique_id(std::span<const std::uint8_t> id);
// Both. Empty, too, when the target refuses the read.
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
