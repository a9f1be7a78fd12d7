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

BulkTransfer::BulkTransfer(libusb_device_handle *handle, std::uint8_t endpoint, Bytes buffer,
                           Nanoseconds limit)
    : buffer_(std::move(buffer)) {
  if (transfer_ == nullptr) {
    submitted_ = LIBUSB_ERROR_NO_MEM;
    return;
  }
  const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(limit).count();
  libusb_fill_bulk_transfer(transfer_.get(), handle, endpoint, buffer_.data(),
                            static_cast<int>(buffer_.size()), &complete, &completed_,
                            static_cast<unsigned>(milliseconds));
  submitted_ = libusb_submit_transfer(transfer_.get());
}

void BulkTransfer::cancel() {
  if (!over()) static_cast<void>(libusb_cancel_transfer(transfer_.get()));
}

Transfer BulkTransfer::result() const {
  if (submitted_ != LIBUSB_SUCCESS) return {status_of(submitted_), 0};
  return {status_of(transfer_->status),
          std::min(static_cast<std::size_t>(transfer_->actual_length), buffer_.size())};
}

void BulkTransfer::discard(std::unique_ptr<BulkTransfer> transfer) {
  if (!transfer->over()) static_cast<void>(transfer.release());  // NOLINT
}

}  // namespace flashhost::usb
