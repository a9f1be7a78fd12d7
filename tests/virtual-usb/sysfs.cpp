#include "sysfs.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <span>

namespace virtual_usb {

namespace {

constexpr unsigned hidraw_major = 249;

std::string digits(std::span<const std::uint8_t> bytes) {
  std::string text;
  for (const std::uint8_t byte : bytes) text += fmt::format("{:02X}", byte);
  return text;
}

std::string digits(const std::string &text) {
  return digits({reinterpret_cast<const std::uint8_t *>(text.data()), text.size()});
}

SysfsDevice usb_device(const UsbIdentity &identity, std::size_t port, unsigned number) {
  Bytes descriptors = identity.device;
  descriptors.insert(descriptors.end(), identity.configuration.begin(),
                     identity.configuration.end());
  const std::uint32_t vendor = get_u16(identity.device, 8);
  const std::uint32_t product = get_u16(identity.device, 10);
  const std::uint32_t release = get_u16(identity.device, 12);
  const std::string name = device_name(number);
  const std::string path = fmt::format("/devices/usb1/1-{}", port);
  std::string text = fmt::format("P: {}\nN: {}={}\n", path, name, digits(descriptors));
  text += fmt::format(
      "E: SUBSYSTEM=usb\nE: DEVTYPE=usb_device\nE: DRIVER=usb\nE: BUSNUM=001\nE: DEVNUM={:03}\n"
      "E: DEVNAME=/dev/{}\nE: MAJOR=189\nE: MINOR={}\nE: PRODUCT={:x}/{:x}/{:x}\n",
      number, name, number - 1, vendor, product, release);
  text += fmt::format(
      "A: busnum=1\\n\nA: devnum={}\\n\nA: dev=189:{}\\n\nA: devpath={}\\n\nA: speed={}\\n\n"
      "A: idVendor={:04x}\\n\nA: idProduct={:04x}\\n\nA: bcdDevice={:04x}\\n\n"
      "A: bConfigurationValue=1\\n\nA: bNumConfigurations=1\\n\nA: bNumInterfaces= {}\\n\n"
      "A: manufacturer={}\\n\nA: product={}\\n\nA: version= 2.00\\n\n",
      number, number - 1, port, identity.megabits, vendor, product, release,
      identity.interfaces.size(), identity.manufacturer, identity.product);
  text += fmt::format("H: serial={}\nH: descriptors={}\n\n", digits(serial_text(identity)),
                      digits(descriptors));
  return {path, text};
}

SysfsDevice usb_interface(const SysfsDevice &parent, const Interface &interface, std::size_t port,
                          std::size_t index) {
  const std::string path = fmt::format("{}/1-{}:1.{}", parent.path, port, index);
  std::string text = fmt::format(
      "P: {}\nE: SUBSYSTEM=usb\nE: DEVTYPE=usb_interface\nE: DRIVER={}\n", path, interface.driver);
  text += fmt::format("A: bInterfaceNumber={:02x}\\n\nA: bInterfaceClass={:02x}\\n\n", index,
                      interface.class_code);
  if (!interface.name.empty()) text += fmt::format("A: interface={}\\n\n", interface.name);
  return {path, text + "\n"};
}

SysfsDevice hid_device(const SysfsDevice &parent, const UsbIdentity &identity,
                       const HidPlace &place) {
  const std::uint32_t vendor = get_u16(identity.device, 8);
  const std::uint32_t product = get_u16(identity.device, 10);
  const std::string path =
      fmt::format("{}/0003:{:04X}:{:04X}.{:04X}", parent.path, vendor, product, place.hidraw + 1);
  std::string text =
      fmt::format("P: {}\nE: SUBSYSTEM=hid\nE: DRIVER=hid-generic\nE: HID_ID=0003:{:08X}:{:08X}\n",
                  path, vendor, product);
  text += fmt::format("E: HID_NAME={}\nE: HID_PHYS=usb-1/input{}\nE: HID_UNIQ={}\n",
                      kernel_hid_name(identity), place.interface, serial_text(identity));
  text += fmt::format("H: report_descriptor={}\n\n",
                      digits(identity.interfaces[place.interface].report_descriptor));
  return {path, text};
}

SysfsDevice hidraw(const SysfsDevice &parent, unsigned number) {
  const std::string path = fmt::format("{}/hidraw/hidraw{}", parent.path, number);
  const std::string text = fmt::format(
      "P: {}\nE: SUBSYSTEM=hidraw\nE: DEVNAME=/dev/{}\nE: MAJOR={}\nE: MINOR={}\n"
      "A: dev={}:{}\\n\nL: device=../..\n\n",
      path, hidraw_name(number), hidraw_major, number, hidraw_major, number);
  return {path, text};
}

}  // namespace

const char *const root_hub =
    "P: /devices/usb1\nN: bus/usb/001/001\nE: SUBSYSTEM=usb\nE: DEVTYPE=usb_device\nE: DRIVER=usb\n"
    "E: BUSNUM=001\nE: DEVNUM=001\nE: DEVNAME=/dev/bus/usb/001/001\nE: MAJOR=189\nE: MINOR=0\n"
    "A: busnum=1\\n\nA: devnum=1\\n\nA: dev=189:0\\n\nA: devpath=0\\n\nA: speed=480\\n\n"
    "A: idVendor=1d6b\\n\nA: idProduct=0002\\n\nA: bConfigurationValue=1\\n\n"
    "H: descriptors="
    "12010002090001406B1D020000010302010109021900010100E0000904000001090000000705810304000C\n";

std::string device_name(unsigned number) {
  return fmt::format("bus/usb/001/{:03}", number);
}

std::string hidraw_name(unsigned number) {
  return fmt::format("hidraw{}", number);
}

std::string kernel_hid_name(const UsbIdentity &identity) {
  return identity.manufacturer + " " + identity.product;
}

std::vector<SysfsDevice> describe(const UsbIdentity &identity, std::size_t port, unsigned number,
                                  const std::vector<HidPlace> &hids) {
  const SysfsDevice device = usb_device(identity, port, number);
  std::vector<SysfsDevice> all{device};
  std::vector<SysfsDevice> interfaces;
  interfaces.reserve(identity.interfaces.size());
  for (std::size_t i = 0; i < identity.interfaces.size(); ++i) {
    interfaces.push_back(usb_interface(device, identity.interfaces[i], port, i));
  }
  all.insert(all.end(), interfaces.begin(), interfaces.end());
  for (const HidPlace &place : hids) {
    all.push_back(hid_device(interfaces[place.interface], identity, place));
    all.push_back(hidraw(all.back(), place.hidraw));
  }
  return all;
}

}  // namespace virtual_usb
