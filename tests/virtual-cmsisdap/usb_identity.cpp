#include "usb_function.hpp"

namespace virtual_cmsisdap {

namespace {

using virtual_usb::Bytes;
using virtual_usb::ConfigurationBuilder;
using virtual_usb::Endpoint;
using virtual_usb::EndpointKind;

constexpr std::uint8_t hid_in = 0x82;
constexpr std::uint8_t hid_out = 0x02;
constexpr std::uint8_t class_hid = 3;
constexpr std::uint8_t class_vendor = 0xFF;
constexpr std::size_t full_speed_packet = 64;
constexpr std::size_t high_speed_packet = 512;

// Input, output and a feature report of one byte, of a vendor's usage page.
Bytes report_descriptor(std::size_t size) {
  const auto low = static_cast<std::uint8_t>(size);
  const auto high = static_cast<std::uint8_t>(size >> 8);
  // clang-format off
  return {0x06, 0x00, 0xFF,        // usage page FF00
          0x09, 0x01, 0xA1, 0x01,  // usage 1, collection: application
          0x15, 0x00, 0x26, 0xFF, 0x00, 0x75, 0x08,  // values 0 to 255, of 8 bits
          0x96, low, high, 0x09, 0x01, 0x81, 0x02,   // so many: input
          0x96, low, high, 0x09, 0x01, 0x91, 0x02,   // output
          0x95, 0x01, 0x09, 0x01, 0xB1, 0x02,        // one: feature
          0xC0};
  // clang-format on
}

void add_bulk(const Personality &probe, ConfigurationBuilder &build,
              virtual_usb::UsbIdentity &identity) {
  const std::size_t packet = identity.megabits > 12 ? high_speed_packet : full_speed_packet;
  build.interface(2, class_vendor, 0, 0, "", "CMSIS-DAP v2");
  for (const std::uint8_t address : {probe.bulk.out, probe.bulk.in}) {
    build.bulk_endpoint(address);
    identity.endpoints.push_back({address, EndpointKind::bulk, packet});
  }
}

void add_hid(const Personality &probe, ConfigurationBuilder &build,
             virtual_usb::UsbIdentity &identity) {
  const std::size_t size = probe.firmware.packet_size;
  build.interface(probe.hid_out ? 2 : 1, class_hid, 0, 0, "usbhid", "CMSIS-DAP v1");
  build.hid(report_descriptor(size));
  std::vector<Endpoint> endpoints{{hid_in, EndpointKind::interrupt, size}};
  if (probe.hid_out) endpoints.push_back({hid_out, EndpointKind::interrupt, size});
  for (const Endpoint &one : endpoints) {
    build.endpoint(one.address, one.kind, static_cast<std::uint32_t>(size), 1);
    identity.endpoints.push_back(one);
  }
}

}  // namespace

virtual_usb::UsbIdentity usb_identity(const Personality &personality, const PipeFaults &faults) {
  virtual_usb::UsbIdentity identity;
  identity.manufacturer = personality.manufacturer;
  identity.product = personality.product;
  identity.serial = personality.firmware.serial;
  identity.megabits = personality.megabits;
  identity.overlaps = true;
  identity.zero_packets = !faults.zero_packet_missing;
  ConfigurationBuilder build(personality.megabits > 12 ? high_speed_packet : full_speed_packet);
  if (personality.pipes != Pipes::v1) add_bulk(personality, build, identity);
  if (personality.board_functions) {
    virtual_usb::add_board_functions(build, {0x81, 0x01, 0x83, 0x85, 0x05});
  }
  if (personality.pipes != Pipes::v2) add_hid(personality, build, identity);
  using virtual_usb::Composite;
  identity.device = virtual_usb::device_descriptor(
      personality.vendor_id, personality.product_id, personality.release,
      personality.board_functions ? Composite::yes : Composite::no);
  identity.configuration = build.configuration();
  identity.interfaces = build.interfaces();
  return identity;
}

}  // namespace virtual_cmsisdap
