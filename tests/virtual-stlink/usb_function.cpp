#include "usb_function.hpp"

#include "protocol.hpp"

namespace virtual_stlink {

namespace {

using virtual_usb::ConfigurationBuilder;
using virtual_usb::Nanoseconds;

constexpr std::uint8_t reply_endpoint = 0x81;
constexpr std::size_t full_speed_packet = 64;
constexpr std::size_t high_speed_packet = 512;

std::uint8_t out_endpoint(Hardware hardware) {
  return hardware == Hardware::v2 ? 0x02 : 0x01;
}
std::uint8_t trace_endpoint(Hardware hardware) {
  return hardware == Hardware::v2 ? 0x83 : 0x82;
}

class StlinkFunction final : public virtual_usb::Function {
 public:
  StlinkFunction(const FirmwareConfig &config, flashhost::machine::Target &target)
      : firmware_(config, target) {}

  [[nodiscard]] std::optional<Nanoseconds> accepts(std::uint8_t /*endpoint*/,
                                                   Nanoseconds at) const override {
    return at;
  }
  void receive(std::uint8_t /*endpoint*/, std::span<const std::uint8_t> data,
               Nanoseconds /*at*/) override {
    firmware_.receive(data);
  }
  [[nodiscard]] std::optional<virtual_usb::Reply> reply(std::uint8_t endpoint) const override {
    const std::size_t size = firmware_.reply_size();
    if (endpoint != reply_endpoint || size == 0) return {};  // trace never has anything
    return virtual_usb::Reply{size, {}};
  }
  [[nodiscard]] Bytes take(std::uint8_t /*endpoint*/, std::size_t max,
                           Nanoseconds /*at*/) override {
    return firmware_.send(max).value_or(Bytes{});
  }
  [[nodiscard]] std::optional<Bytes> control(std::span<const std::uint8_t> /*setup*/,
                                             std::span<const std::uint8_t> /*data*/) override {
    return {};
  }
  void usb_reset() override { firmware_.usb_reset(); }
  [[nodiscard]] virtual_usb::Statistics statistics() const override {
    const FirmwareStatistics &all = firmware_.statistics();
    return {all.commands, all.unknown_commands, {}, all.notes};
  }

 private:
  Firmware firmware_;
};

}  // namespace

virtual_usb::UsbIdentity usb_identity(const FirmwareConfig &config) {
  using virtual_usb::EndpointKind;
  const bool v2 = config.hardware == Hardware::v2;
  const bool v3 = config.hardware == Hardware::v3;
  const std::size_t packet = v3 ? high_speed_packet : full_speed_packet;
  virtual_usb::UsbIdentity identity;
  for (const std::uint8_t address :
       {reply_endpoint, out_endpoint(config.hardware), trace_endpoint(config.hardware)}) {
    identity.endpoints.push_back({address, EndpointKind::bulk, packet});
  }
  identity.megabits = v3 ? 480 : 12;
  identity.manufacturer = "STMicroelectronics";
  identity.product = v3 ? "STLINK-V3" : "STM32 STLink";
  identity.serial = config.serial;
  ConfigurationBuilder build(static_cast<std::uint32_t>(packet));
  build.interface(3, 0xFF, 0xFF, 0xFF, "");
  for (const auto &endpoint : identity.endpoints) build.bulk_endpoint(endpoint.address);
  if (!v2) virtual_usb::add_board_functions(build, {0x83, 0x02, 0x84, 0x85, 0x05});
  identity.device =
      virtual_usb::device_descriptor(usb_vendor, usb_product(config.hardware), 0x0100,
                                     v2 ? virtual_usb::Composite::no : virtual_usb::Composite::yes);
  identity.configuration = build.configuration();
  identity.interfaces = build.interfaces();
  return identity;
}

std::unique_ptr<virtual_usb::Function> usb_function(const FirmwareConfig &config,
                                                    flashhost::machine::Target &target) {
  return std::make_unique<StlinkFunction>(config, target);
}

}  // namespace virtual_stlink
