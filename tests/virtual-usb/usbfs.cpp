#include "usbfs.hpp"

#include <linux/usb/ch9.h>
#include <linux/usbdevice_fs.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <thread>

namespace virtual_usb {

namespace {

using namespace std::chrono_literals;

// A program that waits for a transfer asks again and again; it shall find time for its own
// timeouts in between.
constexpr auto longest_hold = 1ms;
constexpr auto shortest_sleep = 20us;
constexpr int full_speed = 2;  // of enum usb_device_speed
constexpr int high_speed = 3;

// The argument itself, where it is no pointer or not to be followed.
std::uint64_t plain(UMockdevIoctlClient *client) {
  std::uint64_t result = 0;
  std::memcpy(&result, umockdev_ioctl_client_get_arg(client)->data, sizeof(void *));
  return result;
}

struct ProgramUrb final : Urb {
  Data request;
  Data memory;
};

Urb::Kind kind_of(unsigned char type) {
  switch (type) {
    case USBDEVFS_URB_TYPE_BULK:
      return Urb::Kind::bulk;
    case USBDEVFS_URB_TYPE_INTERRUPT:
      return Urb::Kind::interrupt;
    case USBDEVFS_URB_TYPE_CONTROL:
      return Urb::Kind::control;
    default:
      return Urb::Kind::other;
  }
}

}  // namespace

void Usbfs::handle(UMockdevIoctlClient *client) {
  long result = 0;
  int error = EIO;
  try {
    error = answer(client, result);
  } catch (...) {
    const std::lock_guard lock(mutex_);
    failure_ = std::current_exception();
  }
  umockdev_ioctl_client_complete(client, error == 0 ? result : -1, error);
}

void Usbfs::opened(UMockdevIoctlClient *client) {
  const std::lock_guard lock(mutex_);
  clients_.push_back(keep(client));
}

// umockdev tells nobody that a program has closed a device: ask.
std::size_t Usbfs::sweep() {
  std::erase_if(clients_, [&](const Client &client) {
    if (umockdev_ioctl_client_get_connected(client.get()) != 0) return false;
    device_->closed(client.get());
    return true;
  });
  return clients_.size();
}

int Usbfs::answer(UMockdevIoctlClient *client, long &result) {
  const auto request = umockdev_ioctl_client_get_request(client);
  if (request == USBDEVFS_REAPURB || request == USBDEVFS_REAPURBNDELAY) return reap(client);
  const std::lock_guard lock(mutex_);
  if (!device_->plugged()) return ENODEV;
  switch (request) {
    case USBDEVFS_GET_CAPABILITIES: {
      const Data data = argument(client, sizeof(std::uint32_t));
      const std::uint32_t able = USBDEVFS_CAP_ZERO_PACKET | USBDEVFS_CAP_NO_PACKET_SIZE_LIM |
                                 USBDEVFS_CAP_REAP_AFTER_DISCONNECT;
      if (!data) return EFAULT;
      std::memcpy(data->data, &able, sizeof able);
      return 0;
    }
    case USBDEVFS_SUBMITURB:
      return submit(client);
    case USBDEVFS_DISCARDURB:
      return device_->discard(client, plain(client));
    case USBDEVFS_CONTROL:
      return control(client, result);
    case USBDEVFS_CLAIMINTERFACE:
      return claim(client, value<unsigned>(client).value_or(~0U));
    case USBDEVFS_DISCONNECT_CLAIM: {
      const auto wish = value<usbdevfs_disconnect_claim>(client);
      if (!wish) return EFAULT;
      detached_.insert(wish->interface);
      return claim(client, wish->interface);
    }
    case USBDEVFS_RELEASEINTERFACE:
      return device_->release(client, value<unsigned>(client).value_or(~0U));
    case USBDEVFS_CLEAR_HALT:
    case USBDEVFS_RESETEP:
      return device_->clear_halt(static_cast<std::uint8_t>(value<unsigned>(client).value_or(0)));
    case USBDEVFS_RESET:
      return device_->reset();
    case USBDEVFS_SETINTERFACE:
    case USBDEVFS_SETCONFIGURATION:
      return 0;
    case USBDEVFS_GET_SPEED:
      result = device_->identity().megabits > 12 ? high_speed : full_speed;
      return 0;
    case USBDEVFS_GETDRIVER:
      return driver_name(client);
    case USBDEVFS_IOCTL:
      return driver_request(client, result);
    default:
      return ENOTTY;
  }
}

// What the kernel's driver has, it keeps until the program takes it from it.
int Usbfs::claim(const UMockdevIoctlClient *client, unsigned interface) {
  sweep();
  const auto &interfaces = device_->identity().interfaces;
  if (interface < interfaces.size() && interfaces[interface].driver == "usbhid" &&
      !detached_.contains(interface)) {
    return EBUSY;
  }
  return device_->claim(client, interface);
}

int Usbfs::submit(UMockdevIoctlClient *client) {
  auto urb = std::make_shared<ProgramUrb>();
  urb->request = argument(client, sizeof(usbdevfs_urb));
  if (!urb->request) return EFAULT;
  usbdevfs_urb request{};
  std::memcpy(&request, urb->request->data, sizeof request);
  if (request.buffer_length < 0) return EINVAL;
  const auto size = static_cast<std::size_t>(request.buffer_length);
  if (size != 0) {
    urb->memory = resolve(urb->request.get(), offsetof(usbdevfs_urb, buffer), size);
    if (!urb->memory) return EFAULT;
    urb->buffer = {urb->memory->data, size};
  }
  urb->kind = kind_of(request.type);
  urb->endpoint = request.endpoint;
  urb->zero_packet = (request.flags & USBDEVFS_URB_ZERO_PACKET) != 0;
  urb->owner = client;
  urb->tag = plain(client) == 0 ? 0 : urb->request->client_addr;
  return device_->submit(std::move(urb));
}

int Usbfs::reap(UMockdevIoctlClient *client) {
  const Wall end = std::chrono::steady_clock::now() + longest_hold;
  for (;;) {
    std::optional<Wall> due;
    {
      const std::lock_guard lock(mutex_);
      if (const auto urb = std::static_pointer_cast<ProgramUrb>(device_->reap(client))) {
        auto *const request = reinterpret_cast<usbdevfs_urb *>(urb->request->data);
        request->status = urb->status;
        request->actual_length = static_cast<int>(urb->actual);
        const Data where = argument(client, sizeof(void *));
        if (!where) return EFAULT;
        umockdev_ioctl_data_set_ptr(where.get(), 0, urb->request.get());
        return 0;
      }
      if (!device_->plugged()) return ENODEV;
      due = device_->next_due_on_the_wall();
    }
    const Wall now = std::chrono::steady_clock::now();
    if (now >= end) return EAGAIN;
    std::this_thread::sleep_until(std::max(now + shortest_sleep, std::min(due.value_or(end), end)));
  }
}

int Usbfs::control(UMockdevIoctlClient *client, long &result) {
  const Data data = argument(client, sizeof(usbdevfs_ctrltransfer));
  if (!data) return EFAULT;
  usbdevfs_ctrltransfer transfer{};
  std::memcpy(&transfer, data->data, sizeof transfer);
  std::array<std::uint8_t, 8> setup{transfer.bRequestType, transfer.bRequest};
  put_u16(setup, 2, transfer.wValue);
  put_u16(setup, 4, transfer.wIndex);
  put_u16(setup, 6, transfer.wLength);
  Data memory;
  if (transfer.wLength != 0) {
    memory = resolve(data.get(), offsetof(usbdevfs_ctrltransfer, data), transfer.wLength);
    if (!memory) return EFAULT;
  }
  const bool in = (transfer.bRequestType & USB_DIR_IN) != 0;
  const std::span<std::uint8_t> bytes{memory ? memory->data : nullptr, transfer.wLength};
  const std::optional<Bytes> reply =
      device_->control(setup, in ? std::span<std::uint8_t>{} : bytes);
  if (!reply) return EPIPE;
  std::ranges::copy(*reply, bytes.begin());
  result = static_cast<long>(in ? reply->size() : bytes.size());
  return 0;
}

int Usbfs::driver_name(UMockdevIoctlClient *client) {
  const Data data = argument(client, sizeof(usbdevfs_getdriver));
  if (!data) return EFAULT;
  auto *const wish = reinterpret_cast<usbdevfs_getdriver *>(data->data);
  const auto &interfaces = device_->identity().interfaces;
  if (wish->interface >= interfaces.size()) return EINVAL;
  const bool detached = detached_.contains(wish->interface);
  const std::string driver = detached ? "" : interfaces[wish->interface].driver;
  if (driver.empty()) return ENODATA;
  std::memcpy(wish->driver, driver.c_str(), driver.size() + 1);
  return 0;
}

int Usbfs::driver_request(UMockdevIoctlClient *client, long &result) {
  const auto wish = value<usbdevfs_ioctl>(client);
  if (!wish) return EFAULT;
  const auto &interfaces = device_->identity().interfaces;
  if (wish->ifno < 0 || static_cast<std::size_t>(wish->ifno) >= interfaces.size()) return EINVAL;
  const auto code = static_cast<unsigned>(wish->ioctl_code);
  const auto number = static_cast<unsigned>(wish->ifno);
  if (code == USBDEVFS_CONNECT) {
    result = detached_.erase(number) != 0 ? 1 : 0;  // how many drivers took it
    return 0;
  }
  if (code != USBDEVFS_DISCONNECT) return ENOTTY;
  if (interfaces[number].driver.empty() || !detached_.insert(number).second) return ENODATA;
  return 0;
}

}  // namespace virtual_usb
