// libusb and the real clock.
#pragma once

#include "bus.hpp"

#include <flashhost/host.hpp>

#include <memory>

namespace flashhost::stlink {

// Errc::probe when USB cannot be used at all. host must outlive it.
[[nodiscard]] std::unique_ptr<Bus> make_usb_bus(Host &host);

// scale: how many times faster than real time the clock runs; more than 1 only with a virtual
// probe.
[[nodiscard]] std::unique_ptr<Clock> make_wall_clock(double scale);

}  // namespace flashhost::stlink
