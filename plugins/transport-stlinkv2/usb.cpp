#include "usb.hpp"

#include "protocol.hpp"
#include "usb_access.hpp"

#include <flashhost/error.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <libusb.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <thread>

namespace flashhost::stlink {

namespace {

constexpr int interface_number = 0;
constexpr std::uint8_t endpoint_in = 0x81;
constexpr std::size_t full_speed_packet = 64, high_speed_packet = 512;

struct ContextDeleter {
  void operator()(libusb_context *context) const { libusb_exit(context); }
};
struct HandleDeleter {
  void operator()(libusb_device_handle *handle) const { libusb_close(handle); }
};
struct DeviceDeleter {
  void operator()(libusb_device *device) const { libusb_unref_device(device); }
};
using Context = std::unique_ptr<libusb_context, ContextDeleter>;
using Handle = std::unique_ptr<libusb_device_handle, HandleDeleter>;
using Device = std::unique_ptr<libusb_device, DeviceDeleter>;

std::string text_of(int code) {
  return libusb_strerror(static_cast<libusb_error>(code));
}

std::string location_of(libusb_device *device) {
  return fmt::format("bus {} device {}", libusb_get_bus_number(device),
                     libusb_get_device_address(device));
}

std::string node_of(libusb_device *device) {
  return fmt::format("/dev/bus/usb/{:03}/{:03}", libusb_get_bus_number(device),
                     libusb_get_device_address(device));
}

// As Linux names the device in sysfs.
std::string port_of(libusb_device *device) {
  constexpr int deepest = 7;  // USB 3.0 section 10.16.2.6.3: seven tiers
  std::array<std::uint8_t, deepest> ports{};
  const int count = libusb_get_port_numbers(device, ports.data(), deepest);
  if (count <= 0) return {};  // a root hub
  const auto used = std::span(ports).first(static_cast<std::size_t>(count));
  return fmt::format("{}-{}", libusb_get_bus_number(device), fmt::join(used, "."));
}

// A new context searches the bus again: a probe that came back has another address.
Context make_context() {
  libusb_context *context = nullptr;
  const int result = libusb_init(&context);
  if (result != LIBUSB_SUCCESS) {
    throw Error(Errc::probe, "USB cannot be used: " + text_of(result),
                "Is /dev/bus/usb there? In a container it must be passed through.");
  }
  return Context(context);
}

// Every ST-Link with its product id.
std::vector<std::pair<Device, std::uint16_t>> st_links(libusb_context *context) {
  libusb_device **list = nullptr;
  const ssize_t count = libusb_get_device_list(context, &list);
  std::vector<std::pair<Device, std::uint16_t>> result;
  for (ssize_t i = 0; i < count; ++i) {
    libusb_device_descriptor descriptor{};
    if (libusb_get_device_descriptor(list[i], &descriptor) != LIBUSB_SUCCESS) continue;
    if (descriptor.idVendor != vendor_st || find_product(descriptor.idProduct) == nullptr) continue;
    result.emplace_back(Device(libusb_ref_device(list[i])), descriptor.idProduct);
  }
  if (count >= 0) libusb_free_device_list(list, 1);
  return result;
}

std::string serial_of(libusb_device *device, libusb_device_handle *handle) {
  constexpr std::uint16_t english = 0x0409;
  libusb_device_descriptor descriptor{};
  static_cast<void>(libusb_get_device_descriptor(device, &descriptor));
  if (descriptor.iSerialNumber == 0) return {};
  std::array<std::uint8_t, 255> bytes{};
  const int length = libusb_get_string_descriptor(handle, descriptor.iSerialNumber, english,
                                                  bytes.data(), static_cast<int>(bytes.size()));
  if (length < 2) return {};
  return parse_serial(std::span(bytes).first(static_cast<std::size_t>(length)));
}

UsbStatus status_of(int code) {
  switch (code) {
    case LIBUSB_SUCCESS:
      return UsbStatus::done;
    case LIBUSB_ERROR_TIMEOUT:
      return UsbStatus::timeout;
    case LIBUSB_ERROR_PIPE:
      return UsbStatus::stall;
    case LIBUSB_ERROR_OVERFLOW:
      return UsbStatus::overflow;
    case LIBUSB_ERROR_NO_DEVICE:
    case LIBUSB_ERROR_NOT_FOUND:
      return UsbStatus::gone;
    default:
      return UsbStatus::failed;
  }
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
    return transfer(endpoint_out_, const_cast<std::uint8_t *>(data.data()),  // NOLINT
                    data.size(), limit);
  }

  Transfer read(std::span<std::uint8_t> buffer, Nanoseconds limit) override {
    return transfer(endpoint_in, buffer.data(), buffer.size(), limit);
  }

  UsbStatus clear_stall() override {
    const int out = libusb_clear_halt(handle_.get(), endpoint_out_);
    const int in = libusb_clear_halt(handle_.get(), endpoint_in);
    return status_of(out != LIBUSB_SUCCESS ? out : in);
  }

  UsbStatus reset() override {
    // libusb has then claimed the interface again, unless the device came back as another one.
    return status_of(libusb_reset_device(handle_.get()));
  }

  std::size_t packet_size() const override { return packet_; }

