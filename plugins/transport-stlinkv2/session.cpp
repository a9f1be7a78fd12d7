#include "session.hpp"

#include "limits.hpp"

#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace flashhost::stlink {

namespace {

constexpr unsigned oldest_extended = 1;

std::string range_text(const Request &request) {
  if (request.length == 0) return std::string(request.doing);
  return fmt::format("{} {} at {}", request.doing, format_size(request.length),
                     hex(request.address));
}

}  // namespace

Session::Session(Host &host, Clock &clock, std::unique_ptr<Pipe> pipe, std::uint16_t product)
    : host_(host), time_(clock), pipe_(std::move(pipe)), product_(product) {
  identify();
}

Session::~Session() = default;

void Session::give_up(const std::string &what, const std::string &hint) {
  lost_ = true;
  throw Error(Errc::probe, what, hint).see(Cause::usb);
}

// --- One command and its reply, without repetition.

Session::Reply Session::failed(UsbStatus status, std::string_view what) {
  switch (status) {
    case UsbStatus::gone:
      return {Outcome::gone, {}, "the probe is not on the USB bus any more"};
    case UsbStatus::timeout:
      return {Outcome::silent, {}, fmt::format("the probe did not {}", what)};
    case UsbStatus::stall:
      return {Outcome::stalled, {}, fmt::format("the probe refused to {} (USB stall)", what)};
    case UsbStatus::overflow:
      return {Outcome::damaged, {}, "the probe's reply is longer than it should be"};
    default:
      return {Outcome::silent, {}, fmt::format("USB error: the probe did not {}", what)};
  }
}

Session::Reply Session::exchange(const Command &command, std::span<const std::uint8_t> payload,
                                 std::size_t size, Nanoseconds limit) {
  const std::array<std::span<const std::uint8_t>, 2> parts{command, payload};
  const std::size_t all = command.size() + payload.size();
  Bytes reply(whole_packets(size));
  const auto [sent, received] = pipe_->exchange(parts, reply, limit);
  if (sent.status != UsbStatus::done) return failed(sent.status, "take a command");
  if (sent.length != all) {
    return {Outcome::damaged,
            {},
            fmt::format("the probe took {} of {}", format_size(sent.length), format_size(all))};
  }
  return size == 0 ? Reply{} : as_reply(std::move(reply), received, size);
}

std::size_t Session::whole_packets(std::size_t size) const {
  const std::size_t packet = pipe_->packet_size();
  return (size + packet - 1) / packet * packet;
}

Session::Reply Session::receive(std::size_t size, Nanoseconds limit) {
  Bytes reply(whole_packets(size));
  const Transfer received = pipe_->read(reply, limit);
  return as_reply(std::move(reply), received, size);
}

Session::Reply Session::as_reply(Bytes reply, const Transfer &received, std::size_t size) {
  if (received.status != UsbStatus::done) return failed(received.status, "answer");
  reply.resize(received.length);
  if (received.length != size) {
    return {Outcome::damaged, std::move(reply),
            fmt::format("the probe's reply has {} instead of {}", format_size(received.length),
                        format_size(size))};
  }
  return {Outcome::ok, std::move(reply), {}};
}

