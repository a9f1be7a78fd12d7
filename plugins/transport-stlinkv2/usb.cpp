#include "usb.hpp"

#include "protocol.hpp"

#include <flashhost/error.hpp>

#include <fmt/format.h>
#include <usb-common/bulk_exchange.hpp>
#include <usb-common/libusb_device.hpp>

#include <array>

namespace flashhost::stlink {

namespace {

using usb::Context;
using usb::Device;
using usb::Handle;

constexpr const char *rule_name = "70-flashhost-stlink.rules";
constexpr int interface_number = 0;
constexpr std::uint8_t endpoint_in = 0x81;
constexpr std::size_t full_speed_packet = 64, high_speed_packet = 512;

// Every ST-Link with its product id.
std::vector<std::pair<Device, std::uint16_t>> st_links(libusb_context *context) {
  std::vector<std::pair<Device, std::uint16_t>> result;
  for (Device &device : usb::devices(context)) {
    const libusb_device_descriptor descriptor = usb::descriptor_of(device.get());
    if (descriptor.idVendor != vendor_st || find_product(descriptor.idProduct) == nullptr) continue;
    result.emplace_back(std::move(device), descriptor.idProduct);
  }
  return result;
}

std::string serial_of(libusb_device *device, libusb_device_handle *handle) {
  constexpr std::uint16_t english = 0x0409;
  const libusb_device_descriptor descriptor = usb::descriptor_of(device);
  if (descriptor.iSerialNumber == 0) return {};
  std::array<std::uint8_t, 255> bytes{};
  const int length = libusb_get_string_descriptor(handle, descriptor.iSerialNumber, english,
                                                  bytes.data(), static_cast<int>(bytes.size()));
  if (length < 2) return {};
  return parse_serial(std::span(bytes).first(static_cast<std::size_t>(length)));
}

class UsbPipe final : public Pipe {
 public:
  UsbPipe(Context context, Handle handle, std::uint8_t endpoint_out, std::size_t packet)
      : context_(std::move(context)),
        handle_(std::move(handle)),
        endpoint_out_(endpoint_out),
        packet_(packet) {}
  UsbPipe(const UsbPipe &) = delete;
  UsbPipe &operator=(const UsbPipe &) = delete;
  ~UsbPipe() override {
    static_cast<void>(libusb_release_interface(handle_.get(), interface_number));
  }

  Transfer write(std::span<const std::uint8_t> data, Nanoseconds limit) override {
    // libusb does not write into the buffer of an OUT transfer.
    auto *bytes = const_cast<std::uint8_t *>(data.data());  // NOLINT
    return usb::bulk_transfer(handle_.get(), endpoint_out_, {bytes, data.size()}, limit);
  }

  Transfer read(std::span<std::uint8_t> buffer, Nanoseconds limit) override {
    return usb::bulk_transfer(handle_.get(), endpoint_in, buffer, limit);
  }

  Exchange exchange(std::span<const std::span<const std::uint8_t>> request,
                    std::span<std::uint8_t> reply, Nanoseconds limit) override {
    return usb::bulk_exchange({context_.get(), handle_.get(), endpoint_out_, endpoint_in}, request,
                              reply, limit);
  }

  UsbStatus clear_stall() override {
    const int out = libusb_clear_halt(handle_.get(), endpoint_out_);
    const int in = libusb_clear_halt(handle_.get(), endpoint_in);
    return usb::status_of(out != LIBUSB_SUCCESS ? out : in);
  }

  UsbStatus reset() override {
    // libusb has then claimed the interface again, unless the device came back as another one.
    return usb::status_of(libusb_reset_device(handle_.get()));
  }

  std::size_t packet_size() const override { return packet_; }

 private:
  Context context_;
  Handle handle_;
  std::uint8_t endpoint_out_;
  std::size_t packet_;
};

class UsbBus final : public Bus {
 public:
  explicit UsbBus(Host &host) : host_(host) {}

  std::vector<FoundProbe> find() override {
    const Context context = usb::make_context();
    std::vector<FoundProbe> result;
    for (const auto &[device, product] : st_links(context.get())) {
      FoundProbe found{product,
                       {},
                       usb::location_of(device.get()),
                       usb::node_of(device.get()),
                       usb::port_of(device.get()),
                       {}};
      libusb_device_handle *raw = nullptr;
      const int opened = libusb_open(device.get(), &raw);
      const Handle handle(raw);
      if (opened == LIBUSB_SUCCESS) {
        found.serial = serial_of(device.get(), handle.get());
      } else {
        const bool forbidden = usb::is_forbidden(opened, usb::error_of_node(found.node));
        found.problem = forbidden ? "no permission" : usb::text_of(opened);
      }
      result.push_back(std::move(found));
    }
    return result;
  }

  std::unique_ptr<Pipe> open(const FoundProbe &probe) override {
    const std::string name = fmt::format("the ST-Link at {}", probe.location);
    Context context = usb::make_context();
    for (const auto &[device, product] : st_links(context.get())) {
      if (product != probe.product || usb::location_of(device.get()) != probe.location) continue;
      libusb_device_handle *raw = nullptr;
      const int opened = libusb_open(device.get(), &raw);
      if (opened != LIBUSB_SUCCESS) usb::refuse_to_open(opened, name, probe.node, rule_name);
      Handle handle(raw);
      // Fails only on systems that cannot detach a driver; there is none to detach then.
      static_cast<void>(libusb_set_auto_detach_kernel_driver(handle.get(), 1));
      const int claimed = libusb_claim_interface(handle.get(), interface_number);
      if (claimed != LIBUSB_SUCCESS) usb::refuse_to_open(claimed, name, probe.node, rule_name);
      const Product *known = find_product(product);
      const std::uint8_t endpoint_out = known->kind == Kind::v2 ? 0x02 : 0x01;
      const std::size_t packet = libusb_get_device_speed(device.get()) >= LIBUSB_SPEED_HIGH
                                     ? high_speed_packet
                                     : full_speed_packet;
      host_.debug("opened {}", name);
      return std::make_unique<UsbPipe>(std::move(context), std::move(handle), endpoint_out, packet);
    }
    usb::refuse_to_open(LIBUSB_ERROR_NO_DEVICE, name, probe.node, rule_name);
  }

 private:
  Host &host_;
};

}  // namespace

std::unique_ptr<Bus> make_usb_bus(Host &host) {
  return std::make_unique<UsbBus>(host);
}

}  // namespace flashhost::stlink
