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

BulkPipe::BulkPipe(usb::Context context, usb::Handle handle, const Interface &interface)
    : context_(std::move(context)), handle_(std::move(handle)), interface_(interface) {}

BulkPipe::~BulkPipe() {
  constexpr auto cancel_limit = 1s;
  std::ranges::move(writes_, std::back_inserter(reads_));
  for (const auto &one : reads_) one->cancel();
  const auto deadline = steady_clock::now() + cancel_limit;
  for (auto &one : reads_) {
    while (!one->over() && steady_clock::now() < deadline) handle_events(10ms, one->completed());
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

UsbStatus BulkPipe::post(Queue &queue, std::uint8_t endpoint, Bytes bytes, Nanoseconds limit) {
  auto one = usb::BulkTransfer::submit(handle_.get(), endpoint, std::move(bytes), limit);
  if (one->over()) return one->result().status;
  queue.push_back(std::move(one));
  return UsbStatus::done;
}

UsbStatus BulkPipe::post_read() {
  constexpr Nanoseconds forever(0);
  return post(reads_, interface_.endpoint_in, Bytes(interface_.packet_size), forever);
}

UsbStatus BulkPipe::check_writes() {
  while (!writes_.empty() && writes_.front()->over()) {
    const usb::BulkTransfer::Owner write = std::move(writes_.front());
    writes_.pop_front();
    const Transfer done = write->result();
    if (done.status != UsbStatus::done) return done.status;
    if (done.length != write->buffer().size()) return UsbStatus::failed;
  }
  return UsbStatus::done;
}

// The next request can be sent while USB is still busy with this one: how that ends is seen later.
UsbStatus BulkPipe::send(std::span<const std::uint8_t> request, Nanoseconds limit) {
  handle_events(Nanoseconds(0), nullptr);
  if (const UsbStatus before = check_writes(); before != UsbStatus::done) return before;
  if (const UsbStatus ready = post_read(); ready != UsbStatus::done) return ready;
  return post(writes_, interface_.endpoint_out, Bytes(request.begin(), request.end()), limit);
}

Transfer BulkPipe::receive(std::span<std::uint8_t> buffer, Nanoseconds limit) {
  if (reads_.empty()) {
    if (const UsbStatus posted = post_read(); posted != UsbStatus::done) return {posted, 0};
  }
  usb::BulkTransfer &read = *reads_.front();
  const auto deadline = steady_clock::now() + limit;
  while (!read.over()) {
    if (const UsbStatus sent = check_writes(); sent != UsbStatus::done) return {sent, 0};
    if (steady_clock::now() >= deadline) return {UsbStatus::timeout, 0};
    handle_events(deadline - steady_clock::now(), read.completed());
  }
  Transfer done = read.result();
  done.length = std::min(done.length, buffer.size());
  std::copy_n(read.buffer().begin(), done.length, buffer.begin());
  reads_.pop_front();
  return done;
}

void BulkPipe::clear_stall() {
  static_cast<void>(libusb_clear_halt(handle_.get(), interface_.endpoint_out));
  static_cast<void>(libusb_clear_halt(handle_.get(), interface_.endpoint_in));
}

}  // namespace flashhost::cmsisdap
