#include "bulk_pipe.hpp"

#include <algorithm>
#include <chrono>

namespace flashhost::cmsisdap {

namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

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
    default:
      return UsbStatus::failed;
  }
}

}  // namespace

struct BulkPipe::Read {
  struct Deleter {
    void operator()(libusb_transfer *owned) const { libusb_free_transfer(owned); }
  };
  std::unique_ptr<libusb_transfer, Deleter> transfer{libusb_alloc_transfer(0)};
  Bytes buffer;
  int completed = 0;

  // Called by libusb.
  static void complete(libusb_transfer *done) { *static_cast<int *>(done->user_data) = 1; }
};

BulkPipe::BulkPipe(usb::Context context, usb::Handle handle, const Interface &interface)
    : context_(std::move(context)), handle_(std::move(handle)), interface_(interface) {}

BulkPipe::~BulkPipe() {
  constexpr auto cancel_limit = 1s;
  for (const auto &read : reads_) static_cast<void>(libusb_cancel_transfer(read->transfer.get()));
  const auto deadline = steady_clock::now() + cancel_limit;
  for (auto &read : reads_) {
    while (read->completed == 0 && steady_clock::now() < deadline) {
      handle_events(10ms, &read->completed);
    }
    // The kernel may still write into it.
    if (read->completed == 0) static_cast<void>(read.release());  // NOLINT
  }
  static_cast<void>(libusb_release_interface(handle_.get(), interface_.number));
}

void BulkPipe::handle_events(Nanoseconds limit, int *completed) {
  const auto time = std::chrono::ceil<std::chrono::microseconds>(std::max(limit, Nanoseconds(0)));
  constexpr std::chrono::microseconds::rep second = 1'000'000;
  timeval wait{};
  wait.tv_sec = static_cast<decltype(wait.tv_sec)>(time.count() / second);
  wait.tv_usec = static_cast<decltype(wait.tv_usec)>(time.count() % second);
  static_cast<void>(libusb_handle_events_timeout_completed(context_.get(), &wait, completed));
}

int BulkPipe::post_read() {
  auto read = std::make_unique<Read>();
  if (read->transfer == nullptr) return LIBUSB_ERROR_NO_MEM;
  read->buffer.resize(interface_.packet_size);
  libusb_fill_bulk_transfer(read->transfer.get(), handle_.get(), interface_.endpoint_in,
                            read->buffer.data(), static_cast<int>(read->buffer.size()),
                            &Read::complete, &read->completed, 0);
  const int result = libusb_submit_transfer(read->transfer.get());
  if (result == LIBUSB_SUCCESS) reads_.push_back(std::move(read));
  return result;
}

UsbStatus BulkPipe::send(std::span<const std::uint8_t> request, Nanoseconds limit) {
  const int posted = post_read();
  if (posted != LIBUSB_SUCCESS) return usb::status_of(posted);
  // libusb does not write into the buffer of an OUT transfer.
  auto *bytes = const_cast<std::uint8_t *>(request.data());  // NOLINT
  const Transfer sent =
      usb::bulk_transfer(handle_.get(), interface_.endpoint_out, {bytes, request.size()}, limit);
  const bool partly = sent.status == UsbStatus::done && sent.length != request.size();
  return partly ? UsbStatus::failed : sent.status;
}

Transfer BulkPipe::receive(std::span<std::uint8_t> buffer, Nanoseconds limit) {
  if (reads_.empty()) {
    const int posted = post_read();
    if (posted != LIBUSB_SUCCESS) return {usb::status_of(posted), 0};
  }
  Read &read = *reads_.front();
  const auto deadline = steady_clock::now() + limit;
  while (read.completed == 0 && steady_clock::now() < deadline) {
    handle_events(deadline - steady_clock::now(), &read.completed);
  }
  if (read.completed == 0) return {UsbStatus::timeout, 0};
  const auto length =
      std::min(static_cast<std::size_t>(read.transfer->actual_length), buffer.size());
  const UsbStatus status = status_of(read.transfer->status);
  std::copy_n(read.buffer.begin(), length, buffer.begin());
  reads_.pop_front();
  return {status, length};
}

void BulkPipe::clear_stall() {
  static_cast<void>(libusb_clear_halt(handle_.get(), interface_.endpoint_out));
  static_cast<void>(libusb_clear_halt(handle_.get(), interface_.endpoint_in));
}

}  // namespace flashhost::cmsisdap
