#include "link.hpp"

#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <array>
#include <utility>

namespace flashhost::adiv5 {

namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t slowest_hz = 100'000;
constexpr int most_connect_clocks = 5, tries_per_clock = 3, line_errors_per_clock = 3,
              most_mending = 4;
// Line errors that are further apart, in operations, say nothing about the clock.
constexpr std::uint64_t line_errors_apart = 100'000;
constexpr Nanoseconds power_limit = 1s, power_interval = 1ms, mend_pause = 2ms;
constexpr std::uint32_t power_requests = 0x50000000, power_replies = 0xA0000000,
                        debug_reply = 0x20000000;
constexpr unsigned newest_version = 2;  // of the debug port: ADIv6 has 3

// B5.3.2 and, for a dormant port, B5.3.3.
constexpr std::array<std::uint8_t, 17> jtag_to_swd{0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
                                                   0xFF, 0x9E, 0xE7, 0xFF, 0xFF, 0xFF,
                                                   0xFF, 0xFF, 0xFF, 0xFF, 0x00};
constexpr std::array<std::uint8_t, 28> dormant_to_swd{
    0xFF, 0x92, 0xF3, 0x09, 0x62, 0x95, 0x2D, 0x85, 0x86, 0xE9, 0xAF, 0xDD, 0xE3, 0xA2,
    0x0E, 0xBC, 0x19, 0xA0, 0xF1, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x00};

unsigned version_of(std::uint32_t id) {
  return id >> 12 & 0xF;
}

}  // namespace

std::string describe(Ack ack) {
  switch (ack) {
    case Ack::ok:
      return "OK";
    case Ack::wait:
      return "WAIT";
    case Ack::fault:
      return "FAULT";
    case Ack::none:
      return "no answer";
    case Ack::parity:
      break;
  }
  return "parity error";
}

Link::Link(Host &host, std::unique_ptr<Wire> wire, const DapSettings &settings)
    : host_(host),
      wire_(std::move(wire)),
      hertz_(settings.speed_hz.value_or(settings.fastest_hz)) {}

Outcome Link::transfer(std::span<Operation> operations, Order order) {
  const std::optional<std::uint32_t> selected = std::exchange(selected_, std::nullopt);
  const Outcome outcome = wire_->transfer(operations, order);
  if (outcome.ack == Ack::ok) selected_ = selected;
  since_line_error_ += outcome.done;
  return outcome;
}

void Link::select(Selection wanted, std::vector<Operation> &operations) {
  const std::uint32_t value = std::uint32_t{wanted.access_port} << 24 | (wanted.address & 0xF0U);
  if (selected_ == value) return;
  operations.push_back(Operation::write_dp(dp_select, value));
  selected_ = value;
}

std::string Link::enter(int attempt, Purpose purpose) {
  selected_.reset();
  if (attempt == 0) {
    wire_->sequence(jtag_to_swd, jtag_to_swd.size() * 8);
  } else {
    wire_->sequence(dormant_to_swd, dormant_to_swd.size() * 8);
    wire_->sequence(jtag_to_swd, jtag_to_swd.size() * 8);
  }
  std::array first{Operation::read_dp(dp_id)};
  Outcome outcome = wire_->transfer(first, Order::strict);
  if (outcome.ack != Ack::ok) return describe(outcome.ack);
  const std::uint32_t id = first[0].value;
  if (id == 0 || id == ~std::uint32_t{0}) return "DPIDR reads as " + hex(id);
  debug_port_id_ = id;
  // What is selected at the first time is not known: only later CTRL/STAT can be read before that.
  std::array second{Operation::read_dp(dp_ctrl), Operation::write_dp(dp_abort, abort_flags),
                    Operation::write_dp(dp_select, 0), Operation::write_dp(dp_ctrl, power_requests),
                    Operation::read_dp(dp_ctrl)};
  const auto operations = std::span(second).subspan(purpose == Purpose::mend ? 0 : 1);
  outcome = wire_->transfer(operations, Order::strict);
  if (purpose == Purpose::mend && outcome.done > 0) seen_flags_ |= second[0].value;
  if (outcome.ack != Ack::ok) return describe(outcome.ack);
  selected_ = 0;
  if ((second.back().value & power_replies) == power_replies) return {};
  return power_up();
}

std::string Link::power_up() {
  const Nanoseconds end = wire_->now() + power_limit;
  for (;;) {
    std::array request{Operation::write_dp(dp_ctrl, power_requests), Operation::read_dp(dp_ctrl)};
    const Outcome outcome = wire_->transfer(request, Order::strict);
    if (outcome.ack != Ack::ok) return describe(outcome.ack);
    const std::uint32_t status = request[1].value;
    if ((status & power_replies) == power_replies) return {};
    if (wire_->now() >= end) {
      // Some chips never confirm the system's power; the debug logic has its own.
      if ((status & debug_reply) != 0) return {};
      return "it does not power up its debug logic, CTRL/STAT " + hex(status);
    }
    wire_->sleep(power_interval);
  }
}

bool Link::take_slower_clock() {
  if (hertz_ / 2 < slowest_hz) return false;
  hertz_ /= 2;
  line_errors_ = 0;
  actual_hz_ = wire_->set_clock(hertz_);
  return true;
}

