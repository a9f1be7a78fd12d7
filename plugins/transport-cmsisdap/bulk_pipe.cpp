#include "bulk_pipe.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

namespace flashhost::cmsisdap {

namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

}  // namespace

struct BulkPipe::Pending {
  struct Deleter {
    void operator()(libusb_transfer *owned) const { libusb_free_transfer(owned); }
  };
  std::unique_ptr<libusb_transfer, Deleter> transfer{libusb_alloc_transfer(0)};
  Bytes buffer;
  int completed = 0;

  // Called by libusb.
  static void complete(libusb_transfer *done) { *static_cast<int *>(done->user_data) = 1; }

  [[nodiscard]] std::size_t length() const {
    return std::min(static_cast<std::size_t>(transfer->actual_length), buffer.size());
  }
};

BulkPipe::BulkPipe(usb::Context context, usb::Handle handle, const Interface &interface)
    : context_(std::move(context)), handle_(std::move(handle)), interface_(interface) {}

BulkPipe::~BulkPipe() {
  constexpr auto cancel_limit = 1s;
  std::ranges::move(writes_, std::back_inserter(reads_));
  for (const auto &one : reads_) static_cast<void>(libusb_cancel_transfer(one->transfer.get()));
  const auto deadline = steady_clock::now() + cancel_limit;
  for (auto &one : reads_) {
    while (one->completed == 0 && steady_clock::now() < deadline) {
      handle_events(10ms, &one->completed);
    }
    // The kernel may still use its buffer.
    if (one->completed == 0) static_cast<void>(one.release());  // NOLINT
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

int BulkPipe::post(Queue &queue, std::uint8_t endpoint, Bytes bytes, Nanoseconds limit) {
  auto pending = std::make_unique<Pending>();
  if (pending->transfer == nullptr) return LIBUSB_ERROR_NO_MEM;
  pending->buffer = std::move(bytes);
  const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(limit).count();
  libusb_fill_bulk_transfer(pending->transfer.get(), handle_.get(), endpoint,
                            pending->buffer.data(), static_cast<int>(pending->buffer.size()),
                            &Pending::complete, &pending->completed,
                            static_cast<unsigned>(milliseconds));
  const int result = libusb_submit_transfer(pending->transfer.get());
  if (result == LIBUSB_SUCCESS) queue.push_back(std::move(pending));
  return result;
}

int BulkPipe::post_read() {
  constexpr Nanoseconds forever(0);
  return post(reads_, interface_.endpoint_in, Bytes(interface_.packet_size), forever);
}

UsbStatus BulkPipe::check_writes() {
  while (!writes_.empty() && writes_.front()->completed != 0) {
    const std::unique_ptr<Pending> write = std::move(writes_.front());
    writes_.pop_front();
    const UsbStatus status = usb::status_of(write->transfer->status);
    if (status != UsbStatus::done) return status;
    if (write->length() != write->buffer.size()) return UsbStatus::failed;
  }
  return UsbStatus::done;
}

// The next request can be sent while USB is still busy with this one: how that ends is seen later.
UsbStatus BulkPipe::send(std::span<const std::uint8_t> request, Nanoseconds limit) {
  handle_events(Nanoseconds(0), nullptr);
  if (const UsbStatus before = check_writes(); before != UsbStatus::done) return before;
  const int ready = post_read();
  if (ready != LIBUSB_SUCCESS) return usb::status_of(ready);
  return usb::status_of(
      post(writes_, interface_.endpoint_out, Bytes(request.begin(), request.end()), limit));
}

Transfer BulkPipe::receive(std::span<std::uint8_t> buffer, Nanoseconds limit) {
  if (reads_.empty()) {
    const int posted = post_read();
    if (posted != LIBUSB_SUCCESS) return {usb::status_of(posted), 0};
  }
  Pending &read = *reads_.front();
  const auto deadline = steady_clock::now() + limit;
  while (read.completed == 0) {
    if (const UsbStatus sent = check_writes(); sent != UsbStatus::done) return {sent, 0};
    if (steady_clock::now() >= deadline) return {UsbStatus::timeout, 0};
    handle_events(deadline - steady_clock::now(), &read.completed);
  }
  const std::size_t length = std::min(read.length(), buffer.size());
  const UsbStatus status = usb::status_of(read.transfer->status);
  std::copy_n(read.buffer.begin(), length, buffer.begin());
  reads_.pop_front();
  return {status, length};
}

void BulkPipe::clear_stall() {
  static_cast<void>(libusb_clear_halt(handle_.get(), interface_.endpoint_out));
  static_cast<void>(libusb_clear_halt(handle_.get(), interface_.endpoint_in));
}

}  // namespace flashhost::cmsisdap
