#include "usb_descriptors.hpp"

namespace virtual_usb {

namespace {

constexpr std::uint8_t type_device = 1;
constexpr std::uint8_t type_configuration = 2;
constexpr std::uint8_t type_string = 3;
constexpr std::uint8_t type_interface = 4;
constexpr std::uint8_t type_endpoint = 5;
constexpr std::uint8_t type_association = 11;
constexpr std::uint8_t type_hid = 0x21;
constexpr std::uint8_t type_report = 0x22;
constexpr std::uint8_t class_functional = 0x24;
constexpr std::uint8_t class_storage = 8;
constexpr std::uint8_t class_communication = 2;
constexpr std::uint8_t class_serial_data = 0x0A;
constexpr std::uint8_t serial_string = 3;  // those of interfaces follow
constexpr std::uint8_t notify_packet = 10;

std::uint8_t low(std::uint32_t value) {
  return static_cast<std::uint8_t>(value);
}
std::uint8_t high(std::uint32_t value) {
  return static_cast<std::uint8_t>(value >> 8);
}

}  // namespace

void ConfigurationBuilder::interface(std::uint8_t endpoints, std::uint8_t class_code,
                                     std::uint8_t subclass, std::uint8_t protocol,
                                     const std::string &driver, const std::string &name) {
  const std::uint32_t index = name.empty() ? 0 : serial_string + ++names_;
  add({9, type_interface, low(static_cast<std::uint32_t>(interfaces_.size())), 0, endpoints,
       class_code, subclass, protocol, low(index)});
  interfaces_.push_back({class_code, driver, name, {}});
}

void ConfigurationBuilder::endpoint(std::uint8_t address, EndpointKind kind, std::uint32_t packet,
                                    std::uint8_t interval) {
  add({7, type_endpoint, address, static_cast<std::uint8_t>(kind), low(packet), high(packet),
       interval});
}

void ConfigurationBuilder::bulk_endpoint(std::uint8_t address) {
  endpoint(address, EndpointKind::bulk, bulk_packet_, 0);
}

void ConfigurationBuilder::hid(const Bytes &report_descriptor) {
  const auto size = static_cast<std::uint32_t>(report_descriptor.size());
  add({9, type_hid, 0x11, 0x01, 0, 1, type_report, low(size), high(size)});
  interfaces_.back().report_descriptor = report_descriptor;
}

void ConfigurationBuilder::add(const Bytes &descriptor) {
  bytes_.insert(bytes_.end(), descriptor.begin(), descriptor.end());
}

Bytes ConfigurationBuilder::configuration() const {
  Bytes all{9,
            type_configuration,
            0,
            0,
            low(static_cast<std::uint32_t>(interfaces_.size())),
            1,
            0,
            0x80,
            100 / 2};
  all.insert(all.end(), bytes_.begin(), bytes_.end());
  put_u16(all, 2, static_cast<std::uint32_t>(all.size()));
  return all;
}

void add_board_functions(ConfigurationBuilder &build, const BoardEndpoints &endpoints) {
  build.interface(2, class_storage, 0x06, 0x50, "usb-storage");
  build.bulk_endpoint(endpoints.storage_in);
  build.bulk_endpoint(endpoints.storage_out);
  const auto first = low(static_cast<std::uint32_t>(build.interfaces().size()));
  const auto second = low(first + 1U);
  build.add({8, type_association, first, 2, class_communication, 0x02, 0x01, 0});
  build.interface(1, class_communication, 0x02, 0x01, "cdc_acm");
  build.add({5, class_functional, 0x00, 0x10, 0x01});     // header
  build.add({5, class_functional, 0x01, 0x00, second});   // call management
  build.add({4, class_functional, 0x02, 0x06});           // abstract control
  build.add({5, class_functional, 0x06, first, second});  // union
  build.endpoint(endpoints.notify, EndpointKind::interrupt, notify_packet, 255);
  build.interface(2, class_serial_data, 0x00, 0x00, "cdc_acm");
  build.bulk_endpoint(endpoints.serial_in);
  build.bulk_endpoint(endpoints.serial_out);
}

Bytes device_descriptor(std::uint32_t vendor, std::uint32_t product, std::uint32_t release,
                        Composite composite) {
  Bytes bytes{18, type_device, 0x00, 0x02, 0, 0, 0, 64, 0, 0, 0, 0, 0, 0, 1, 2, serial_string, 1};
  if (composite == Composite::yes) {
    bytes[4] = 0xEF;
    bytes[5] = 0x02;
    bytes[6] = 0x01;
  }
  put_u16(bytes, 8, vendor);
  put_u16(bytes, 10, product);
  put_u16(bytes, 12, release);
  return bytes;
}

Bytes string_descriptor(const UsbIdentity &identity, std::uint8_t index) {
  if (index == 0) return {4, type_string, 0x09, 0x04};
  std::vector<const std::string *> texts{&identity.manufacturer, &identity.product,
                                         &identity.serial};
  for (const Interface &one : identity.interfaces) {
    if (!one.name.empty()) texts.push_back(&one.name);
  }
  if (index > texts.size()) return {};
  const std::string &text = *texts[index - 1];
  Bytes bytes{static_cast<std::uint8_t>(2 + 2 * text.size()), type_string};
  for (const char unit : text) {
    bytes.push_back(static_cast<std::uint8_t>(unit));
    bytes.push_back(0);
  }
  return bytes;
}

std::string serial_text(const UsbIdentity &identity) {
  std::string text;
  for (const char unit : identity.serial) {
    const auto byte = static_cast<std::uint8_t>(unit);
    if (byte < 0x80) {
      text.push_back(unit);
    } else {
      text.push_back(static_cast<char>(0xC0 | byte >> 6));
      text.push_back(static_cast<char>(0x80 | (byte & 0x3F)));
    }
  }
  return text;
}

namespace {

std::optional<Bytes> descriptor(const UsbIdentity &identity, std::span<const std::uint8_t> setup) {
  constexpr std::uint8_t device = 1;
  constexpr std::uint8_t configuration = 2;
  constexpr std::uint8_t string = 3;
  constexpr std::uint8_t hid_report = 0x22;
  const std::uint32_t index = get_u16(setup, 4);
  const auto none_if_empty = [](const Bytes &bytes) {
    return bytes.empty() ? std::optional<Bytes>{} : bytes;
  };
  switch (setup[3]) {
    case device:
      return identity.device;
    case configuration:
      return identity.configuration;
    case string:
      return none_if_empty(string_descriptor(identity, setup[2]));
    case hid_report:
      if (index >= identity.interfaces.size()) return {};
      return none_if_empty(identity.interfaces[index].report_descriptor);
    default:
      return {};
  }
}

}  // namespace

std::optional<Bytes> standard_request(const UsbIdentity &identity,
                                      std::span<const std::uint8_t> setup) {
  constexpr std::uint8_t get_status = 0;
  constexpr std::uint8_t get_descriptor = 6;
  constexpr std::uint8_t get_configuration = 8;
  constexpr std::uint8_t set_configuration = 9;
  constexpr std::uint8_t set_interface = 11;
  switch (setup[1]) {
    case get_status:
      return Bytes{0, 0};
    case get_configuration:
      return Bytes{1};
    case set_configuration:
    case set_interface:
      return Bytes{};
    case get_descriptor:
      return descriptor(identity, setup);
    default:
      return {};
  }
}

}  // namespace virtual_usb
