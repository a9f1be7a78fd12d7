// Functions beside an algorithm in the target's RAM, for what it lacks when the agent calls it.
#pragma once

#include "algorithm.hpp"
#include "loaders/flm_calls/flm_calls.inc"

#include <cstdint>

namespace flashhost::flm {

// Offsets into calls_code.
inline constexpr std::uint32_t erase_page = flm_calls_blob::erase_page;  // instead of EraseSector
inline constexpr std::uint32_t feed_watchdog = flm_calls_blob::feed;     // Idle

[[nodiscard]] inline bool needs_calls(const Algorithm &algorithm) {
  return has_small_sectors(algorithm.file.device) || algorithm.watchdog;
}
// The code, for an address that is a multiple of 4. erase_sector: the algorithm's own, as seen from
// that address.
[[nodiscard]] Bytes calls_code(const Algorithm &algorithm, std::int32_t erase_sector);

}  // namespace flashhost::flm
