// libusb and the wall clock.
#pragma once

#include "bus.hpp"

#include <flashhost/host.hpp>

#include <memory>

namespace flashhost::stlink {

// Errc::probe when USB cannot be used at all. host outlives it.
[[nodiscard]] std::unique_ptr<Bus> make_usb_bus(Host &host);

// scale: how many times faster than the wall clock it runs; more than 1 with a virtual probe only.
[[nodiscard]] std::unique_ptr<Clock> make_wall_clock(double scale);

}  // namespace flashhost::stlink
