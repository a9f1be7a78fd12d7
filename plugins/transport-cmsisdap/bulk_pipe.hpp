// A probe's bulk endpoints (CMSIS-DAP v2), through libusb.
#pragma once

#include "bus.hpp"

#include <usb-common/bulk_transfer.hpp>
#include <usb-common/libusb_device.hpp>

#include <deque>
#include <memory>

namespace flashhost::cmsisdap {

class BulkPipe final : public Pipe {
 public:
  // The interface is claimed.
  BulkPipe(usb::Context context, usb::Handle handle, const Interface &interface);
  BulkPipe(const BulkPipe &) = delete;
  BulkPipe &operator=(const BulkPipe &) = delete;
  ~BulkPipe() override;

  [[nodiscard]] UsbStatus send(std::span<const std::uint8_t> request, Nanoseconds limit) override;
  [[nodiscard]] Transfer receive(std::span<std::uint8_t> buffer, Nanoseconds limit) override;
  void clear_stall() override;
  [[nodiscard]] std::size_t packet_size() const override { return interface_.packet_size; }
  [[nodiscard]] bool padded() const override { return false; }

 private:
  using Queue = std::deque<usb::BulkTransfer::Owner>;

  [[nodiscard]] UsbStatus post(Queue &queue, std::uint8_t endpoint, Bytes bytes, Nanoseconds limit);
  [[nodiscard]] UsbStatus post_read();
  // Forgets the requests that have been sent. done, or how one of them failed.
  [[nodiscard]] UsbStatus check_writes();
  void handle_events(Nanoseconds limit, int *completed);

  usb::Context context_;
  usb::Handle handle_;
  Interface interface_;
  // One for each request whose response was not received: so the probe can get rid of its responses
  // while further requests are sent, and a response that comes too late is kept for the next
  // receive.
  Queue reads_;
  Queue writes_;
};

}  // namespace flashhost::cmsisdap
