// libusb.
#pragma once

#include "bus.hpp"

#include <flashhost/host.hpp>

#include <memory>

namespace flashhost::stlink {

// Errc::probe when USB cannot be used at all. host must outlive it.
[[nodiscard]] std::unique_ptr<Bus> make_usb_bus(Host &host);

}  // namespace flashhost::stlink
