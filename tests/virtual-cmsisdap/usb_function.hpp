// A CMSIS-DAP probe as the function of a USB device: the requests that wait in it, the order of its
// responses, both interfaces.
#pragma once

#include "function.hpp"
#include "personality.hpp"
#include "usb_descriptors.hpp"

#include <cstdint>
#include <memory>

namespace virtual_cmsisdap {

// Faults of the probe's USB side. Counted in requests, from 1; 0: never.
struct PipeFaults {
  bool zero_packet_missing = false;  // bulk responses that fill their packets do not end
  bool stale_response = false;       // one is still there from an earlier session
  std::uint64_t wrong_echo_at = 0;
};

// Of interfaces, endpoints and strings; the personality's packet size is that of the reports.
[[nodiscard]] virtual_usb::UsbIdentity usb_identity(const Personality &personality,
                                                    const PipeFaults &faults = {});
// target outlives it.
[[nodiscard]] std::unique_ptr<virtual_usb::Function> usb_function(
    const Personality &personality, const PipeFaults &faults, flashhost::machine::Target &target);

}  // namespace virtual_cmsisdap
