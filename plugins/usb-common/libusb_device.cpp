#include "libusb_device.hpp"

#include "usb_access.hpp"

#include <flashhost/error.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <thread>

namespace flashhost::usb {

namespace {

constexpr int most_init_tries = 5;
constexpr std::chrono::milliseconds init_interval{25};

}  // namespace

Context make_context() {
  libusb_context *context = nullptr;
  int result = libusb_init(&context);
  // It listens to the kernel's messages about new devices, for which its socket needs an address
  // that no other socket has. When many programs start at once, that may fail for a moment.
  for (int tries = 1; result == LIBUSB_ERROR_OTHER && tries < most_init_tries; ++tries) {
    std::this_thread::sleep_for(init_interval);
    result = libusb_init(&context);
  }
  if (result != LIBUSB_SUCCESS) {
    throw Error(Errc::probe, "USB cannot be used: " + text_of(result),
                "Is /dev/bus/usb there? In a container it must be passed through.");
  }
  return Context(context);
}

std::vector<Device> devices(libusb_context *context) {
  libusb_device **list = nullptr;
  const ssize_t count = libusb_get_device_list(context, &list);
  std::vector<Device> result;
  if (count < 0) return result;
  result.reserve(static_cast<std::size_t>(count));
  for (ssize_t i = 0; i < count; ++i) result.emplace_back(libusb_ref_device(list[i]));
  libusb_free_device_list(list, 1);
  return result;
}

libusb_device_descriptor descriptor_of(libusb_device *device) {
  libusb_device_descriptor descriptor{};
  static_cast<void>(libusb_get_device_descriptor(device, &descriptor));
  return descriptor;
}

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

std::string port_of(libusb_device *device) {
  constexpr int deepest = 7;  // USB 3.0 section 10.16.2.6.3: seven tiers
  std::array<std::uint8_t, deepest> ports{};
  const int count = libusb_get_port_numbers(device, ports.data(), deepest);
  if (count <= 0) return {};  // a root hub
  const auto used = std::span(ports).first(static_cast<std::size_t>(count));
  return fmt::format("{}-{}", libusb_get_bus_number(device), fmt::join(used, "."));
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

UsbStatus status_of(libusb_transfer_status status) {
  switch (status) {
    case LIBUSB_TRANSFER_COMPLETED:
      return UsbStatus::done;
    case LIBUSB_TRANSFER_STALL:
      return UsbStatus::stall;
    case LIBUSB_TRANSFER_NO_DEVICE:
      return UsbStatus::gone;
    case LIBUSB_TRANSFER_OVERFLOW:
      return UsbStatus::overflow;
    case LIBUSB_TRANSFER_TIMED_OUT:
      return UsbStatus::timeout;
    default:
      return UsbStatus::failed;
  }
}

Transfer bulk_transfer(libusb_device_handle *handle, std::uint8_t endpoint,
                       std::span<std::uint8_t> data, Nanoseconds limit) {
  const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(limit).count();
  int done = 0;
  const int result = libusb_bulk_transfer(
      handle, endpoint, data.data(), static_cast<int>(data.size()), &done,
      static_cast<unsigned>(std::max<std::chrono::milliseconds::rep>(milliseconds, 1)));
  return {status_of(result), static_cast<std::size_t>(done)};
}

int error_of_node(const std::string &node) {
  const int file = ::open(node.c_str(), O_RDWR | O_CLOEXEC);
  if (file < 0) return errno;
  ::close(file);
  return 0;
}

bool is_forbidden(int code, int node_error) {
  return code == LIBUSB_ERROR_ACCESS || node_error == EACCES || node_error == EPERM;
}

void refuse_to_open(int code, const std::string &name, const std::string &node,
                    const std::string &rule_name) {
  const int node_error = error_of_node(node);
  const UsbAccess access = usb_access(rule_name);
  if (is_forbidden(code, node_error)) throw no_permission(name, node, access);
  if (node_error == ENOENT && access.where.container) throw no_node(name, node, access);
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

}  // namespace flashhost::usb