 private:
  Transfer transfer(std::uint8_t endpoint, std::uint8_t *data, std::size_t size,
                    Nanoseconds limit) {
    const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(limit).count();
    int done = 0;
    const int result = libusb_bulk_transfer(
        handle_.get(), endpoint, data, static_cast<int>(size), &done,
        static_cast<unsigned>(std::max<std::chrono::milliseconds::rep>(milliseconds, 1)));
    // A partial transfer counts as failed.
    return {status_of(result), static_cast<std::size_t>(done)};
  }

  Context context_;
  Handle handle_;
  std::uint8_t endpoint_out_;
  std::size_t packet_;
};

// libusb has one code for a node that a container's rules forbid and for broken hardware, and one
// for a device without a node and for one that is gone. 0: the node can be opened.
int error_of_node(const std::string &node) {
  const int file = ::open(node.c_str(), O_RDWR | O_CLOEXEC);
  if (file < 0) return errno;
  ::close(file);
  return 0;
}

bool is_forbidden(int code, int node_error) {
  return code == LIBUSB_ERROR_ACCESS || node_error == EACCES || node_error == EPERM;
}

[[noreturn]] void refuse_to_open(int code, const std::string &name, const std::string &node) {
  const int node_error = error_of_node(node);
  if (is_forbidden(code, node_error)) throw no_permission(name, node, surroundings());
  if (node_error == ENOENT && surroundings().container) throw no_node(name, node, surroundings());
  switch (code) {
    case LIBUSB_ERROR_BUSY:
      throw Error(Errc::probe, fmt::format("{} is in use by another program", name),
                  "Close the debugger, openocd, st-util or IDE that holds it. `fuser -v "
                  "/dev/bus/usb/*/*` shows which one it is.")
          .see(Cause::which_probe);
    case LIBUSB_ERROR_NO_DEVICE:
      throw Error(Errc::probe, fmt::format("{} has just been unplugged", name),
                  "Plug it in again.");
    default:
      throw Error(Errc::probe, fmt::format("{} cannot be opened: {}", name, text_of(code)),
                  "Plug it in again; `dmesg` may say more.");
  }
}

class UsbBus final : public Bus {
 public:
  explicit UsbBus(Host &host) : host_(host) {}

  std::vector<FoundProbe> find() override {
    const Context context = make_context();
    std::vector<FoundProbe> result;
    for (const auto &[device, product] : st_links(context.get())) {
      FoundProbe found{
          product, {}, location_of(device.get()), node_of(device.get()), port_of(device.get()), {}};
      libusb_device_handle *raw = nullptr;
      const int opened = libusb_open(device.get(), &raw);
      const Handle handle(raw);
      if (opened == LIBUSB_SUCCESS) {
        found.serial = serial_of(device.get(), handle.get());
      } else {
        const bool forbidden = is_forbidden(opened, error_of_node(found.node));
        found.problem = forbidden ? "no permission" : text_of(opened);
      }
      result.push_back(std::move(found));
    }
    return result;
  }

  std::unique_ptr<Pipe> open(const FoundProbe &probe) override {
    const std::string name = fmt::format("the ST-Link at {}", probe.location);
    Context context = make_context();
    for (const auto &[device, product] : st_links(context.get())) {
      if (product != probe.product || location_of(device.get()) != probe.location) continue;
      libusb_device_handle *raw = nullptr;
      const int opened = libusb_open(device.get(), &raw);
      if (opened != LIBUSB_SUCCESS) refuse_to_open(opened, name, probe.node);
      Handle handle(raw);
      // Fails only on systems that cannot detach a driver; there is none to detach then.
      static_cast<void>(libusb_set_auto_detach_kernel_driver(handle.get(), 1));
      const int claimed = libusb_claim_interface(handle.get(), interface_number);
      if (claimed != LIBUSB_SUCCESS) refuse_to_open(claimed, name, probe.node);
      const Product *known = find_product(product);
      const std::uint8_t endpoint_out = known->kind == Kind::v2 ? 0x02 : 0x01;
      const std::size_t packet = libusb_get_device_speed(device.get()) >= LIBUSB_SPEED_HIGH
                                     ? high_speed_packet
                                     : full_speed_packet;
      host_.debug("opened {}", name);
      return std::make_unique<UsbPipe>(std::move(context), std::move(handle), endpoint_out, packet);
    }
    refuse_to_open(LIBUSB_ERROR_NO_DEVICE, name, probe.node);
  }

 private:
  Host &host_;
};

class WallClock final : public Clock {
 public:
  explicit WallClock(double scale) : scale_(scale), start_(std::chrono::steady_clock::now()) {}

  Nanoseconds now() override {
    const auto real =
        std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - start_);
    return Nanoseconds(static_cast<Nanoseconds::rep>(real.count() * scale_));
  }

  void sleep(Nanoseconds time) override {
    std::this_thread::sleep_for(
        std::chrono::duration<double, std::nano>(static_cast<double>(time.count()) / scale_));
  }

 private:
  double scale_;
  std::chrono::steady_clock::time_point start_;
};

}  // namespace

std::unique_ptr<Bus> make_usb_bus(Host &host) {
  return std::make_unique<UsbBus>(host);
}

std::unique_ptr<Clock> make_wall_clock(double scale) {
  return std::make_unique<WallClock>(scale);
}

}  // namespace flashhost::stlink
