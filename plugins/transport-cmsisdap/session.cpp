#include "session.hpp"

#include "known_probes.hpp"
#include "limits.hpp"

#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace flashhost::cmsisdap {

namespace {

constexpr std::size_t status_length = 2;  // of a response that is a status byte

std::uint64_t number_in(const Bytes &value) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < value.size() && i < sizeof number; ++i) {
    number |= static_cast<std::uint64_t>(value[i]) << (8 * i);
  }
  return number;
}

// So a packet count is not taken for a packet size.
bool fits(InfoId id, const Bytes &value) {
  if (id == InfoId::packet_count) return value.size() == 1;
  return id != InfoId::packet_size || value.size() == 2;
}

}  // namespace

Session::Session(Host &host, std::unique_ptr<Pipe> pipe, const FoundProbe &probe, Care care,
                 History &history)
    : host_(host), pipe_(std::move(pipe)), history_(history) {
  facts_.packet_size = pipe_->packet_size();
  identify(probe, care);
}

Session::~Session() = default;

// --- Errors.

void Session::lose(const std::string &problem, std::string_view doing) {
  lost_ = true;
  throw Error(Errc::probe, fmt::format("{} (while {})", problem, doing),
              "A bad cable or hub, another program that uses the probe, or a probe that restarts. "
              "Plug it in elsewhere and try again.")
      .see(Cause::usb);
}

void Session::refuse(const std::string &problem, std::string_view doing) const {
  const std::string &firmware =
      facts_.firmware_version.empty() ? facts_.protocol_version : facts_.firmware_version;
  throw Error(Errc::probe, fmt::format("{} (while {})", problem, doing),
              fmt::format("The probe's firmware {}may be too old or damaged: install a newer one.",
                          firmware.empty() ? "" : firmware + " "))
      .see(Cause::usb);
}

std::string Session::problem_of(UsbStatus status) {
  if (status != UsbStatus::gone) out_of_step_ = true;
  switch (status) {
    case UsbStatus::gone:
      lost_ = true;
      return "the probe is not on the USB bus any more";
    case UsbStatus::timeout:
      return "the probe does not answer";
    case UsbStatus::stall:
      pipe_->clear_stall();
      return "the probe refuses USB transfers (stall)";
    case UsbStatus::overflow:
      return "the probe's response is longer than a packet";
    default:
      return "USB error: the probe does not answer";
  }
}

std::string Session::problem_of(Misfit misfit, std::size_t size) const {
  return fmt::format("{} ({})", describe(misfit), format_size(size));
}

// --- Responses.

// Whatever becomes of it, the probe may have it.
UsbStatus Session::send(const Bytes &request) {
  const UsbStatus sent = pipe_->send(request, reply_limit);
  if (sent != UsbStatus::gone) ++history_.owed;
  history_.refuses = sent == UsbStatus::failed || sent == UsbStatus::stall;
  return sent;
}

Session::Response Session::take(Nanoseconds limit) {
  Response response{UsbStatus::done, Bytes(pipe_->packet_size())};
  const Transfer transfer = pipe_->receive(response.data, limit);
  response.status = transfer.status;
  response.data.resize(transfer.status == UsbStatus::done ? transfer.length : 0);
  const bool came = transfer.status == UsbStatus::done || transfer.status == UsbStatus::overflow;
  if (came && history_.owed > 0) --history_.owed;
  return response;
}

// patience: with a response that is owed.
void Session::drain(Nanoseconds patience) {
  for (int i = 0; i < most_stale; ++i) {
    const UsbStatus status = take(history_.owed > 0 ? patience : drain_limit).status;
    if (status == UsbStatus::stall) pipe_->clear_stall();
    if (status != UsbStatus::done && status != UsbStatus::overflow) break;
  }
}

