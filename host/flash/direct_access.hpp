// The flash through the probe alone: no code runs on the target.
#pragma once

#include "flash_access.hpp"

#include <memory>
#include <stop_token>

namespace flashhost {

// Family::erase_sector and program. After prepare. References outlive the object.
[[nodiscard]] std::unique_ptr<FlashAccess> make_direct_access(Probe &probe, Family &family,
                                                              const Chip &chip,
                                                              std::stop_token stop);

// CRCs by reading memory through the probe.
[[nodiscard]] std::vector<std::uint32_t> read_crcs(ProbeReader &probe,
                                                   const std::vector<MemoryRange> &ranges);

}  // namespace flashhost
