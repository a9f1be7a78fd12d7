#include "dap/registers.hpp"

#include <flashhost/error.hpp>
#include <flashhost/machine/virtual_wire.hpp>

#include <algorithm>
#include <utility>
#include <vector>

namespace flashhost::machine {

namespace {

using adiv5::Operation;
using Kind = adiv5::Operation::Kind;

bool is_ap(const Operation &operation) {
  return operation.kind == Kind::read_ap || operation.kind == Kind::write_ap;
}

bool may_fail(const Operation &operation) {
  return operation.may_fail || (is_ap(operation) && operation.address == dap::drw);
}

bool is_read(const Operation &operation) {
  return operation.kind == Kind::read_ap || operation.kind == Kind::read_dp;
}

adiv5::Ack answer(SwdAck ack) {
  switch (ack) {
    case SwdAck::ok:
      return adiv5::Ack::ok;
    case SwdAck::wait:
      return adiv5::Ack::wait;
    case SwdAck::fault:
      return adiv5::Ack::fault;
    case SwdAck::parity:
      return adiv5::Ack::parity;
    case SwdAck::none:
      break;
  }
  return adiv5::Ack::none;
}

}  // namespace

VirtualWire::VirtualWire(Target &target, DebugPort &port, VirtualWireConfig config)
    : target_(target), port_(port), config_(std::move(config)) {}

VirtualWire::~VirtualWire() {
  target_.set_nrst(1);
}

adiv5::WireInfo VirtualWire::info() {
  return config_.info;
}

void VirtualWire::lose() {
  lost_ = true;
  driving_ = false;
  throw Error(Errc::probe, "the virtual wire's probe is lost", "a test has asked for this");
}

void VirtualWire::begin() {
  if (lost_) lose();
  target_.advance(config_.call_time);
}

void VirtualWire::set_away(bool away) {
  away_ = away;
  if (away) lost_ = true;
}

void VirtualWire::connect() {
  ++counts_.connects;
  if (away_) lose();
  lost_ = false;
  begin();
  driving_ = true;
  target_.set_nrst(1);
}

std::optional<std::uint32_t> VirtualWire::set_clock(std::uint32_t hertz) {
  begin();
  ++counts_.clocks;
  const std::uint32_t used = std::clamp(hertz, config_.slowest_hz, config_.fastest_hz);
  port_.set_clock(used);
  return config_.tells_clock ? std::optional(used) : std::nullopt;
}

void VirtualWire::sequence(std::span<const std::uint8_t> data, std::size_t bits) {
  begin();
  ++counts_.sequences;
  if (driving_) port_.sequence(data, bits);
}

void VirtualWire::drive_nrst(bool low) {
  begin();
  ++counts_.nrst_changes;
  if (driving_) target_.set_nrst(low ? 0 : 1);
}

Nanoseconds VirtualWire::now() {
  return target_.now();
}

void VirtualWire::sleep(Nanoseconds time) {
  target_.advance(time);
}

adiv5::Ack VirtualWire::access(SwdRequest request, std::uint32_t &value) {
  if (!driving_) return adiv5::Ack::none;
  const Nanoseconds end = target_.now() + config_.wait_limit;
  for (;;) {
    const adiv5::Ack ack = answer(port_.transfer(request, value));
    if (ack != adiv5::Ack::wait || target_.now() >= end) return ack;
  }
}

adiv5::Ack VirtualWire::fetch(std::optional<std::size_t> &posted, std::span<Operation> operations) {
  if (!posted) return adiv5::Ack::ok;
  const adiv5::Ack ack = access({false, true, dap::rdbuff}, operations[*posted].value);
  if (ack == adiv5::Ack::ok) posted.reset();
  return ack;
}

adiv5::Outcome VirtualWire::run(std::span<Operation> operations) {
  std::optional<std::size_t> posted;  // the AP read whose value comes with the next one
  bool writing = false;               // an AP write may still be under way
  for (std::size_t i = 0; i < operations.size(); ++i) {
    Operation &operation = operations[i];
    const bool reads_ap = operation.kind == Kind::read_ap;
    if (!reads_ap) {
      if (const adiv5::Ack ack = fetch(posted, operations); ack != adiv5::Ack::ok) {
        return {ack, *posted};
      }
    }
    std::uint32_t value = operation.value;
    const adiv5::Ack ack = access({is_ap(operation), is_read(operation), operation.address}, value);
    if (ack != adiv5::Ack::ok) return {ack, posted.value_or(i)};
    if (posted) operations[*posted].value = value;
    posted = reads_ap ? std::optional(i) : std::nullopt;
    if (operation.kind == Kind::read_dp) operation.value = value;
    if (is_ap(operation)) writing = !reads_ap;
  }
  if (posted) {
    const adiv5::Ack ack = fetch(posted, operations);
    return {ack, posted.value_or(operations.size())};
  }
  std::uint32_t unused = 0;
  const adiv5::Ack check = writing ? access({false, true, dap::rdbuff}, unused) : adiv5::Ack::ok;
  return {check, operations.size()};
}

adiv5::Outcome VirtualWire::transfer(std::span<Operation> operations, adiv5::Order order) {
  begin();
  ++counts_.transfers;
  counts_.operations += operations.size();
  if (counts_.transfers == lose_at_) {
    static_cast<void>(run(operations.first(operations.size() / 2)));
    lose();
  }
  const adiv5::Outcome outcome = run(operations);
  const bool goes_on = config_.loose_goes_on && order == adiv5::Order::loose;
  if (goes_on && outcome.ack != adiv5::Ack::ok) {
    // Each packet was sent while those before it were not answered.
    const auto left = operations.subspan(outcome.done);
    const auto checked =
        static_cast<std::size_t>(std::ranges::find_if_not(left, may_fail) - left.begin());
    for (std::size_t next = config_.packet; next < left.size() && next <= checked;) {
      const std::size_t count = std::min(config_.packet, left.size() - next);
      static_cast<void>(run(left.subspan(next, count)));
      next += count;
    }
  }
  return outcome;
}

}  // namespace flashhost::machine
