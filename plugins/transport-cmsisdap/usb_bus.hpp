// The probes on USB: libusb for CMSIS-DAP v2, hidapi for v1.
#pragma once

#include "bus.hpp"

#include <flashhost/host.hpp>

#include <memory>

namespace flashhost::cmsisdap {

// The udev rule that a user without root needs.
inline constexpr const char *rule_name = "70-flashhost-cmsis-dap.rules";

// host must outlive it.
[[nodiscard]] std::unique_ptr<Bus> make_usb_bus(Host &host);

}  // namespace flashhost::cmsisdap
