// libusb's objects, with owners, and what a transport says about a device.
#pragma once

#include "transfer.hpp"

#include <flashhost/types.hpp>

#include <libusb.h>

#include <memory>
#include <span>
#include <string>
#include <vector>

namespace flashhost::usb {

struct ContextDeleter {
  void operator()(libusb_context *context) const { libusb_exit(context); }
};
struct HandleDeleter {
  void operator()(libusb_device_handle *handle) const { libusb_close(handle); }
};
struct DeviceDeleter {
  void operator()(libusb_device *device) const { libusb_unref_device(device); }
};
using Context = std::unique_ptr<libusb_context, ContextDeleter>;
using Handle = std::unique_ptr<libusb_device_handle, HandleDeleter>;
using Device = std::unique_ptr<libusb_device, DeviceDeleter>;

// A new context searches the bus again: a probe that came back has another address. Errc::probe
// when USB cannot be used at all.
[[nodiscard]] Context make_context();
// All devices, without opening any.
[[nodiscard]] std::vector<Device> devices(libusb_context *context);
[[nodiscard]] libusb_device_descriptor descriptor_of(libusb_device *device);

[[nodiscard]] std::string text_of(int code);
[[nodiscard]] std::string location_of(libusb_device *device);  // "bus 1 device 5"
[[nodiscard]] std::string node_of(libusb_device *device);      // "/dev/bus/usb/001/005"
[[nodiscard]] std::string port_of(libusb_device *device);      // "1-2.3", as in sysfs

[[nodiscard]] UsbStatus status_of(int code);
[[nodiscard]] UsbStatus status_of(libusb_transfer_status status);
// A partial transfer counts as failed.
[[nodiscard]] Transfer bulk_transfer(libusb_device_handle *handle, std::uint8_t endpoint,
                                     std::span<std::uint8_t> data, Nanoseconds limit);

// errno of opening the device node; 0: it can be opened. libusb has one code for a node that a
// container's rules forbid and for broken hardware, and one for a device without a node and for one
// that is gone.
[[nodiscard]] int error_of_node(const std::string &node);
// code: libusb's, of the attempt to open the device.
[[nodiscard]] bool is_forbidden(int code, int node_error);
// Errc::probe: why the probe cannot be opened. name: "the ST-Link at bus 1 device 5".
// rule_name: of the transport's udev rule.
[[noreturn]] void refuse_to_open(int code, const std::string &name, const std::string &node,
                                 const std::string &rule_name);

}  // namespace flashhost::usb
