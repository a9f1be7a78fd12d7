// A device in sysfs, in the format of umockdev's recordings.
#pragma once

#include "usb_descriptors.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace virtual_usb {

struct SysfsDevice {
  std::string path;  // of the directory, below /sys
  std::string text;
};

// A HID interface, with the number of its node.
struct HidPlace {
  std::size_t interface = 0;
  unsigned hidraw = 0;
};

extern const char *const root_hub;
[[nodiscard]] std::string device_name(unsigned number);  // below /dev
[[nodiscard]] std::string hidraw_name(unsigned number);
[[nodiscard]] std::string kernel_hid_name(const UsbIdentity &identity);
// The device and what belongs to it, parents first.
[[nodiscard]] std::vector<SysfsDevice> describe(const UsbIdentity &identity, std::size_t port,
                                                unsigned number, const std::vector<HidPlace> &hids);

}  // namespace virtual_usb
