// Which interface of a USB device speaks CMSIS-DAP, told from its descriptors alone.
#pragma once

#include "bus.hpp"

#include <flashhost/types.hpp>

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace flashhost::cmsisdap {

struct Endpoint {
  std::uint8_t address = 0;
  std::uint8_t attributes = 0;
  std::uint16_t packet_size = 0;
};

struct UsbInterface {
  std::uint8_t number = 0;
  std::uint8_t class_code = 0;
  std::uint8_t subclass = 0;
  std::string name;  // empty: it has none, or it cannot be read
  std::vector<Endpoint> endpoints;
};

struct UsbDevice {
  std::uint16_t vendor = 0;
  std::uint16_t product_id = 0;
  std::string product;
  std::vector<UsbInterface> interfaces;
};

// Version 2 where the device has both. Empty: it is no such probe.
[[nodiscard]] std::optional<Interface> find_interface(const UsbDevice &device);

// Bytes of the output report that a HID report descriptor describes (HID 1.11, 6.2.2); 0: it has
// none, or one that does not consist of whole bytes.
[[nodiscard]] std::size_t report_size(std::span<const std::uint8_t> descriptor);

}  // namespace flashhost::cmsisdap
