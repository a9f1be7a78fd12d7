// What a device says about itself on USB, and how its descriptors are put together.
#pragma once

#include "bytes.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace virtual_usb {

enum class EndpointKind : std::uint8_t { bulk = 2, interrupt = 3 };

struct Endpoint {
  std::uint8_t address = 0;  // bit 7: IN
  EndpointKind kind = EndpointKind::bulk;
  std::size_t packet = 64;

  [[nodiscard]] bool in() const { return (address & 0x80) != 0; }
};

struct Interface {
  std::uint8_t class_code = 0xFF;
  std::string driver;       // of the kernel; empty: none
  std::string name;         // its string; empty: it has none
  Bytes report_descriptor;  // of a HID interface
};

struct UsbIdentity {
  Bytes device;         // descriptor
  Bytes configuration;  // descriptor with all that belongs to it
  std::string manufacturer;
  std::string product;
  std::string serial;  // as configured
  std::vector<Interface> interfaces;
  std::vector<Endpoint> endpoints;  // those that are served
  unsigned megabits = 12;
  bool overlaps = false;     // the next packet is received while the firmware works on the last one
  bool zero_packets = true;  // a bulk reply that fills its last packet ends with an empty one
};

// Collects the interfaces of a configuration.
class ConfigurationBuilder {
 public:
  explicit ConfigurationBuilder(std::uint32_t bulk_packet) : bulk_packet_(bulk_packet) {}

  void interface(std::uint8_t endpoints, std::uint8_t class_code, std::uint8_t subclass,
                 std::uint8_t protocol, const std::string &driver, const std::string &name = "");
  void endpoint(std::uint8_t address, EndpointKind kind, std::uint32_t packet,
                std::uint8_t interval);
  void bulk_endpoint(std::uint8_t address);
  // The latest interface is a HID one with this report descriptor.
  void hid(const Bytes &report_descriptor);
  void add(const Bytes &descriptor);
  [[nodiscard]] Bytes configuration() const;
  [[nodiscard]] const std::vector<Interface> &interfaces() const { return interfaces_; }

 private:
  std::uint32_t bulk_packet_;
  std::vector<Interface> interfaces_;
  unsigned names_ = 0;
  Bytes bytes_;
};

// Mass storage and a serial port, as boards have them beside the debug interface: three interfaces,
// with these endpoint numbers. The functions as such are not served.
struct BoardEndpoints {
  std::uint8_t storage_in = 0;
  std::uint8_t storage_out = 0;
  std::uint8_t notify = 0;
  std::uint8_t serial_in = 0;
  std::uint8_t serial_out = 0;
};
void add_board_functions(ConfigurationBuilder &build, const BoardEndpoints &endpoints);

enum class Composite : std::uint8_t { no, yes };
[[nodiscard]] Bytes device_descriptor(std::uint32_t vendor, std::uint32_t product,
                                      std::uint32_t release, Composite composite);
// index 0: the languages. Empty: there is no such string.
[[nodiscard]] Bytes string_descriptor(const UsbIdentity &identity, std::uint8_t index);
// The reply to a standard request, not yet cut to what was asked for. Empty: stall.
[[nodiscard]] std::optional<Bytes> standard_request(const UsbIdentity &identity,
                                                    std::span<const std::uint8_t> setup);
// As the kernel shows it: UTF-8.
[[nodiscard]] std::string serial_text(const UsbIdentity &identity);

}  // namespace virtual_usb
