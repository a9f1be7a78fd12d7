#include "wire.hpp"

#include "limits.hpp"

#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>
#include <usb-common/reopen.hpp>

#include <algorithm>
#include <exception>
#include <utility>

namespace flashhost::cmsisdap {

using adiv5::Ack;
using adiv5::Operation;
using adiv5::Order;
using adiv5::Outcome;

namespace {

// Whether more may follow before it is acknowledged: see Order::loose.
bool may_fail(const Operation &operation) {
  constexpr std::uint8_t drw = 0x0C;
  const bool is_ap =
      operation.kind == Operation::Kind::read_ap || operation.kind == Operation::Kind::write_ap;
  return operation.may_fail || (is_ap && operation.address == drw);
}

}  // namespace

CmsisDapWire::CmsisDapWire(Host &host, std::shared_ptr<Bus> bus, std::shared_ptr<Clock> clock,
                           const FoundProbe &found, std::string port)
    : host_(host),
      bus_(std::move(bus)),
      clock_(std::move(clock)),
      serial_(found.serial),
      name_(found.serial.empty() ? found.product : found.serial),
      port_(std::move(port)),
      clock_hz_(first_clock_hz) {
  std::unique_ptr<Pipe> pipe = bus_->open(found);
  try {
    talk(found, std::move(pipe));
  } catch (const Error &error) {
    // The kernel does not end a stall of a HID probe.
    if (!history_.refuses) throw;
    host_.debug("{}: resetting it over USB", error.what());
    bus_->reset(found);
    reopen();
  }
}

CmsisDapWire::~CmsisDapWire() {
  const bool lost = session_ == nullptr || session_->lost();
  if (lost && !nrst_low_) return;
  try {
    // The target must not stay in reset.
    Attempts only;
    if (lost && !open_again(only)) return;
    if (nrst_low_) session_->try_to_run(cmsisdap::drive_nrst(false), "releasing the reset pin");
    session_->try_to_run(host_connected(false), "switching the probe's LED off");
    session_->try_to_run(disconnect(), "disconnecting from the wires");
  } catch (const std::exception &problem) {
    host_.debug("closing the probe: {}", problem.what());
  }
}

// --- The probe.

void CmsisDapWire::talk(const FoundProbe &found, std::unique_ptr<Pipe> pipe) {
  product_ = found.product;
  traits_ = traits_of(found.vendor, found.product_id);
  session_ = std::make_unique<Session>(host_, std::move(pipe), found, care_, history_);
  const ProbeFacts &facts = session_->facts();
  firmware_ = facts.firmware_version.empty() ? facts.protocol_version : facts.firmware_version;
}

void CmsisDapWire::reopen() {
  if (session_ != nullptr && session_->out_of_step()) care_ = Care::one_by_one;
  Attempts attempts;
  const Nanoseconds away = usb::reopen(*clock_, name_, [&] { return open_again(attempts); });
  host_.info("the probe {} is back after {}", name_, format_duration(away));
}

bool CmsisDapWire::open_again(Attempts &attempts) {
  session_.reset();
  for (const FoundProbe &found : bus_->find()) {
    if (found.serial != serial_ || (!port_.empty() && found.port != port_)) continue;
    if (attempts.silent && !std::exchange(attempts.was_reset, true)) bus_->reset(found);
    auto pipe = bus_->open(found);
    attempts.silent = true;  // unless it answers now
    talk(found, std::move(pipe));
    return true;
  }
  return false;
}

Session &CmsisDapWire::session() {
  if (session_ == nullptr || session_->lost()) {
    throw Error(Errc::probe, fmt::format("the connection to the probe {} was lost", name_))
        .see(Cause::usb);
  }
  return *session_;
}

adiv5::WireInfo CmsisDapWire::info() {
  return {product_, serial_, firmware_, {}};
}

void CmsisDapWire::connect() {
  if (session_ == nullptr || session_->lost()) reopen();
  open_port();
}

void CmsisDapWire::open_port() {
  session().open_port();
  nrst_low_ = false;
  clock_applied_ = false;
}

Nanoseconds CmsisDapWire::now() {
  return clock_->now();
}

void CmsisDapWire::sleep(Nanoseconds time) {
  if (time > Nanoseconds::zero()) clock_->sleep(time);
}

// --- The wires.

void CmsisDapWire::apply_clock() {
  session().run(swj_clock(clock_hz_), fmt::format("setting the SWD clock to {} Hz", clock_hz_));
  // While the target answers WAIT, an operation takes this many clocks.
  constexpr std::uint64_t bits_per_wait = 13, most_retries = 0xFFFF, second = 1'000'000'000;
  const std::uint64_t bits = static_cast<std::uint64_t>(wait_limit.count()) * clock_hz_ / second;
  const auto retries = std::clamp<std::uint64_t>(bits / bits_per_wait, 1, most_retries);
  session().run(transfer_configure(static_cast<std::uint16_t>(retries)),
                "setting how often to repeat what is answered WAIT");
  clock_applied_ = true;
}

std::optional<std::uint32_t> CmsisDapWire::set_clock(std::uint32_t hertz) {
  clock_hz_ = std::max(hertz, 1U);
  apply_clock();
  return {};
}

void CmsisDapWire::sequence(std::span<const std::uint8_t> data, std::size_t bits) {
  if (!clock_applied_) apply_clock();
  while (bits > 0) {
    const std::size_t part = std::min(bits, most_sequence_bits);
    session().run(swj_sequence(data, part), "clocking out a sequence on SWDIO");
    data = data.subspan((part + 7) / 8);
    bits -= part;
  }
  if (traits_.clock_after_sequence) apply_clock();
}

void CmsisDapWire::drive_nrst(bool low) {
  Session &open = session();
  if (low) nrst_low_ = true;  // also where the response is missing
  open.try_to_run(cmsisdap::drive_nrst(low), "driving the reset pin");
  nrst_low_ = low;
}

// --- Operations.

Outcome CmsisDapWire::transfer(std::span<Operation> operations, Order order) {
  if (operations.empty()) return {};
  if (!leaves_write_open(operations)) return run(operations, order);
  constexpr std::uint8_t rdbuff = 0x0C;
  std::vector<Operation> all(operations.begin(), operations.end());
  all.push_back(Operation::read_dp(rdbuff));
  Outcome outcome = run(all, order);
  outcome.done = std::min(outcome.done, operations.size());
  std::copy_n(all.begin(), operations.size(), operations.begin());
  return outcome;
}

std::size_t CmsisDapWire::allowed(const Packets &under_way, std::span<const Operation> all,
                                  Order order) const {
  // What a target does after WAIT or an error on the line is up to it, so nothing may follow. And
  // what follows a block that the probe does not know would be done before it.
  const auto is_block = [](const Packet &packet) {
    return packet.command == Command::transfer_block;
  };
  const bool untried = blocks_ == Blocks::untried && std::ranges::any_of(under_way, is_block);
  const auto harmless = [&](const Packet &packet) {
    return std::ranges::all_of(all.subspan(packet.first, packet.count), may_fail);
  };
  const bool sets_up = !std::ranges::all_of(under_way, harmless);
  return order == Order::strict || untried || sets_up ? 1 : session_->facts().in_flight;
}

void CmsisDapWire::send_packets(std::span<const Operation> all, Order order, Packets &under_way,
                                std::size_t &next) {
  while (next < all.size() && under_way.size() < allowed(under_way, all, order)) {
    const Packet packet =
        next_packet(all, next, session_->facts().packet_size, blocks_ != Blocks::missing);
    session().send(packet, all);
    under_way.push_back(packet);
    next += packet.count;
  }
}

Result CmsisDapWire::receive(const Packet &packet, std::span<Operation> all) {
  constexpr std::uint64_t bits_per_operation = 50, second = 1'000'000'000;
  const Nanoseconds on_wire(bits_per_operation * (packet.count + 1) * second / clock_hz_);
  return session().receive(packet, all, transfer_limit + on_wire);
}

bool CmsisDapWire::abandon(Packets &under_way, std::span<Operation> all) {
  bool nothing_done = true;
  for (const Packet &packet : std::exchange(under_way, {})) {
    nothing_done &= receive(packet, all).port_closed;
  }
  return nothing_done;
}

Outcome CmsisDapWire::run(std::span<Operation> all, Order order) {
  static_cast<void>(session());
  if (!clock_applied_) apply_clock();
  Packets under_way;
  std::size_t next = 0;
  for (;;) {
    send_packets(all, order, under_way, next);
    if (under_way.empty()) return {Ack::ok, all.size()};
    const Packet packet = under_way.front();
    under_way.pop_front();
    const Result result = receive(packet, all);
    const bool block = packet.command == Command::transfer_block;
    if (result.misfit == Misfit::none && result.ack == Ack::ok) {
      if (block) blocks_ = Blocks::work;
      continue;
    }
    const bool nothing_done = abandon(under_way, all);
    if (result.misfit == Misfit::unsupported) {
      // Then it has worked before, and later packets may have been done without it.
      if (!block || blocks_ == Blocks::work) {
        session().lose(describe(result.misfit), "transferring data from or to the target");
      }
      host_.debug("the probe has no DAP_TransferBlock");
      blocks_ = Blocks::missing;
      next = packet.first;
      continue;
    }
    // Opening the port would release NRST.
    if (result.port_closed && nothing_done && !nrst_low_) {
      host_.debug("the probe has disconnected from the wires: connecting again");
      open_port();
      // What was selected and addressed before is not known any more: the caller begins anew.
      return {Ack::none, packet.first};
    }
    return {result.ack, packet.first + result.done};
  }
}

}  // namespace flashhost::cmsisdap
