#include "usb_bus.hpp"

#include "bulk_pipe.hpp"
#include "hid_pipe.hpp"
#include "recognition.hpp"
#include "sysfs.hpp"

#include <flashhost/error.hpp>

#include <fmt/format.h>
#include <unistd.h>
#include <usb-common/libusb_device.hpp>

#include <cerrno>
#include <cstring>

namespace flashhost::cmsisdap {

namespace {

struct ConfigDeleter {
  void operator()(libusb_config_descriptor *config) const { libusb_free_config_descriptor(config); }
};
using Configuration = std::unique_ptr<libusb_config_descriptor, ConfigDeleter>;

Configuration configuration_of(libusb_device *device) {
  libusb_config_descriptor *config = nullptr;
  if (libusb_get_active_config_descriptor(device, &config) != LIBUSB_SUCCESS) return {};
  return Configuration(config);
}

// As sysfs names it, "1-2.3:1.0".
std::string interface_name(const std::string &port, const libusb_config_descriptor &config,
                           std::uint8_t number) {
  return fmt::format("{}:{}.{}", port, config.bConfigurationValue, number);
}

UsbDevice describe(libusb_device *device, const libusb_config_descriptor &config,
                   const Sysfs &sysfs) {
  const libusb_device_descriptor descriptor = usb::descriptor_of(device);
  const std::string port = usb::port_of(device);
  UsbDevice result{descriptor.idVendor, descriptor.idProduct, sysfs.text(port, "product"), {}};
  for (const libusb_interface &interface : std::span(config.interface, config.bNumInterfaces)) {
    if (interface.num_altsetting < 1) continue;
    const libusb_interface_descriptor &setting = interface.altsetting[0];
    const std::string name = interface_name(port, config, setting.bInterfaceNumber);
    UsbInterface &found = result.interfaces.emplace_back(UsbInterface{setting.bInterfaceNumber,
                                                                      setting.bInterfaceClass,
                                                                      setting.bInterfaceSubClass,
                                                                      sysfs.text(name, "interface"),
                                                                      {}});
    for (const auto &endpoint : std::span(setting.endpoint, setting.bNumEndpoints)) {
      found.endpoints.push_back(
          {endpoint.bEndpointAddress, endpoint.bmAttributes, endpoint.wMaxPacketSize});
    }
  }
  return result;
}

class UsbBus final : public Bus {
 public:
  explicit UsbBus(Host &host) : host_(host) {}

  std::vector<FoundProbe> find() override {
    const usb::Context context = usb::make_context();
    std::vector<FoundProbe> result;
    for (const usb::Device &device : usb::devices(context.get())) {
      if (auto probe = look_at(device.get())) result.push_back(std::move(*probe));
    }
    return result;
  }

  std::unique_ptr<Pipe> open(const FoundProbe &probe) override {
    const std::string name = fmt::format("the probe {} at {}", probe.product, probe.location);
    auto pipe =
        probe.interface.protocol == Protocol::bulk ? open_bulk(probe, name) : open_hid(probe, name);
    host_.debug("opened {}", name);
    return pipe;
  }

  void reset(const FoundProbe &probe) override {
    try {
      const usb::Context context = usb::make_context();
      usb::Handle handle;
      int result = open_device(context.get(), probe, handle);
      if (result == LIBUSB_SUCCESS) result = libusb_reset_device(handle.get());
      host_.debug("resetting the probe {} at {} over USB: {}", probe.product, probe.location,
                  usb::text_of(result));
    } catch (const Error &error) {
      host_.debug("resetting the probe over USB: {}", error.what());
    }
  }

 private:
  std::optional<FoundProbe> look_at(libusb_device *device) const {
    const Configuration config = configuration_of(device);
    if (!config) return {};
    const UsbDevice facts = describe(device, *config, sysfs_);
    const std::optional<Interface> interface = find_interface(facts);
    if (!interface) return {};
    const std::string port = usb::port_of(device);
    FoundProbe found{facts.vendor,
                     facts.product_id,
                     usb::descriptor_of(device).bcdDevice,
                     facts.product.empty() ? "CMSIS-DAP" : facts.product,
                     sysfs_.text(port, "serial"),
                     usb::location_of(device),
                     usb::node_of(device),
                     port,
                     {},
                     *interface};
    if (interface->protocol == Protocol::hid) {
      found.node = sysfs_.hid_node(interface_name(port, *config, interface->number));
      const std::size_t report = report_size(sysfs_.report_descriptor(found.node));
      if (report != 0) found.interface.packet_size = report;
    }
    found.problem = problem_of(found);
    return found;
  }

  static std::string problem_of(const FoundProbe &probe) {
    if (probe.node.empty()) return "the kernel's HID driver does not have it";
    const bool hid = probe.interface.protocol == Protocol::hid;
    const int error = hid ? error_of_hid_node(probe.node) : usb::error_of_node(probe.node);
    if (error == 0) return {};
    if (usb::is_forbidden(LIBUSB_SUCCESS, error)) return "no permission";
    return error == EBUSY ? "" : std::strerror(error);  // NOLINT(concurrency-mt-unsafe)
  }

  // Without opening it, which would make the kernel fetch reports.
  static int error_of_hid_node(const std::string &node) {
    return ::access(node.c_str(), R_OK | W_OK) == 0 ? 0 : errno;
  }

  static std::unique_ptr<Pipe> open_bulk(const FoundProbe &probe, const std::string &name) {
    usb::Context context = usb::make_context();
    usb::Handle handle;
    const int opened = open_device(context.get(), probe, handle);
    if (opened != LIBUSB_SUCCESS) usb::refuse_to_open(opened, name, probe.node, rule_name);
    const int claimed = libusb_claim_interface(handle.get(), probe.interface.number);
    if (claimed != LIBUSB_SUCCESS) usb::refuse_to_open(claimed, name, probe.node, rule_name);
    return std::make_unique<BulkPipe>(std::move(context), std::move(handle), probe.interface);
  }

  // libusb's result code.
  static int open_device(libusb_context *context, const FoundProbe &probe, usb::Handle &handle) {
    for (const usb::Device &device : usb::devices(context)) {
      if (usb::location_of(device.get()) != probe.location) continue;
      libusb_device_handle *raw = nullptr;
      const int opened = libusb_open(device.get(), &raw);
      handle.reset(raw);
      return opened;
    }
    return LIBUSB_ERROR_NO_DEVICE;
  }

  static std::unique_ptr<Pipe> open_hid(const FoundProbe &probe, const std::string &name) {
    if (probe.node.empty()) {
      throw Error(Errc::probe, fmt::format("{} has no hidraw node", name),
                  "Another program may have detached the kernel's HID driver from it: plug it in "
                  "again.")
          .see(Cause::which_probe);
    }
    if (auto pipe = HidPipe::open(probe.node, probe.interface.packet_size)) return pipe;
    const bool there = usb::error_of_node(probe.node) != ENOENT;
    usb::refuse_to_open(there ? LIBUSB_ERROR_OTHER : LIBUSB_ERROR_NO_DEVICE, name, probe.node,
                        rule_name);
  }

  Host &host_;
  Sysfs sysfs_;
};

}  // namespace

std::unique_ptr<Bus> make_usb_bus(Host &host) {
  return std::make_unique<UsbBus>(host);
}

}  // namespace flashhost::cmsisdap
