#include "usb_descriptors.hpp"

namespace virtual_stlink {

namespace {

constexpr std::uint8_t type_device = 1;
constexpr std::uint8_t type_configuration = 2;
constexpr std::uint8_t type_string = 3;
constexpr std::uint8_t type_interface = 4;
constexpr std::uint8_t type_endpoint = 5;
constexpr std::uint8_t type_association = 11;
constexpr std::uint8_t class_functional = 0x24;
constexpr std::uint8_t bulk = 2;
constexpr std::uint8_t interrupt = 3;

class Builder {
 public:
  explicit Builder(std::uint32_t packet) : packet_(packet) {}

  void interface(std::uint8_t endpoints, std::uint8_t class_code, std::uint8_t subclass,
                 std::uint8_t protocol, const char *driver) {
    add({9, type_interface, static_cast<std::uint8_t>(interfaces.size()), 0, endpoints, class_code,
         subclass, protocol, 0});
    interfaces.push_back({class_code, driver});
  }
  void endpoint(std::uint8_t address, std::uint8_t kind, std::uint32_t packet,
                std::uint8_t interval) {
    add({7, type_endpoint, address, kind, static_cast<std::uint8_t>(packet),
         static_cast<std::uint8_t>(packet >> 8), interval});
  }
  void bulk_endpoint(std::uint8_t address) { endpoint(address, bulk, packet_, 0); }
  void add(const Bytes &more) { bytes_.insert(bytes_.end(), more.begin(), more.end()); }

  [[nodiscard]] Bytes configuration() const {
    Bytes all{
        9,      type_configuration, 0, 0, static_cast<std::uint8_t>(interfaces.size()), 1, 0, 0x80,
        100 / 2};
    all.insert(all.end(), bytes_.begin(), bytes_.end());
    put_u16(all, 2, static_cast<std::uint32_t>(all.size()));
    return all;
  }

  std::vector<Interface> interfaces;

 private:
  std::uint32_t packet_;
  Bytes bytes_;
};

// Mass storage and a serial port beside the debug interface.
void add_board_functions(Builder &build) {
  build.interface(2, 0x08, 0x06, 0x50, "usb-storage");
  build.bulk_endpoint(0x83);
  build.bulk_endpoint(0x02);
  build.add({8, type_association, 2, 2, 0x02, 0x02, 0x01, 0});
  build.interface(1, 0x02, 0x02, 0x01, "cdc_acm");
  build.add({5, class_functional, 0x00, 0x10, 0x01});  // header
  build.add({5, class_functional, 0x01, 0x00, 3});     // call management
  build.add({4, class_functional, 0x02, 0x06});        // abstract control
  build.add({5, class_functional, 0x06, 2, 3});        // union
  build.endpoint(0x84, interrupt, 10, 255);
  build.interface(2, 0x0A, 0x00, 0x00, "cdc_acm");
  build.bulk_endpoint(0x85);
  build.bulk_endpoint(0x05);
}

Bytes device_descriptor(const FirmwareConfig &config, bool composite) {
  Bytes bytes{18, type_device, 0x00, 0x02, 0, 0, 0, 64, 0, 0, 0, 0, 0x00, 0x01, 1, 2, 3, 1};
  if (composite) {
    bytes[4] = 0xEF;
    bytes[5] = 0x02;
    bytes[6] = 0x01;
  }
  put_u16(bytes, 8, usb_vendor);
  put_u16(bytes, 10, usb_product(config.hardware));
  return bytes;
}

}  // namespace

UsbIdentity usb_identity(const FirmwareConfig &config) {
  const bool v2 = config.hardware == Hardware::v2;
  const bool v3 = config.hardware == Hardware::v3;
  UsbIdentity identity;
  identity.bulk_out = v2 ? 0x02 : 0x01;
  identity.bulk_in = 0x81;
  identity.trace_in = v2 ? 0x83 : 0x82;
  identity.megabits = v3 ? 480 : 12;
  identity.manufacturer = "STMicroelectronics";
  identity.product = v3 ? "STLINK-V3" : "STM32 STLink";
  identity.serial = config.serial;
  Builder build(v3 ? 512 : 64);
  build.interface(3, 0xFF, 0xFF, 0xFF, "");
  build.bulk_endpoint(identity.bulk_in);
  build.bulk_endpoint(identity.bulk_out);
  build.bulk_endpoint(identity.trace_in);
  if (!v2) add_board_functions(build);
  identity.device = device_descriptor(config, !v2);
  identity.configuration = build.configuration();
  identity.interfaces = build.interfaces;
  return identity;
}

Bytes string_descriptor(const UsbIdentity &identity, std::uint8_t index) {
  if (index == 0) return {4, type_string, 0x09, 0x04};
  const std::string *const texts[] = {&identity.manufacturer, &identity.product, &identity.serial};
  if (index > std::size(texts)) return {};
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

}  // namespace virtual_stlink
