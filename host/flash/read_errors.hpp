// Words of flash that cannot be read without error, as flash with an error correcting code has them
// after a power loss.
#pragma once

#include "flash_access.hpp"

#include <flashhost/chip.hpp>
#include <flashhost/probe.hpp>

#include <stop_token>
#include <string>
#include <vector>

namespace flashhost {

// Whether the chip noted since the last call that it read such a word; forgets it. False for a chip
// that does not tell. Only while no loader runs, which would take the note first.
[[nodiscard]] bool take_read_errors(Probe &probe, const Chip &chip);

// CRCs of what the probe itself reads. Only while no loader runs.
[[nodiscard]] std::vector<RangeCrc> crcs_by_reading(Probe &probe, const Chip &chip,
                                                    const std::vector<MemoryRange> &ranges,
                                                    const std::stop_token &stop = {});

// Errc::probe: what is read there is not what was sent.
[[noreturn]] void throw_unsteady(MemoryRange range);

// The parts of a range that cannot be read without error, in units of the chip's error correction,
// ascending. range: made of such units.
[[nodiscard]] std::vector<MemoryRange> find_unreadable(const CrcFunction &crc, const Chip &chip,
                                                       MemoryRange range);

// The parts of a range that could not be read without error, in units of the chip's error
// correction, ascending and at least one. Errc::target: what could not be read a moment ago now
// can; it is neither good nor lost. range: made of such units.
[[nodiscard]] std::vector<MemoryRange> unreadable_parts(const CrcFunction &crc, const Chip &chip,
                                                        MemoryRange range);

// To whole units.
[[nodiscard]] MemoryRange widened(MemoryRange range, std::uint32_t unit);

// The same of any range, in which something could not be read without error: all of it where this
// is not found again, since the second reading may come out of a cache.
[[nodiscard]] std::vector<MemoryRange> unreadable_parts_or_all(const CrcFunction &crc,
                                                               const Chip &chip, MemoryRange range);

// "0x08000840..0x08000847": at most some of them by name.
[[nodiscard]] std::string list_of(const std::vector<MemoryRange> &ranges);

}  // namespace flashhost
