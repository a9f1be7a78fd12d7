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

}  // namespace flashhost::usb
