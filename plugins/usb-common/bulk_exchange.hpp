// A request and its reply with all transfers under way at the same time: where each of them takes a
// round trip (a hub, USB over a network), all together take one.
#pragma once

#include "libusb_device.hpp"
#include "transfer.hpp"

#include <flashhost/types.hpp>

#include <span>

namespace flashhost::usb {

struct BulkEndpoints {
  libusb_context *context = nullptr;
  libusb_device_handle *handle = nullptr;
  std::uint8_t out = 0, in = 0;
};

// Sends the parts of the request in their order, without those that are empty, and fills reply,
// unless that is empty. What is still under way when a part cannot be sent is cancelled. limit: of
// each transfer. A transfer that ends early counts as failed.
[[nodiscard]] Exchange bulk_exchange(const BulkEndpoints &at,
                                     std::span<const std::span<const std::uint8_t>> request,
                                     std::span<std::uint8_t> reply, Nanoseconds limit);

}  // namespace flashhost::usb
