// A node /dev/hidrawN: what the kernel's HID driver does for programs. Reports of the device come
// through a FIFO, so that programs can wait for them by poll(); what they write comes as requests
// through umockdev.
#pragma once

#include "client_data.hpp"
#include "usb_device.hpp"

#include <flashhost/descriptor.hpp>

#include <condition_variable>
#include <exception>
#include <filesystem>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace virtual_usb {

class Hidraw {
 public:
  // The device has a HID interface with an interrupt IN endpoint. Makes the FIFO, which becomes the
  // node when it is moved there.
  Hidraw(std::shared_ptr<UsbDevice> device, std::mutex &mutex, std::size_t interface,
         const std::filesystem::path &fifo);
  ~Hidraw();
  Hidraw(const Hidraw &) = delete;
  Hidraw &operator=(const Hidraw &) = delete;

  // On the bus's thread. Read: false, if the program shall read from the FIFO.
  void ioctl(UMockdevIoctlClient *client);
  [[nodiscard]] bool read(UMockdevIoctlClient *client);
  void write(UMockdevIoctlClient *client);
  void opened(UMockdevIoctlClient *client);
  void stop();  // the thread; without the mutex
  // With the mutex held, as those of Usbfs.
  std::size_t sweep();
  [[nodiscard]] std::exception_ptr take_failure() { return std::exchange(failure_, nullptr); }

 private:
  struct ReportUrb;
  void run(const std::stop_token &stop);
  void turn();
  void fetch();
  void finished(ReportUrb &urb);
  void hand_over(std::span<const std::uint8_t> report) const;
  void drop_reports() const;
  [[nodiscard]] int submit(UMockdevIoctlClient *client);
  [[nodiscard]] int answer(UMockdevIoctlClient *client, long &result) const;

  std::shared_ptr<UsbDevice> device_;
  std::mutex &mutex_;
  std::condition_variable_any changed_;
  std::size_t interface_;
  Endpoint in_;
  std::optional<Endpoint> out_;
  flashhost::Descriptor fifo_;
  std::vector<Client> clients_;
  bool fetching_ = false;
  bool gone_ = false;
  std::exception_ptr failure_;
  std::jthread thread_;  // the last: it uses the others
};

}  // namespace virtual_usb
