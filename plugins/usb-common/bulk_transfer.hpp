// One transfer to or from a bulk endpoint, that USB is busy with while its owner goes on.
#pragma once

#include "transfer.hpp"

#include <flashhost/types.hpp>

#include <libusb.h>

#include <cstdint>
#include <memory>
#include <utility>

namespace flashhost::usb {

// It stays where it is, with a buffer of its own: the kernel uses both until it is over.
class BulkTransfer {
  // Frees it, if it is over. Where not, the kernel may still use it: then it is left behind.
  struct Discard {
    void operator()(BulkTransfer *one) const;
  };

 public:
  using Owner = std::unique_ptr<BulkTransfer, Discard>;

  // limit: 0 is none.
  [[nodiscard]] static Owner submit(libusb_device_handle *handle, std::uint8_t endpoint,
                                    Bytes buffer, Nanoseconds limit);
  BulkTransfer(const BulkTransfer &) = delete;
  BulkTransfer &operator=(const BulkTransfer &) = delete;

  // Becomes true while libusb handles events; at once where it could not be submitted.
  [[nodiscard]] bool over() const { return submitted_ != LIBUSB_SUCCESS || completed_ != 0; }
  // For libusb_handle_events_timeout_completed.
  [[nodiscard]] int *completed() { return &completed_; }
  void cancel();
  // Of one that is over. Its length is at most that of its buffer.
  [[nodiscard]] Transfer result() const;
  [[nodiscard]] const Bytes &buffer() const { return buffer_; }

 private:
  explicit BulkTransfer(Bytes buffer) : buffer_(std::move(buffer)) {}
  ~BulkTransfer() = default;

  struct Deleter {
    void operator()(libusb_transfer *owned) const { libusb_free_transfer(owned); }
  };
  std::unique_ptr<libusb_transfer, Deleter> transfer_{libusb_alloc_transfer(0)};
  Bytes buffer_;
  int completed_ = 0;
  int submitted_ = LIBUSB_SUCCESS;
};

}  // namespace flashhost::usb
