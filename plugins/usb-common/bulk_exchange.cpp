#include "bulk_exchange.hpp"

#include "bulk_transfer.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>
#include <vector>

namespace flashhost::usb {

namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

using Transfers = std::vector<BulkTransfer::Owner>;

bool has_failed(const BulkTransfer::Owner &one) {
  return one->over() && one->result().status != UsbStatus::done;
}

bool all_over(const Transfers &transfers) {
  return std::ranges::all_of(transfers, [](const auto &one) { return one->over(); });
}

void handle_events(libusb_context *context) {
  timeval wait{.tv_sec = 0, .tv_usec = 100'000};
  static_cast<void>(libusb_handle_events_timeout(context, &wait));
}

// Until all are over. libusb ends each after its limit; what it does not end is cancelled then.
void finish(libusb_context *context, Transfers &transfers, Nanoseconds limit) {
  constexpr auto margin = 1s;
  auto deadline = steady_clock::now() + limit + margin;
  while (!all_over(transfers) && steady_clock::now() < deadline) {
    if (std::ranges::any_of(transfers, has_failed)) break;
    handle_events(context);
  }
  for (const auto &one : transfers) one->cancel();
  deadline = steady_clock::now() + margin;
  while (!all_over(transfers) && steady_clock::now() < deadline) handle_events(context);
}

}  // namespace

Exchange bulk_exchange(const BulkEndpoints &at,
                       std::span<const std::span<const std::uint8_t>> request,
                       std::span<std::uint8_t> reply, Nanoseconds limit) {
  const Nanoseconds each = std::max(limit, Nanoseconds(1ms));
  Transfers transfers;
  transfers.reserve(request.size() + 1);
  for (const auto part : request) {
    if (part.empty()) continue;
    transfers.push_back(
        BulkTransfer::submit(at.handle, at.out, Bytes(part.begin(), part.end()), each));
  }
  const std::size_t parts = transfers.size();
  if (!reply.empty()) {
    transfers.push_back(BulkTransfer::submit(at.handle, at.in, Bytes(reply.size()), each));
  }
  finish(at.context, transfers, each);
  Exchange done;
  for (std::size_t i = 0; i < parts; ++i) {
    if (!transfers[i]->over()) return {{UsbStatus::failed, 0}, {UsbStatus::failed, 0}};
    const Transfer sent = transfers[i]->result();
    done.sent.length += sent.length;
    if (sent.status == UsbStatus::done) continue;
    done.sent.status = sent.status;
    return done;
  }
  if (reply.empty()) return done;
  if (!transfers.back()->over()) return {done.sent, {UsbStatus::failed, 0}};
  done.received = transfers.back()->result();
  done.received.length = std::min(done.received.length, reply.size());
  std::copy_n(transfers.back()->buffer().begin(), done.received.length, reply.begin());
  return done;
}

}  // namespace flashhost::usb
