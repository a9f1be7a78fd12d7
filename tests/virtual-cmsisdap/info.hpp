// What the Info command tells.
#pragma once

#include "firmware.hpp"

#include <cstdint>

namespace virtual_cmsisdap {

// Empty: the probe has no such information.
[[nodiscard]] flashhost::Bytes info_of(const FirmwareConfig &config, std::uint8_t id);

}  // namespace virtual_cmsisdap