// A late response would be taken for the next one. All responses that can still come do so before
// those to these questions, each in the place of one of them.
Session::Answer Session::settle() {
  const std::size_t most = std::min(history_.owed + most_foreign, std::size_t{most_stale});
  for (std::size_t i = 0; i < most; ++i) {
    Answer answer = ask(info(InfoId::packet_count), 1);
    if (answer.status != UsbStatus::done) return answer;
  }
  // No question before had this answer, so when it comes, it is the last.
  Answer answer = ask(info(InfoId::packet_size), 1);
  for (std::size_t left = most; answer.status == UsbStatus::done && !is_packet_size(answer.data);
       --left) {
    if (left == 0) {
      history_.owed = most + 1;
      return {"the probe's responses are out of step", UsbStatus::done, false, {}};
    }
    Response next = take(reply_limit);
    answer = {{}, next.status, false, std::move(next.data)};
    if (next.status != UsbStatus::done) answer.problem = problem_of(next.status);
  }
  if (answer.status == UsbStatus::done) {
    history_.owed = 0;
    answer.problem.clear();
  }
  return answer;
}

bool Session::is_packet_size(const Bytes &response) const {
  Misfit misfit = Misfit::none;
  const auto value = info_value(response, pipe_->padded(), misfit);
  return value && fits(InfoId::packet_size, *value);
}

Session::Answer Session::ask(const Bytes &request, std::size_t length) {
  const UsbStatus sent = send(request);
  if (sent != UsbStatus::done) return {problem_of(sent), sent, false, {}};
  Response response = take(reply_limit);
  if (response.status != UsbStatus::done) {
    return {problem_of(response.status), response.status, false, {}};
  }
  const Misfit misfit = check(request[0], response.data, length, pipe_->padded());
  Answer answer{{}, UsbStatus::done, misfit == Misfit::unsupported, std::move(response.data)};
  if (misfit != Misfit::none) answer.problem = problem_of(misfit, answer.data.size());
  return answer;
}

Session::Info Session::ask_info_once(InfoId id) {
  // The response says itself how long it is, so its length is judged by info_value.
  const Answer answer = ask(info(id), 1);
  if (answer.data.empty() || answer.unsupported) return {answer.problem, answer.status, {}};
  Misfit misfit = Misfit::none;
  Info result{{}, UsbStatus::done, info_value(answer.data, pipe_->padded(), misfit)};
  if (result.value && !fits(id, *result.value)) misfit = Misfit::content;
  if (misfit != Misfit::none) result.problem = problem_of(misfit, answer.data.size());
  return result;
}

void Session::get_in_step(const std::string &problem, std::string_view doing) {
  if (lost_) lose(problem, doing);
  host_.debug("{} (while {}); getting in step with the probe", problem, doing);
  for (int i = 0; i < most_step_tries; ++i) {
    drain(late_limit);
    const Answer last = settle();
    if (lost_) lose(last.problem, doing);
    if (last.problem.empty()) return;
    if (last.status == UsbStatus::timeout) break;
  }
  lose(problem, doing);
}

Session::Answer Session::ask_surely(const Bytes &request, std::size_t length,
                                    std::string_view doing) {
  Answer answer = ask(request, length);
  if (answer.problem.empty() || answer.unsupported) return answer;
  get_in_step(answer.problem, doing);
  answer = ask(request, length);
  if (!answer.problem.empty() && !answer.unsupported) lose(answer.problem, doing);
  return answer;
}

std::optional<Bytes> Session::ask_info(InfoId id, std::string_view what) {
  const std::string doing = fmt::format("asking for {}", what);
  Info answer = ask_info_once(id);
  if (answer.problem.empty()) return answer.value;
  get_in_step(answer.problem, doing);
  answer = ask_info_once(id);
  if (!answer.problem.empty()) lose(answer.problem, doing);
  return answer.value;
}

// --- What the probe is.

