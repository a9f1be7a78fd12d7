#include "bulk_transfer.hpp"

#include "libusb_device.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace flashhost::usb {

namespace {

// Called by libusb.
void LIBUSB_CALL complete(libusb_transfer *done) {
  *static_cast<int *>(done->user_data) = 1;
}

}  // namespace

void BulkTransfer::Discard::operator()(BulkTransfer *one) const {
  if (one->over()) delete one;  // NOLINT(cppcoreguidelines-owning-memory)
}

BulkTransfer::Owner BulkTransfer::submit(libusb_device_handle *handle, std::uint8_t endpoint,
                                         Bytes buffer, Nanoseconds limit) {
  Owner owner(new BulkTransfer(std::move(buffer)));
  BulkTransfer &one = *owner;
  if (one.transfer_ == nullptr) {
    one.submitted_ = LIBUSB_ERROR_NO_MEM;
    return owner;
  }
  const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(limit).count();
  libusb_fill_bulk_transfer(one.transfer_.get(), handle, endpoint, one.buffer_.data(),
                            static_cast<int>(one.buffer_.size()), &complete, &one.completed_,
                            static_cast<unsigned>(milliseconds));
  one.submitted_ = libusb_submit_transfer(one.transfer_.get());
  return owner;
}

void BulkTransfer::cancel() {
  if (!over()) static_cast<void>(libusb_cancel_transfer(transfer_.get()));
}

Transfer BulkTransfer::result() const {
  if (submitted_ != LIBUSB_SUCCESS) return {status_of(submitted_), 0};
  return {status_of(transfer_->status),
          std::min(static_cast<std::size_t>(transfer_->actual_length), buffer_.size())};
}

}  // namespace flashhost::usb
