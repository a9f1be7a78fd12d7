// Requests on a device node (linux/usbdevice_fs.h), as umockdev hands them over, to a UsbDevice.
#pragma once

#include "client_data.hpp"
#include "usb_device.hpp"

#include <exception>
#include <memory>
#include <mutex>
#include <set>
#include <utility>
#include <vector>

namespace virtual_usb {

// The requests on one device node. Called on the bus's thread.
class Usbfs {
 public:
  Usbfs(std::shared_ptr<UsbDevice> device, std::mutex &mutex)
      : device_(std::move(device)), mutex_(mutex) {}

  // Completes the client's request; at the latest after a millisecond.
  void handle(UMockdevIoctlClient *client);
  void opened(UMockdevIoctlClient *client);
  // With the mutex held: lets go of what programs claimed that have closed the device since. How
  // many have it open.
  std::size_t sweep();
  // A defect of the model that came up meanwhile; with the mutex held.
  [[nodiscard]] std::exception_ptr take_failure() { return std::exchange(failure_, nullptr); }

 private:
  [[nodiscard]] int claim(const UMockdevIoctlClient *client, unsigned interface);
  [[nodiscard]] int answer(UMockdevIoctlClient *client, long &result);
  [[nodiscard]] int submit(UMockdevIoctlClient *client);
  [[nodiscard]] int reap(UMockdevIoctlClient *client);
  [[nodiscard]] int control(UMockdevIoctlClient *client, long &result);
  [[nodiscard]] int driver_request(UMockdevIoctlClient *client, long &result);
  [[nodiscard]] int driver_name(UMockdevIoctlClient *client);

  std::shared_ptr<UsbDevice> device_;
  std::mutex &mutex_;
  std::vector<Client> clients_;
  std::set<unsigned> detached_;  // interfaces that the kernel's driver was taken from
  std::exception_ptr failure_;
};

}  // namespace virtual_usb