void Session::identify(const FoundProbe &probe, Care care) {
  drain(careful_drain_limit);
  if (history_.owed > 0 || care == Care::one_by_one) {
    const Answer last = settle();
    if (!last.problem.empty()) lose(last.problem, "getting in step with the probe");
  }
  const Traits traits = traits_of(probe.vendor, probe.product_id);
  const std::uint64_t count =
      number_in(ask_info(InfoId::packet_count, "the number of packets").value_or(Bytes{}));
  constexpr std::uint64_t unknown = 0xFF;
  const std::size_t most = traits.most_in_flight != 0 ? traits.most_in_flight : most_in_flight;
  facts_.in_flight = count == 0 || count == unknown || care == Care::one_by_one
                         ? 1
                         : std::min(static_cast<std::size_t>(count), most);
  const auto size = static_cast<std::size_t>(
      number_in(ask_info(InfoId::packet_size, "the packet size").value_or(Bytes{})));
  const std::size_t on_usb = pipe_->packet_size();
  if (std::min(size, on_usb) < least_packet || size > largest_packet) {
    lose(fmt::format("the probe cannot have packets of {}, on USB of {}", format_size(size),
                     format_size(on_usb)),
         "asking for the packet size");
  }
  // Where a packet of the probe is larger than one of USB, the end of a transfer that fills its USB
  // packets is seen by an empty one, which firmware forgets to send or does not expect. So no
  // packet fills one.
  facts_.packet_size = size <= on_usb || pipe_->padded() ? std::min(size, on_usb) : on_usb - 1;
  facts_.protocol_version =
      text_of(ask_info(InfoId::protocol_version, "the version").value_or(Bytes{}));
  facts_.firmware_version =
      text_of(ask_info(InfoId::firmware_version, "the firmware's version").value_or(Bytes{}));
  require_swd();
  host_.debug("{}: CMSIS-DAP {}, firmware {}, {} packets of {} bytes", probe.product,
              facts_.protocol_version, facts_.firmware_version, facts_.in_flight,
              facts_.packet_size);
  if (probe.release < traits.good_release) {
    host_.warning("the firmware {:x}.{:02x} of {} loses responses: install {:x}.{:02x} or newer",
                  probe.release >> 8, probe.release & 0xFF, probe.product, traits.good_release >> 8,
                  traits.good_release & 0xFF);
  }
}

void Session::require_swd() {
  constexpr std::uint64_t swd = 1;
  const auto abilities = ask_info(InfoId::capabilities, "the probe's abilities");
  if (abilities && (number_in(*abilities) & swd) != 0) return;
  throw Error(Errc::probe, "the probe has no SWD, only JTAG",
              "flashhost needs SWD: use another probe.")
      .see(Cause::which_probe);
}

// --- Commands.

void Session::run(const Bytes &request, std::string_view doing) {
  const Answer answer = ask_surely(request, status_length, doing);
  if (answer.unsupported) refuse(answer.problem, doing);
  if (answer.data[1] != 0) refuse("the probe reports an error", doing);
}

void Session::try_to_run(const Bytes &request, std::string_view doing) {
  const Answer answer = ask_surely(request, status_length, doing);
  if (answer.unsupported) host_.debug("{} (while {})", answer.problem, doing);
}

void Session::open_port() {
  constexpr std::string_view doing = "connecting to the SWD wires";
  // Some probes keep what an earlier program has set until they are told to disconnect.
  try_to_run(disconnect(), "disconnecting from the wires");
  const Bytes request = connect_swd();
  const Answer answer = ask_surely(request, status_length, doing);
  if (answer.unsupported) refuse(answer.problem, doing);
  if (answer.data[1] != request[1]) refuse("the probe cannot drive the wires", doing);
  run(swd_configure(), "choosing the SWD protocol");
  try_to_run(host_connected(true), "switching the probe's LED on");
  try_to_run(drive_nrst(false), "releasing the reset pin");
}

// --- Packets of operations.

void Session::send(const Packet &packet, std::span<const adiv5::Operation> all) {
  const UsbStatus sent = send(encode(packet, all));
  if (sent != UsbStatus::done) lose(problem_of(sent), "sending a transfer");
}

Result Session::receive(const Packet &packet, std::span<adiv5::Operation> all, Nanoseconds limit) {
  constexpr std::string_view doing = "transferring data from or to the target";
  const Response response = take(limit);
  if (response.status != UsbStatus::done) lose(problem_of(response.status), doing);
  const Result result = decode(packet, response.data, pipe_->padded(), all);
  if (result.misfit == Misfit::none || result.misfit == Misfit::unsupported) return result;
  out_of_step_ = true;
  lose(problem_of(result.misfit, response.data.size()), doing);
}

}  // namespace flashhost::cmsisdap
