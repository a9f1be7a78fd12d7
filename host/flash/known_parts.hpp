// What a sector holds, without reading what can be guessed.
#pragma once

#include "flash_access.hpp"

#include <vector>

namespace flashhost {

// guess: what the sector may hold, all of it. Puts erased bytes where it holds those, and returns
// which parts of it are neither as guessed nor erased, and so have to be read. Goes by the parts'
// CRCs, for which the target is asked once.
[[nodiscard]] std::vector<MemoryRange> parts_to_read(const CrcFunction &crc, const Chip &chip,
                                                     const Sector &sector, Bytes &guess);

// All parts of a sector, of 1 KiB each but for the last one; ascending.
[[nodiscard]] std::vector<MemoryRange> parts_of(const Sector &sector);

}  // namespace flashhost
