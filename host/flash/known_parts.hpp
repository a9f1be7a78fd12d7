// What a sector holds, without reading what can be guessed.
#pragma once

#include "flash_access.hpp"

#include <vector>

namespace flashhost {

// guess: what the sector may hold. Puts erased bytes where it holds those, and returns what of it
// is neither as guessed nor erased, and so has to be read: ascending, a part of 1 KiB each. Goes by
// CRCs, for which the target is asked once.
[[nodiscard]] std::vector<MemoryRange> parts_to_read(const CrcFunction &crc, const Chip &chip,
                                                     const Sector &sector, Bytes &guess);

// All parts of a sector.
[[nodiscard]] std::vector<MemoryRange> parts_of(const Sector &sector);

}  // namespace flashhost
