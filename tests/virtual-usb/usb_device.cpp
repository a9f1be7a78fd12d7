#include "usb_device.hpp"

#include "wire_cost.hpp"

#include <algorithm>
#include <cerrno>

namespace virtual_stlink {

namespace {

namespace cost = flashhost::sim;

constexpr std::size_t setup_size = 8;
constexpr std::size_t one_packet = 64;
constexpr int high_speed_gain = 8;  // micro frames in a frame

// Of a fault that happens once: whether it is its turn.
bool strikes(std::uint64_t &at, std::uint64_t now) {
  if (at == 0 || now < at) return false;
  at = 0;
  return true;
}

}  // namespace

UsbDevice::UsbDevice(const FirmwareConfig &config, const UsbFaults &faults,
                     flashhost::machine::Target &target, ModelClock &clock, UsbTraffic &traffic)
    : faults_(faults),
      identity_(usb_identity(config)),
      target_(target),
      clock_(clock),
      traffic_(traffic),
      firmware_(config, target),
      random_(config.seed),
      owners_(identity_.interfaces.size()) {}

void UsbDevice::catch_up() {
  const Nanoseconds idle = clock_.now() - target_.now();
  if (idle > Nanoseconds::zero()) target_.advance(idle);
}

Nanoseconds UsbDevice::transfer_time(std::size_t bytes) const {
  Nanoseconds time = cost::usb_pair / 2;
  if (bytes > one_packet) time += cost::usb_payload_time(bytes);
  return identity_.megabits > 12 ? time / high_speed_gain : time;
}

void UsbDevice::finish(const std::shared_ptr<Urb> &urb, int status, std::size_t actual) {
  urb->status = status;
  urb->actual = actual;
  finished_.push_back({urb, target_.now()});
}

void UsbDevice::unplug() {
  plugged_ = false;
  unplugged_at_ = clock_.now();
  ++traffic_.unplugged;
  target_.set_nrst(1);
  for (const Finished &entry : finished_) {
    entry.urb->status = -ESHUTDOWN;
    entry.urb->actual = 0;
  }
  for (const auto &urb : waiting_) finish(urb, -ESHUTDOWN, 0);
  waiting_.clear();
}

int UsbDevice::submit(std::shared_ptr<Urb> urb) {
  if (!plugged_) return ENODEV;
  if (urb->kind == Urb::Kind::control) {
    catch_up();
    submit_control(urb);
    clock_.computed(target_.now());
    return 0;
  }
  const bool out = urb->endpoint == identity_.bulk_out;
  if (urb->kind != Urb::Kind::bulk ||
      (!out && urb->endpoint != identity_.bulk_in && urb->endpoint != identity_.trace_in)) {
    return ENOENT;
  }
  catch_up();
  ++traffic_.bulk_transfers;
  if (faults_.unplug_at == traffic_.bulk_transfers) {
    waiting_.push_back(std::move(urb));
    unplug();
    return 0;
  }
  if (faults_.stall_at == traffic_.bulk_transfers) halted_.insert(urb->endpoint);
  if (halted_.contains(urb->endpoint)) {
    target_.advance(transfer_time(0));
    finish(urb, -EPIPE, 0);
  } else if (out) {
    submit_out(urb);
  } else {
    waiting_.push_back(std::move(urb));
  }
  answer_waiting();
  clock_.computed(target_.now());
  return 0;
}

void UsbDevice::submit_control(const std::shared_ptr<Urb> &urb) {
  ++traffic_.control_transfers;
  target_.advance(transfer_time(0) * 2);
  if (urb->buffer.size() < setup_size) return finish(urb, -EPIPE, 0);
  const std::optional<Bytes> reply = control(urb->buffer);
  if (!reply) return finish(urb, -EPIPE, 0);
  const std::size_t count = std::min(reply->size(), urb->buffer.size() - setup_size);
  std::copy_n(reply->begin(), count, urb->buffer.begin() + setup_size);
  finish(urb, 0, count);
}

void UsbDevice::submit_out(const std::shared_ptr<Urb> &urb) {
  traffic_.bytes_out += urb->buffer.size();
  target_.advance(transfer_time(urb->buffer.size()));
  finish(urb, 0, urb->buffer.size());
  firmware_.receive(urb->buffer);
}

// The faults of the next reply. True: it is not to be delivered now.
bool UsbDevice::hold_reply() {
  const std::uint64_t now = traffic_.bulk_transfers;
  if (strikes(faults_.no_reply_at, now)) static_cast<void>(firmware_.send(0));
  if (strikes(faults_.late_reply_at, now)) reply_from_ = target_.now() + faults_.late_by;
  if (reply_from_ && clock_.now() < *reply_from_) return true;
  reply_from_.reset();
  return firmware_.reply_size() == 0;
}

void UsbDevice::answer_waiting() {
  for (auto next = waiting_.begin(); next != waiting_.end();) {
    if ((*next)->endpoint != identity_.bulk_in) {  // trace never has anything
      ++next;
      continue;
    }
    if (firmware_.reply_size() == 0 || hold_reply()) return;
    const std::shared_ptr<Urb> urb = *next;
    next = waiting_.erase(next);
    deliver(urb);
  }
}

void UsbDevice::deliver(const std::shared_ptr<Urb> &urb) {
  const std::uint64_t now = traffic_.bulk_transfers;
  const bool overflow = firmware_.reply_size() > urb->buffer.size();
  Bytes reply = firmware_.send(urb->buffer.size()).value_or(Bytes{});
  if (strikes(faults_.short_reply_at, now)) reply.resize(reply.size() / 2);
  if (strikes(faults_.garbage_reply_at, now)) {
    for (std::uint8_t &byte : reply) byte = static_cast<std::uint8_t>(random_());
  }
  std::ranges::copy(reply, urb->buffer.begin());
  traffic_.bytes_in += reply.size();
  target_.advance(transfer_time(reply.size()));
  finish(urb, overflow ? -EOVERFLOW : 0, reply.size());
}

int UsbDevice::discard(const void *owner, std::uint64_t tag) {
  const auto found = std::ranges::find_if(
      waiting_, [&](const auto &urb) { return urb->owner == owner && urb->tag == tag; });
  if (found == waiting_.end()) return EINVAL;  // it is finished, or nearly
  (*found)->status = -ENOENT;
  finished_.push_front({std::move(*found), clock_.now()});
  waiting_.erase(found);
  return 0;
}

std::shared_ptr<Urb> UsbDevice::reap(const void *owner) {
  if (plugged_ && !waiting_.empty() && firmware_.reply_size() != 0) {
    catch_up();
    answer_waiting();
    clock_.computed(target_.now());
  }
  const auto found =
      std::ranges::find(finished_, owner, [](const Finished &entry) { return entry.urb->owner; });
  if (found == finished_.end() || (plugged_ && found->due > clock_.now())) return {};
  std::shared_ptr<Urb> urb = std::move(found->urb);
  finished_.erase(found);
  return urb;
}

std::optional<Wall> UsbDevice::next_due() const {
  if (!finished_.empty()) return clock_.wall_of(finished_.front().due);
  if (reply_from_) return clock_.wall_of(*reply_from_);
  return {};
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
  firmware_.usb_reset();
  return 0;
}

void UsbDevice::closed(const void *owner) {
  for (const void *&claimed : owners_) {
    if (claimed == owner) claimed = nullptr;
  }
  std::erase_if(waiting_, [&](const auto &urb) { return urb->owner == owner; });
  std::erase_if(finished_, [&](const Finished &entry) { return entry.urb->owner == owner; });
}

std::optional<Bytes> UsbDevice::control(std::span<const std::uint8_t> setup) const {
  constexpr std::uint8_t get_status = 0;
  constexpr std::uint8_t get_descriptor = 6;
  constexpr std::uint8_t get_configuration = 8;
  constexpr std::uint8_t set_configuration = 9;
  constexpr std::uint8_t set_interface = 11;
  constexpr std::uint8_t type_mask = 0x60;  // 0: standard
  if ((setup[0] & type_mask) != 0) return {};
  const auto limited = [&](Bytes bytes) {
    bytes.resize(std::min<std::size_t>(bytes.size(), get_u16(setup, 6)));
    return bytes;
  };
  switch (setup[1]) {
    case get_status:
      return limited({0, 0});
    case get_configuration:
      return limited({1});
    case set_configuration:
    case set_interface:
      return Bytes{};
    case get_descriptor:
      break;
    default:
      return {};
  }
  switch (setup[3]) {
    case 1:
      return limited(identity_.device);
    case 2:
      return limited(identity_.configuration);
    case 3: {
      const Bytes text = string_descriptor(identity_, setup[2]);
      if (text.empty()) return {};
      return limited(text);
    }
    default:
      return {};
  }
}

}  // namespace virtual_stlink
