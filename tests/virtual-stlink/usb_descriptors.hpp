// What the probes say about themselves on USB (docs/reference/stlink-v2-protocol.md, section 1).
#pragma once

#include "firmware.hpp"
#include "protocol.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace virtual_stlink {

struct Interface {
  std::uint8_t class_code = 0xFF;
  const char *driver = "";  // of the kernel; empty: none
};

struct UsbIdentity {
  Bytes device;         // descriptor
  Bytes configuration;  // descriptor with all that belongs to it
  std::string manufacturer;
  std::string product;
  std::string serial;  // as configured
  std::vector<Interface> interfaces;
  std::uint8_t bulk_out = 0;
  std::uint8_t bulk_in = 0;
  std::uint8_t trace_in = 0;
  unsigned megabits = 12;
};

[[nodiscard]] UsbIdentity usb_identity(const FirmwareConfig &config);
// index 0: the languages. Empty: there is no such string.
[[nodiscard]] Bytes string_descriptor(const UsbIdentity &identity, std::uint8_t index);
// As the kernel shows it: UTF-8.
[[nodiscard]] std::string serial_text(const UsbIdentity &identity);

}  // namespace virtual_stlink
