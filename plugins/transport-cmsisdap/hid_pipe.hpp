// A probe's HID reports (CMSIS-DAP v1), through hidapi on the kernel's hidraw.
#pragma once

#include "bus.hpp"

#include <hidapi/hidapi.h>

#include <memory>
#include <string>

namespace flashhost::cmsisdap {

class HidPipe final : public Pipe {
 public:
  // node: "/dev/hidraw3". report: bytes of a report. Null: it cannot be opened.
  [[nodiscard]] static std::unique_ptr<HidPipe> open(const std::string &node, std::size_t report);

  [[nodiscard]] UsbStatus send(std::span<const std::uint8_t> request, Nanoseconds limit) override;
  [[nodiscard]] Transfer receive(std::span<std::uint8_t> buffer, Nanoseconds limit) override;
  void clear_stall() override {}
  [[nodiscard]] std::size_t packet_size() const override { return report_; }
  [[nodiscard]] bool padded() const override { return true; }

 private:
  struct DeviceDeleter {
    void operator()(hid_device *device) const { hid_close(device); }
  };
  using Device = std::unique_ptr<hid_device, DeviceDeleter>;

  HidPipe(Device device, std::string node, std::size_t report)
      : device_(std::move(device)), node_(std::move(node)), report_(report) {}
  // hidapi tells no reasons.
  [[nodiscard]] UsbStatus failure() const;

  Device device_;
  std::string node_;
  std::size_t report_;
};

}  // namespace flashhost::cmsisdap
