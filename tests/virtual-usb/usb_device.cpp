#include "usb_device.hpp"

#include "wire_cost.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <utility>

namespace virtual_usb {

namespace {

namespace cost = flashhost::sim;
using namespace std::chrono_literals;

constexpr std::size_t setup_size = 8;
constexpr std::size_t one_packet = 64;
constexpr int high_speed_gain = 8;  // micro frames in a frame
constexpr Nanoseconds frame = 1ms;
constexpr std::uint8_t from_device = 0x80;
constexpr std::uint8_t type_mask = 0x60;  // 0: standard

// Of a fault that happens once: whether it is its turn.
bool strikes(std::uint64_t &at, std::uint64_t now) {
  if (at == 0 || now < at) return false;
  at = 0;
  return true;
}

bool fits(const Urb &urb, const Endpoint &endpoint) {
  const bool bulk = endpoint.kind == EndpointKind::bulk;
  return urb.kind == (bulk ? Urb::Kind::bulk : Urb::Kind::interrupt);
}

}  // namespace

UsbDevice::UsbDevice(UsbIdentity identity, std::unique_ptr<Function> function,
                     const UsbFaults &faults, flashhost::machine::Target &target, ModelClock &clock,
                     UsbTraffic &traffic, std::uint64_t seed)
    : faults_(faults),
      identity_(std::move(identity)),
      target_(target),
      clock_(clock),
      traffic_(traffic),
      function_(std::move(function)),
      random_(seed),
      owners_(identity_.interfaces.size()) {
  for (const Endpoint &one : identity_.endpoints) pipes_[one.address] = {one, {}};
}

void UsbDevice::advance_to(Nanoseconds time) {
  if (time > target_.now()) target_.advance(time - target_.now());
}

void UsbDevice::catch_up() {
  now_ = clock_.now();
  advance_to(now_);
}

// When a transfer begins that the program asks for now.
Nanoseconds UsbDevice::start() const {
  return identity_.overlaps ? now_ : std::max(now_, target_.now());
}

Nanoseconds UsbDevice::end_of(const Pipe &pipe, Nanoseconds from, std::size_t bytes) const {
  const int gain = identity_.megabits > 12 ? high_speed_gain : 1;
  if (pipe.endpoint.kind == EndpointKind::interrupt) {  // one report in each frame
    const Nanoseconds slot = frame / gain;
    return std::max((from / slot + 1) * slot, pipe.last + slot);
  }
  const Nanoseconds payload = cost::usb_payload_time(bytes);
  const Nanoseconds latency = cost::usb_pair / 2;
  const Nanoseconds alone = latency + (bytes > one_packet ? payload : Nanoseconds::zero());
  return std::max(from + alone / gain, pipe.last + payload / gain);
}

void UsbDevice::finish(const std::shared_ptr<Urb> &urb, int status, std::size_t actual,
                       Nanoseconds due) {
  urb->status = status;
  urb->actual = actual;
  const auto later = std::ranges::upper_bound(finished_, due, {}, &Finished::due);
  finished_.insert(later, {urb, due});
}

void UsbDevice::unplug() {
  plugged_ = false;
  unplugged_at_ = now_;
  ++traffic_.unplugged;
  target_.set_nrst(1);
  for (const Finished &entry : finished_) {
    entry.urb->status = -ESHUTDOWN;
    entry.urb->actual = 0;
  }
  for (const auto &urb : waiting_) {
    finish(urb, -ESHUTDOWN, 0, std::max(now_, target_.now()));
  }
  waiting_.clear();
}

int UsbDevice::submit(std::shared_ptr<Urb> urb) {
  if (!plugged_) return ENODEV;
  if (urb->kind == Urb::Kind::control) {
    catch_up();
    submit_control(urb);
    move_on();
    clock_.computed(target_.now());
    return 0;
  }
  const auto pipe = pipes_.find(urb->endpoint);
  if (pipe == pipes_.end() || !fits(*urb, pipe->second.endpoint)) return ENOENT;
  catch_up();
  ++traffic_.bulk_transfers;
  if (!traffic_.first && !pipe->second.endpoint.in()) traffic_.first = now_;
  if (faults_.unplug_at == traffic_.bulk_transfers) {
    waiting_.push_back(std::move(urb));
    unplug();
    return 0;
  }
  if (faults_.stall_at == traffic_.bulk_transfers) halted_.insert(urb->endpoint);
  if (halted_.contains(urb->endpoint)) {
    const Nanoseconds due = end_of(pipe->second, start(), 0);
    if (!identity_.overlaps) advance_to(due);
    answer(urb, -EPIPE, 0, due);
  } else {
    waiting_.push_back(std::move(urb));
  }
  move_on();
  clock_.computed(target_.now());
  return 0;
}

void UsbDevice::submit_control(const std::shared_ptr<Urb> &urb) {
  ++traffic_.control_transfers;
  const int gain = identity_.megabits > 12 ? high_speed_gain : 1;
  advance_to(start() + cost::usb_pair / gain);
  const Nanoseconds due = target_.now();
  if (urb->buffer.size() < setup_size) return answer(urb, -EPIPE, 0, due);
  const std::span<std::uint8_t> data = urb->buffer.subspan(setup_size);
  const bool in = (urb->buffer[0] & from_device) != 0;
  const std::optional<Bytes> reply =
      control(urb->buffer.first(setup_size), in ? std::span<std::uint8_t>{} : data);
  if (!reply) return answer(urb, -EPIPE, 0, due);
  const std::size_t count = std::min(reply->size(), data.size());
  std::copy_n(reply->begin(), count, data.begin());
  answer(urb, 0, in ? count : data.size(), due);
}

// All that can be done now: a reply that is fetched may make room for a request that waits.
void UsbDevice::move_on() {
  for (bool again = true; again;) {
    again = false;
    std::set<std::uint8_t> blocked;
    for (auto next = waiting_.begin(); next != waiting_.end();) {
      const std::shared_ptr<Urb> urb = *next;
      if (!blocked.contains(urb->endpoint) && serve(urb)) {
        next = waiting_.erase(next);
        again = true;
      } else {
        blocked.insert(urb->endpoint);
        ++next;
      }
    }
  }
}

bool UsbDevice::serve(const std::shared_ptr<Urb> &urb) {
  Pipe &pipe = pipes_.at(urb->endpoint);
  return pipe.endpoint.in() ? serve_in(urb, pipe) : serve_out(urb, pipe);
}

bool UsbDevice::serve_out(const std::shared_ptr<Urb> &urb, Pipe &pipe) {
  const std::size_t size = urb->buffer.size();
  const std::optional<Nanoseconds> due =
      function_->accepts(urb->endpoint, end_of(pipe, start(), size));
  if (!due) return false;
  pipe.last = *due;
  traffic_.bytes_out += size;
  advance_to(*due);
  answer(urb, 0, size, *due);
  function_->receive(urb->endpoint, urb->buffer, *due);
  if (urb->zero_packet && size != 0 && size % pipe.endpoint.packet == 0) {
    function_->receive(urb->endpoint, {}, *due);
  }
  return true;
}

bool UsbDevice::serve_in(const std::shared_ptr<Urb> &urb, Pipe &pipe) {
  while (function_->reply(urb->endpoint)) {
    if (hold_reply(urb->endpoint)) return false;
    const std::optional<Reply> reply = function_->reply(urb->endpoint);
    if (reply && deliver(urb, pipe, *reply)) return true;
  }
  return false;
}

// The faults of the next reply. True: it is not to be delivered now.
bool UsbDevice::hold_reply(std::uint8_t endpoint) {
  const std::uint64_t now = traffic_.bulk_transfers;
  if (strikes(faults_.no_reply_at, now)) {
    static_cast<void>(function_->take(endpoint, 0, target_.now()));
  }
  if (strikes(faults_.late_reply_at, now)) reply_from_ = target_.now() + faults_.late_by;
  if (reply_from_ && now_ < *reply_from_) return true;
  reply_from_.reset();
  return false;
}

// False: the transfer goes on, as nothing tells the host that it is over.
bool UsbDevice::deliver(const std::shared_ptr<Urb> &urb, Pipe &pipe, const Reply &reply) {
  const std::uint64_t now = traffic_.bulk_transfers;
  const std::size_t before = urb->actual;
  const std::size_t room = urb->buffer.size() - before;
  const bool overflow = reply.size > room;
  const Nanoseconds due = end_of(pipe, std::max(start(), reply.ready), std::min(room, reply.size));
  Bytes bytes = function_->take(urb->endpoint, room, due);
  if (strikes(faults_.short_reply_at, now)) bytes.resize(bytes.size() / 2);
  if (strikes(faults_.garbage_reply_at, now)) {
    for (std::uint8_t &byte : bytes) byte = static_cast<std::uint8_t>(random_());
  }
  std::ranges::copy(bytes, urb->buffer.begin() + static_cast<std::ptrdiff_t>(before));
  traffic_.bytes_in += bytes.size();
  pipe.last = due;
  if (!identity_.overlaps) advance_to(due);
  urb->actual = before + bytes.size();
  const bool ends = identity_.zero_packets && pipe.endpoint.kind == EndpointKind::bulk;
  if (!ends && urb->actual % pipe.endpoint.packet == 0 && urb->actual < urb->buffer.size()) {
    return false;
  }
  answer(urb, overflow ? -EOVERFLOW : 0, urb->actual, due);
  return true;
}

int UsbDevice::discard(const void *owner, std::uint64_t tag) {
  const auto found = std::ranges::find_if(
      waiting_, [&](const auto &urb) { return urb->owner == owner && urb->tag == tag; });
  if (found == waiting_.end()) return EINVAL;  // it is finished, or nearly
  const std::shared_ptr<Urb> urb = std::move(*found);
  waiting_.erase(found);
  finish(urb, -ENOENT, urb->actual, clock_.now());
  return 0;
}

std::shared_ptr<Urb> UsbDevice::reap(const void *owner) {
  const bool something = std::ranges::any_of(waiting_, [&](const auto &urb) {
    return (urb->endpoint & from_device) != 0 && function_->reply(urb->endpoint);
  });
  if (plugged_ && something) {
    catch_up();
    move_on();
    clock_.computed(target_.now());
  }
  const auto found =
      std::ranges::find(finished_, owner, [](const Finished &entry) { return entry.urb->owner; });
  if (found == finished_.end() || (plugged_ && found->due > clock_.now())) return {};
  std::shared_ptr<Urb> urb = std::move(found->urb);
  if (urb->status == 0 && urb->kind != Urb::Kind::control) {
    traffic_.last = std::max(traffic_.last, found->due);
  }
  finished_.erase(found);
  return urb;
}

std::optional<Nanoseconds> UsbDevice::next_due() const {
  if (!finished_.empty()) return finished_.front().due;
  return reply_from_;
}

std::optional<Wall> UsbDevice::next_due_on_the_wall() const {
  const auto due = next_due();
  return due ? std::optional(clock_.wall_of(*due)) : std::nullopt;
}

int UsbDevice::claim(const void *owner, unsigned interface) {
  if (!plugged_) return ENODEV;
  if (interface >= owners_.size()) return EINVAL;
  if (faults_.busy || (owners_[interface] != nullptr && owners_[interface] != owner)) return EBUSY;
  owners_[interface] = owner;
  return 0;
}

int UsbDevice::release(const void *owner, unsigned interface) {
  if (!plugged_) return ENODEV;
  if (interface >= owners_.size() || owners_[interface] != owner) return EINVAL;
  owners_[interface] = nullptr;
  return 0;
}

int UsbDevice::clear_halt(std::uint8_t endpoint) {
  if (!plugged_) return ENODEV;
  halted_.erase(endpoint);
  return 0;
}

int UsbDevice::reset() {
  if (!plugged_) return ENODEV;
  ++traffic_.resets;
  halted_.clear();
  reply_from_.reset();
  function_->usb_reset();
  return 0;
}

void UsbDevice::closed(const void *owner) {
  for (const void *&claimed : owners_) {
    if (claimed == owner) claimed = nullptr;
  }
  std::erase_if(waiting_, [&](const auto &urb) { return urb->owner == owner; });
  std::erase_if(finished_, [&](const Finished &entry) { return entry.urb->owner == owner; });
}

std::optional<Bytes> UsbDevice::control(std::span<const std::uint8_t> setup,
                                        std::span<const std::uint8_t> data) {
  std::optional<Bytes> reply = (setup[0] & type_mask) == 0 ? standard_request(identity_, setup)
                                                           : function_->control(setup, data);
  if (reply) reply->resize(std::min<std::size_t>(reply->size(), get_u16(setup, 6)));
  return reply;
}

}  // namespace virtual_usb
