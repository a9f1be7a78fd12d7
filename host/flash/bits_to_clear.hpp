// Sectors that need no erase, since programming can clear the bits that differ.
#pragma once

#include "device_state.hpp"
#include "flash_access.hpp"

#include <vector>

namespace flashhost {

// What of a sector differs from `wanted`, in multiples of programmed_together(chip), ascending;
// before each range the last bytes that are right and not erased. Empty where a bit has to be set,
// and where so much differs, or the erase is so short, that an erase is as good. Reads the sector
// only where it must: found.old is what it holds, unless empty.
[[nodiscard]] std::vector<MemoryRange> bits_to_clear(ProbeReader &probe, const CrcFunction &crc,
                                                     const Chip &chip, const SectorState &found,
                                                     const Bytes &wanted, bool target_computes);

}  // namespace flashhost