Nanoseconds Session::wire_time(std::uint32_t bytes) const {
  if (clocks_.empty()) return {};
  constexpr std::uint64_t bits_per_access = 50;
  return Nanoseconds(bytes * bits_per_access * 1'000'000'000 / speed_hz());
}

Session::Reply Session::attempt(const Request &request) {
  const Nanoseconds limit = reply_limit + wire_time(request.length);
  Reply reply = exchange(request.command, request.payload, request.reply, limit);
  if (reply.outcome != Outcome::ok || request.status != StatusAt::after) return reply;
  const bool with_address = features_.last_status2;
  Reply status = exchange(with_address ? last_status2() : last_status(), {},
                          with_address ? last_status2_size : status_size, limit);
  if (status.outcome != Outcome::ok) return status;
  // Puts the status before the data, so that both kinds of command are checked alike.
  status.data.insert(status.data.end(), reply.data.begin(), reply.data.end());
  return status;
}

// --- Getting back in step with the probe.

bool Session::take_version(const Reply &reply) {
  const bool known = version_reply_.empty() || reply.data == version_reply_;
  if (reply.outcome != Outcome::ok || !known || !parse_version(reply.data, product_)) return false;
  version_reply_ = reply.data;
  return true;
}

bool Session::answers() {
  Reply reply = exchange(get_version(), {}, version_size, reply_limit);
  for (int i = 0; i < most_late_replies; ++i) {
    if (reply.outcome == Outcome::gone) give_up_gone(reply);
    if (reply.outcome == Outcome::stalled) static_cast<void>(pipe_->clear_stall());
    if (reply.outcome == Outcome::silent || reply.outcome == Outcome::stalled) return false;
    if (take_version(reply)) return true;
    // Anything but the version is a late reply to an earlier command.
    reply = receive(version_size, reply_limit);
  }
  flush();
  return take_version(exchange(get_version(), {}, version_size, reply_limit));
}

void Session::flush() {
  Bytes rest(pipe_->packet_size() * 16);
  for (int i = 0; i < most_flushes; ++i) {
    const Transfer transfer = pipe_->read(rest, flush_limit);
    if (transfer.status == UsbStatus::stall) static_cast<void>(pipe_->clear_stall());
    if (transfer.status != UsbStatus::done && transfer.status != UsbStatus::overflow) return;
  }
}

bool Session::resynchronise(const Reply &reply) {
  if (reply.outcome == Outcome::gone) give_up_gone(reply);
  host_.debug("{}; getting in step with it again", reply.problem);
  if (reply.outcome == Outcome::stalled) static_cast<void>(pipe_->clear_stall());
  flush();
  if (answers()) return false;
  host_.debug("the probe does not answer: USB reset");
  if (pipe_->reset() == UsbStatus::done) {
    flush();
    if (answers()) return true;
  }
  give_up_silent(reply);
}

void Session::give_up_gone(const Reply &reply) {
  give_up(reply.problem, "Check its cable.");
}

void Session::give_up_silent(const Reply &reply) {
  give_up(reply.problem + ", not even after a USB reset",
          "Unplug the probe and plug it in again; avoid hubs and long cables.");
}

void Session::give_up_lost(const Reply &reply, std::string_view doing) {
  give_up(fmt::format("{} (while {})", reply.problem, doing),
          "A bad cable or hub, or a probe that restarts. Plug it in elsewhere and try again.");
}

void Session::identify() {
  // What an earlier program has left in the pipe comes first, and is seen not to be the version.
  if (!answers()) {
    host_.debug("the probe does not answer its first command: USB reset");
    if (pipe_->reset() != UsbStatus::done || !answers()) {
      give_up("the probe does not answer, not even after a USB reset",
              "Unplug it and plug it in again. If that does not help, its firmware is damaged: "
              "ST's STSW-LINK007 installs another.");
    }
  }
  version_ = parse_version(version_reply_, product_).value_or(Version{});
  if (version_.extended) {
    const Bytes reply = run({.doing = "asking for the probe's version",
                             .command = get_version_ext(),
                             .reply = version_ext_size,
                             .status = StatusAt::none});
    const std::optional<Version> version = parse_version_ext(reply);
    if (!version) give_up("the probe does not tell its version", "Its firmware may be damaged.");
    version_ = *version;
  }
  const bool usable = version_.hardware >= 2 &&
                      (version_.extended ? version_.jtag >= oldest_extended : version_.jtag > 0);
  if (!usable) {
    give_up(fmt::format("the probe's firmware {} cannot debug over SWD", version_.text),
            "Update the probe's firmware with ST's STSW-LINK007.");
  }
  features_ = stlink::features(version_);
  if (features_.frequency_v3) {
    const Bytes reply = run({.doing = "asking for the probe's SWD clocks",
                             .command = list_frequencies_v3(),
                             .reply = frequencies_v3_size});
    const auto frequencies = parse_frequencies_v3(reply);
    if (!frequencies) {
      give_up("the probe does not tell its SWD clocks", "Its firmware may be damaged.");
    }
    for (const std::uint32_t hz : *frequencies) clocks_.push_back({0, hz});
  } else {
    for (const SwdClock &clock : swd_clocks()) {
      // A firmware that cannot change the clock has only this one.
      if (features_.frequency || clock.divisor == 1) clocks_.push_back(clock);
    }
  }
}

// --- Commands, with recovery from their failures.

void Session::refuse(const Request &request, std::uint8_t status, const Bytes &reply) {
  std::uint32_t address = request.address;
  bool exact = request.length <= 4;
  if (request.status == StatusAt::after && features_.last_status2) {
    const std::uint32_t reported = word_at(reply, 4);
    if (reported >= address && reported - address < request.length) {
      address = reported;
      exact = true;
    }
  }
  throw Error(Errc::memory_fault,
              fmt::format("the target refused {} {} ({})", request.doing,
                          exact ? hex(address)
                                : "a byte of " + format_range({request.address, request.length}),
                          describe(status)),
              "Nothing may answer at this address, the flash may be read-protected, or it may not "
              "take an access of this width.");
}

Bytes Session::run(const Request &request) {
  if (lost_) throw Error(Errc::probe, "the connection to the probe was lost");
  const Nanoseconds deadline = time_.now() + wait_limit;
  Nanoseconds pause = wait_first;
  int losses = 0, line_errors = 0;
  for (;;) {
    const Reply reply = attempt(request);
    const bool judged = reply.outcome == Outcome::ok && request.status != StatusAt::none;
    const std::uint8_t status = judged ? reply.data.front() : 0;
    if (reply.outcome != Outcome::ok || (judged && meaning(status) == Meaning::unknown)) {
      Reply problem = reply;
      if (problem.problem.empty()) {
        problem.outcome = Outcome::damaged;
        problem.problem = "the probe's reply is damaged: " + describe(status);
      }
      // A USB reset may have put the probe into another mode.
      if (resynchronise(problem) && connected_ &&
          meaning(enter_once(NrstLevel::high)) != Meaning::good) {
        give_up_silent(problem);
      }
      if (request.repeat == Repeat::harmless && ++losses < most_losses) continue;
      give_up_lost(problem, range_text(request));
    }
    if (!judged) return reply.data;
    switch (meaning(status)) {
      case Meaning::good:
        if (request.status == StatusAt::reply) return reply.data;
        return {reply.data.begin() + static_cast<std::ptrdiff_t>(reply.data.size() - request.reply),
                reply.data.end()};
      case Meaning::wait:
        if (time_.now() < deadline) {
          time_.sleep(pause);
          pause = std::min(pause * 2, wait_longest);
          continue;
        }
        clear_sticky_errors();
        throw Error(Errc::target,
                    fmt::format("the target answers nothing but WAIT for {} while {} ({})",
                                format_duration(wait_limit), range_text(request), describe(status)),
                    "Something on the chip holds the bus, most likely a flash operation that does "
                    "not end. Switch the board off and on.")
            .see(Cause::line_errors);
      case Meaning::fault:
        clear_sticky_errors();
        refuse(request, status, reply.data);
      case Meaning::line:
      case Meaning::absent:
      case Meaning::busy_mode:
        if (connected_ && ++line_errors < most_line_errors) {
          mend_line(status);
          continue;
        }
        throw Error(Errc::probe,
                    fmt::format("the target does not answer on SWD any more, while {} ({})",
                                range_text(request), describe(status)),
                    "The chip may have lost its supply, gone to standby, or its firmware may use "
                    "the SWD pins. Check power and wires; connecting under reset may help.")
            .see(Cause::out_of_reach);
      case Meaning::unsupported:
        throw Error(Errc::probe,
                    fmt::format("the probe's firmware {} cannot do this: {} ({})", version_.text,
                                range_text(request), describe(status)),
                    "Update the probe's firmware with ST's STSW-LINK007.");
      case Meaning::refused:
      case Meaning::unknown:
        throw Error(Errc::target,
                    fmt::format("the probe reports an error while {}: {}", range_text(request),
                                describe(status)),
                    "Try again; if it stays, power-cycle board and probe.");
    }
  }
}

}  // namespace flashhost::stlink
