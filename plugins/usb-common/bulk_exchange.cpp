#include "bulk_exchange.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>
#include <vector>

namespace flashhost::usb {

namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

// One transfer, with a buffer of its own: the kernel may use it for longer than the caller waits.
class Flight {
 public:
  // Submits it.
  Flight(libusb_device_handle *handle, std::uint8_t endpoint, Bytes buffer, Nanoseconds limit)
      : buffer_(std::move(buffer)) {
    if (transfer_ == nullptr) {
      submitted_ = LIBUSB_ERROR_NO_MEM;
      return;
    }
    const auto milliseconds =
        std::max(std::chrono::ceil<std::chrono::milliseconds>(limit), std::chrono::milliseconds(1));
    libusb_fill_bulk_transfer(transfer_.get(), handle, endpoint, buffer_.data(),
                              static_cast<int>(buffer_.size()), &Flight::complete, &completed_,
                              static_cast<unsigned>(milliseconds.count()));
    submitted_ = libusb_submit_transfer(transfer_.get());
  }
  Flight(const Flight &) = delete;
  Flight &operator=(const Flight &) = delete;

  [[nodiscard]] bool over() const { return submitted_ != LIBUSB_SUCCESS || completed_ != 0; }
  [[nodiscard]] bool failed() const { return over() && result().status != UsbStatus::done; }
  void cancel() {
    if (!over()) static_cast<void>(libusb_cancel_transfer(transfer_.get()));
  }
  [[nodiscard]] Transfer result() const {
    if (submitted_ != LIBUSB_SUCCESS) return {status_of(submitted_), 0};
    return {status_of(transfer_->status), static_cast<std::size_t>(transfer_->actual_length)};
  }
  [[nodiscard]] const Bytes &buffer() const { return buffer_; }

 private:
  struct Deleter {
    void operator()(libusb_transfer *owned) const { libusb_free_transfer(owned); }
  };
  // Called by libusb.
  static void LIBUSB_CALL complete(libusb_transfer *done) {
    *static_cast<int *>(done->user_data) = 1;
  }

  std::unique_ptr<libusb_transfer, Deleter> transfer_{libusb_alloc_transfer(0)};
  Bytes buffer_;
  int completed_ = 0;
  int submitted_ = LIBUSB_SUCCESS;
};

using Flights = std::vector<std::unique_ptr<Flight>>;

bool all_over(const Flights &flights) {
  return std::ranges::all_of(flights, [](const auto &one) { return one->over(); });
}

void handle_events(libusb_context *context) {
  timeval wait{.tv_sec = 0, .tv_usec = 100'000};
  static_cast<void>(libusb_handle_events_timeout(context, &wait));
}

// Until all are over. libusb ends each after its limit; what it does not end is cancelled then.
void land(libusb_context *context, Flights &flights, Nanoseconds limit) {
  constexpr auto margin = 1s;
  auto deadline = steady_clock::now() + limit + margin;
  while (!all_over(flights) && steady_clock::now() < deadline) {
    if (std::ranges::any_of(flights, [](const auto &one) { return one->failed(); })) break;
    handle_events(context);
  }
  for (const auto &one : flights) one->cancel();
  deadline = steady_clock::now() + margin;
  while (!all_over(flights) && steady_clock::now() < deadline) handle_events(context);
  for (auto &one : flights) {
    // The kernel may still use its buffer.
    if (!one->over()) static_cast<void>(one.release());  // NOLINT
  }
}

}  // namespace

Exchange bulk_exchange(const BulkEndpoints &at,
                       std::span<const std::span<const std::uint8_t>> request,
                       std::span<std::uint8_t> reply, Nanoseconds limit) {
  Flights flights;
  flights.reserve(request.size() + 1);
  for (const auto part : request) {
    if (part.empty()) continue;
    flights.push_back(
        std::make_unique<Flight>(at.handle, at.out, Bytes(part.begin(), part.end()), limit));
  }
  const std::size_t parts = flights.size();
  if (!reply.empty()) {
    flights.push_back(std::make_unique<Flight>(at.handle, at.in, Bytes(reply.size()), limit));
  }
  land(at.context, flights, limit);
  Exchange done;
  for (std::size_t i = 0; i < parts; ++i) {
    if (flights[i] == nullptr) return {{UsbStatus::failed, 0}, {UsbStatus::failed, 0}};
    const Transfer sent = flights[i]->result();
    done.sent.length += sent.length;
    if (sent.status == UsbStatus::done) continue;
    done.sent.status = sent.status;
    return done;
  }
  if (reply.empty()) return done;
  if (flights.back() == nullptr) return {done.sent, {UsbStatus::failed, 0}};
  done.received = flights.back()->result();
  done.received.length = std::min(done.received.length, reply.size());
  std::copy_n(flights.back()->buffer().begin(), done.received.length, reply.begin());
  return done;
}

}  // namespace flashhost::usb
