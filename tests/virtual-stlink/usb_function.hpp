// The firmware of an ST-Link as the function of a USB device.
#pragma once

#include "firmware.hpp"
#include "function.hpp"
#include "usb_descriptors.hpp"

#include <cstdint>
#include <memory>

namespace virtual_stlink {

// docs/reference/stlink-v2-protocol.md, section 1.
[[nodiscard]] virtual_usb::UsbIdentity usb_identity(const FirmwareConfig &config);
// target outlives it.
[[nodiscard]] std::unique_ptr<virtual_usb::Function> usb_function(
    const FirmwareConfig &config, flashhost::machine::Target &target);

}  // namespace virtual_stlink
