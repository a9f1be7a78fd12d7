// What identifying a chip needs again and again.
#pragma once

#include <flashhost/chip.hpp>
#include <flashhost/parts.hpp>
#include <flashhost/probe.hpp>

#include <optional>
#include <span>
#include <vector>

namespace flashhost {

// A word; nothing where the target refuses the read.
[[nodiscard]] std::optional<std::uint32_t> read_if_there(ProbeReader &probe, std::uint32_t address);

// A word that something is decided by. One refused access is not believed: a flash that still works
// may be the reason. The error of the last of some attempts.
[[nodiscard]] std::uint32_t read_surely(ProbeReader &probe, std::uint32_t address);

// Empty where it is refused and when it cannot be an identity: one word over and over. length: a
// multiple of 4.
[[nodiscard]] Bytes read_unique_id(ProbeReader &probe, std::uint32_t address,
                                   std::size_t length = 12);

// The largest of the sizes (ascending, bytes, not empty) whose addresses answer and are shown not
// to mirror lower ones; the smallest when nothing can be shown.
[[nodiscard]] std::uint32_t largest_shown(ProbeReader &probe, std::uint32_t flash_address,
                                          const std::vector<std::uint32_t> &sizes);

// Gives the chip (its die_sectors are set) the size of flash that its size register reports. Where
// that cannot be - not a size that parts with its device id are sold with, nor a smaller power of
// two - the largest that shows content of its own, and chip.size_doubt says so.
void take_reported_size(ProbeReader &probe, Chip &chip, std::uint32_t reported_kib,
                        std::span<const Part> parts);

}  // namespace flashhost