void Link::connect(AttachMode mode) {
  const std::uint32_t chosen = hertz_;
  actual_hz_ = wire_->set_clock(hertz_);
  std::string problem;
  for (int clock = 0; clock < most_connect_clocks; ++clock) {
    for (int attempt = 0; attempt < tries_per_clock; ++attempt) {
      problem = enter(attempt, Purpose::connect);
      if (!problem.empty()) continue;
      if (version_of(debug_port_id_) > newest_version) {
        throw Error(Errc::target,
                    "the target has a debug port of ADIv6 (DPIDR " + hex(debug_port_id_) +
                        "), which flashhost cannot use",
                    "flashhost reaches chips with ADIv5: most Cortex-M0 to M33.");
      }
      if (hertz_ != chosen) {
        host_.warning("SWD does not work at {} kHz: going on at {} kHz. Shorter wires help.",
                      chosen / 1000, hertz_ / 1000);
      }
      return;
    }
    const std::uint32_t before = hertz_;
    if (!take_slower_clock()) break;
    host_.debug("no answer at {} kHz ({}): trying {} kHz", before / 1000, problem, hertz_ / 1000);
  }
  hertz_ = chosen;
  throw cortex_m::no_answer(mode, problem);
}

void Link::count_line_error(Ack ack) {
  if (std::exchange(since_line_error_, 0) > line_errors_apart) line_errors_ = 0;
  if (++line_errors_ < line_errors_per_clock) return;
  const std::uint32_t before = hertz_;
  if (!take_slower_clock()) return;
  host_.warning("SWD at {} kHz is unreliable ({}): going on at {} kHz", before / 1000,
                describe(ack), hertz_ / 1000);
}

std::uint32_t Link::mend(Ack ack, const std::string &doing) {
  host_.debug("SWD: {}; trying again", describe(ack));
  count_line_error(ack);
  seen_flags_ = 0;
  std::string problem;
  for (int attempt = 0; attempt < most_mending; ++attempt) {
    problem = enter(attempt % 2, Purpose::mend);
    if (problem.empty()) return seen_flags_;
    wire_->sleep(mend_pause);
  }
  throw Error(
      Errc::probe,
      fmt::format("the target does not answer on SWD any more, while {} ({})", doing, problem),
      "The chip may have lost its supply, gone to standby, or its firmware may use the "
      "SWD pins. Check power and wires; connecting under reset may help.")
      .see(Cause::out_of_reach);
}

std::optional<std::uint32_t> Link::clear_errors() {
  selected_.reset();
  std::array operations{Operation::read_dp(dp_ctrl), Operation::write_dp(dp_abort, abort_flags)};
  const Outcome outcome = wire_->transfer(operations, Order::strict);
  if (outcome.done == 0) return std::nullopt;
  return operations[0].value;
}

void Link::abort_access() {
  selected_.reset();
  std::array operations{Operation::write_dp(dp_abort, abort_all)};
  static_cast<void>(wire_->transfer(operations, Order::strict));
}

void Link::return_to_bank_0() {
  // SELECT cannot be written, nor RDBUFF read, while an error flag is set.
  for (int attempt = 0; attempt < most_mending; ++attempt) {
    std::array operations{Operation::write_dp(dp_abort, abort_flags),
                          Operation::write_dp(dp_select, 0), Operation::read_dp(dp_rdbuff)};
    if (wire_->transfer(operations, Order::strict).ack == Ack::ok) return;
  }
}

std::uint32_t Link::single(Operation operation, Selection where) {
  const bool is_ap =
      operation.kind == Operation::Kind::read_ap || operation.kind == Operation::Kind::write_ap;
  const bool in_other_bank = !is_ap && where.address > 0xF;
  if (in_other_bank) selected_.reset();
  for (int attempt = 0;; ++attempt) {
    std::vector<Operation> operations;
    if (is_ap) select(where, operations);
    if (in_other_bank) operations.push_back(Operation::write_dp(dp_select, where.address >> 4));
    const std::size_t at = operations.size();
    operations.push_back(operation);
    if (in_other_bank) {
      operations.push_back(Operation::write_dp(dp_select, 0));
      operations.push_back(Operation::read_dp(dp_rdbuff));
    }
    const Outcome outcome = transfer(operations, Order::strict);
    if (outcome.ack == Ack::ok) return operations[at].value;
    if (in_other_bank) {
      return_to_bank_0();
      if (outcome.done > at + 1) return operations[at].value;
    }
    const std::string doing =
        is_ap ? fmt::format("accessing register {} of access port {}", hex(where.address),
                            where.access_port)
              : fmt::format("accessing register {} of the debug port", hex(where.address));
    std::optional<std::uint32_t> flags;
    if (outcome.ack == Ack::fault) flags = clear_errors();
    if (outcome.ack == Ack::wait) abort_access();
    const bool known = flags && (*flags & (ctrl_sticky_error | ctrl_write_error)) != 0;
    if (!known && outcome.ack != Ack::wait && attempt < most_mending) {
      flags = mend(outcome.ack, doing);
    }
    const bool refused = flags && (*flags & ctrl_sticky_error) != 0;
    if (refused || outcome.ack == Ack::wait || attempt >= most_mending) {
      throw Error(Errc::target,
                  fmt::format("the target refused {} ({})", doing, describe(outcome.ack)),
                  "There may be no such access port, or the chip keeps it closed.");
    }
    // Acknowledged, and no error: only the look at its end was disturbed.
    const bool over = outcome.done == operations.size();
    if (over && flags && (*flags & ctrl_write_error) == 0) return operations[at].value;
  }
}

std::uint32_t Link::read(Operation::Kind kind, Selection where) {
  return single({kind, static_cast<std::uint8_t>(where.address & 0xCU), 0}, where);
}

void Link::write(Operation::Kind kind, Selection where, std::uint32_t value) {
  static_cast<void>(single({kind, static_cast<std::uint8_t>(where.address & 0xCU), value}, where));
}

}  // namespace flashhost::adiv5
