#include "recognition.hpp"

#include "known_probes.hpp"

#include <flashhost/text.hpp>

#include <algorithm>

namespace flashhost::cmsisdap {

namespace {

constexpr std::uint8_t hid_class = 0x03, vendor_class = 0xFF;
constexpr std::uint8_t direction_in = 0x80, transfer_type = 0x03, bulk_type = 0x02;

bool is_marked(const std::string &name) {
  return contains(name, "CMSIS-DAP") || contains(name, "CMSIS_DAP");
}

// An ST-Link has a second interface whose string may be anything.
bool is_st_link(const UsbDevice &device) {
  constexpr std::uint16_t vendor_st = 0x0483, first = 0x3740, last = 0x375F;
  return device.vendor == vendor_st && device.product_id >= first && device.product_id <= last;
}

bool is_bulk(const Endpoint &endpoint, bool in) {
  return (endpoint.attributes & transfer_type) == bulk_type &&
         ((endpoint.address & direction_in) != 0) == in;
}

// OUT, IN, and perhaps another IN for SWO, in just this order.
bool has_bulk_endpoints(const UsbInterface &interface) {
  const auto &endpoints = interface.endpoints;
  return (endpoints.size() == 2 || endpoints.size() == 3) && is_bulk(endpoints[0], false) &&
         std::all_of(endpoints.begin() + 1, endpoints.end(),
                     [](const Endpoint &endpoint) { return is_bulk(endpoint, true); });
}

std::optional<Interface> bulk_interface(const UsbDevice &device, const Traits &traits) {
  for (const UsbInterface &interface : device.interfaces) {
    const bool fits = (interface.class_code == vendor_class ||
                       (traits.class_zero && interface.class_code == 0)) &&
                      interface.subclass == 0 && has_bulk_endpoints(interface);
    if (!fits || !(is_marked(interface.name) || traits.unmarked)) continue;
    const Endpoint &out = interface.endpoints[0], &in = interface.endpoints[1];
    return Interface{Protocol::bulk, interface.number, out.address, in.address,
                     std::min(out.packet_size, in.packet_size)};
  }
  return {};
}

std::optional<Interface> hid_interface(const UsbDevice &device, const Traits &traits) {
  std::vector<const UsbInterface *> all;
  for (const UsbInterface &interface : device.interfaces) {
    if (interface.class_code == hid_class) all.push_back(&interface);
  }
  for (const UsbInterface *interface : all) {
    // The name of a device with several is no help: one of them may be a keyboard.
    const bool only = all.size() == 1 && (is_marked(device.product) || traits.unmarked);
    const bool named = traits.hid_interface == interface->number && is_marked(device.product);
    if (!only && !named && !is_marked(interface->name)) continue;
    const auto in = std::ranges::find_if(interface->endpoints, [](const Endpoint &endpoint) {
      return (endpoint.address & direction_in) != 0;
    });
    if (in == interface->endpoints.end()) continue;
    return Interface{Protocol::hid, interface->number, 0, in->address, in->packet_size};
  }
  return {};
}

}  // namespace

std::optional<Interface> find_interface(const UsbDevice &device) {
  if (is_st_link(device)) return {};
  const Traits traits = traits_of(device.vendor, device.product_id);
  const std::optional<Interface> bulk = bulk_interface(device, traits);
  return bulk ? bulk : hid_interface(device, traits);
}

std::size_t report_size(std::span<const std::uint8_t> descriptor) {
  constexpr std::uint8_t long_item = 0xFE, size_mask = 0x03, tag_mask = 0xFC;
  constexpr std::uint8_t output = 0x90, report_bits = 0x74, report_count = 0x94;
  std::uint64_t bits = 0, count = 0, total = 0;
  while (!descriptor.empty()) {
    const std::uint8_t prefix = descriptor.front();
    std::size_t size = prefix & size_mask;
    if (size == size_mask) size = 4;
    if (prefix == long_item) size = descriptor.size() > 1 ? descriptor[1] + 2U : 1;
    if (size >= descriptor.size()) return 0;
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < size && i < 4; ++i) {
      value |= static_cast<std::uint64_t>(descriptor[1 + i]) << (8 * i);
    }
    if (prefix != long_item) {
      if ((prefix & tag_mask) == report_bits) bits = value;
      if ((prefix & tag_mask) == report_count) count = value;
      // Both are below 2^16 in anything that could be a report.
      if ((prefix & tag_mask) == output) total += (bits & 0xFFFF) * (count & 0xFFFF);
    }
    descriptor = descriptor.subspan(size + 1);
  }
  return total % 8 == 0 ? static_cast<std::size_t>(total / 8) : 0;
}

}  // namespace flashhost::cmsisdap
