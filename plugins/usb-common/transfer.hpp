// How a USB transfer ended.
#pragma once

#include <cstddef>
#include <cstdint>

namespace flashhost::usb {

enum class UsbStatus : std::uint8_t { done, timeout, stall, overflow, gone, failed };

struct Transfer {
  UsbStatus status = UsbStatus::done;
  std::size_t length = 0;
};

// A request and its reply.
struct Exchange {
  Transfer sent;      // all of the request
  Transfer received;  // nothing where the request was not sent
};

}  // namespace flashhost::usb
