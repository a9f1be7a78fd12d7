#include "usb_function.hpp"

#include "protocol.hpp"

#include <flashhost/machine/notes.hpp>

#include <algorithm>
#include <deque>
#include <map>
#include <utility>

namespace virtual_cmsisdap {

namespace {

using flashhost::Nanoseconds;
using virtual_usb::Bytes;
using virtual_usb::EndpointKind;

constexpr std::uint8_t host_to_interface = 0x21;
constexpr std::uint8_t set_report = 0x09;
constexpr std::uint8_t set_idle = 0x0A;
constexpr std::size_t remembered_departures = 256;

struct Response {
  Bytes bytes;
  Nanoseconds ready{};
};

class ProbeFunction final : public virtual_usb::Function {
 public:
  ProbeFunction(const Personality &personality, const PipeFaults &faults,
                flashhost::machine::Target &target)
      : personality_(personality),
        faults_(faults),
        target_(target),
        firmware_(personality.firmware, target) {
    for (const virtual_usb::Endpoint &one : usb_identity(personality).endpoints) {
      if (one.kind == EndpointKind::interrupt) {
        if (one.in()) hid_in_ = one.address;
      } else {
        bulk_packet_ = one.packet;
      }
    }
    if (faults.stale_response) {
      const std::uint8_t pipe = bulk_packet_ != 0 ? personality.bulk.in : hid_in_;
      respond(pipe, {0x03, 0x00});  // to Disconnect
    }
  }

  [[nodiscard]] std::optional<Nanoseconds> accepts(std::uint8_t endpoint,
                                                   Nanoseconds at) const override {
    if (!is_bulk(endpoint) || personality_.bulk_overflow != Overflow::waits) return at;
    return room_from(at);
  }

  void receive(std::uint8_t endpoint, std::span<const std::uint8_t> data, Nanoseconds at) override {
    if (!is_bulk(endpoint)) return take_request(data, hid_in_, at);
    // A transfer may be any part of a request, which ends with a packet that is not full.
    gathered_.insert(gathered_.end(), data.begin(), data.end());
    const bool more = !data.empty() && data.size() % bulk_packet_ == 0;
    if (more && gathered_.size() < personality_.firmware.packet_size) return;
    const Bytes request = std::exchange(gathered_, {});
    if (!request.empty()) take_request(request, personality_.bulk.in, at);
  }

  [[nodiscard]] std::optional<virtual_usb::Reply> reply(std::uint8_t endpoint) const override {
    const auto found = responses_.find(endpoint);
    if (crashed_ || found == responses_.end() || found->second.empty()) return {};
    const Response &next = found->second.front();
    return virtual_usb::Reply{next.bytes.size(), next.ready};
  }

  [[nodiscard]] Bytes take(std::uint8_t endpoint, std::size_t max, Nanoseconds at) override {
    std::deque<Response> &responses = responses_.at(endpoint);
    Bytes bytes = std::move(responses.front().bytes);
    responses.pop_front();
    departures_.push_back(at);
    if (departures_.size() > remembered_departures) departures_.pop_front();
    bytes.resize(std::min(bytes.size(), max));
    return bytes;
  }

  [[nodiscard]] std::optional<Bytes> control(std::span<const std::uint8_t> setup,
                                             std::span<const std::uint8_t> data) override {
    if (hid_in_ == 0 || setup[0] != host_to_interface) return {};
    if (setup[1] == set_report) take_request(data, hid_in_, target_.now());
    if (setup[1] != set_report && setup[1] != set_idle) return {};
    return Bytes{};
  }

  void usb_reset() override {
    responses_.clear();
    held_.clear();
    gathered_.clear();
    crashed_ = false;
  }

  [[nodiscard]] virtual_usb::Statistics statistics() const override {
    const FirmwareStatistics &all = firmware_.statistics();
    virtual_usb::Statistics sum{all.commands, all.unknown_commands, all.swd_transfers, notes_};
    sum.notes.insert(sum.notes.end(), all.notes.begin(), all.notes.end());
    return sum;
  }

 private:
  struct Request {
    Bytes bytes;
    std::uint8_t pipe;  // the IN endpoint of its response
  };

  [[nodiscard]] bool is_bulk(std::uint8_t endpoint) const {
    return bulk_packet_ != 0 && endpoint == personality_.bulk.out;
  }

  // Those whose response has not left the probe at that time.
  [[nodiscard]] std::size_t outstanding(Nanoseconds at) const {
    std::size_t count = held_.size();
    for (const auto &[pipe, responses] : responses_) count += responses.size();
    const auto later =
        std::ranges::count_if(departures_, [&](Nanoseconds one) { return one > at; });
    return count + static_cast<std::size_t>(later);
  }

  [[nodiscard]] std::size_t places() const {
    return personality_.firmware.packet_count - personality_.unusable_places;
  }

  // Empty: not before another response is fetched.
  [[nodiscard]] std::optional<Nanoseconds> room_from(Nanoseconds at) const {
    if (outstanding(at) < places()) return at;
    for (const Nanoseconds departure : departures_) {
      if (departure > at && outstanding(departure) < places()) return departure;
    }
    return {};
  }

  void take_request(std::span<const std::uint8_t> data, std::uint8_t pipe, Nanoseconds at) {
    if (crashed_ || data.empty()) return;
    if (!room_for(pipe, at)) return;
    Bytes bytes(data.begin(), data.end());
    const auto &unknown = personality_.firmware.unknown_commands;
    const bool queued = bytes[0] == command::queue_commands &&
                        std::ranges::find(unknown, command::queue_commands) == unknown.end();
    held_.push_back({std::move(bytes), pipe});
    if (queued) return;
    for (const Request &request : std::exchange(held_, {})) execute(request);
  }

  [[nodiscard]] bool room_for(std::uint8_t pipe, Nanoseconds at) {
    if (outstanding(at) < places()) return true;
    const bool hid = pipe == hid_in_;
    const Overflow what = hid ? personality_.hid_overflow : personality_.bulk_overflow;
    if (what == Overflow::waits) return true;  // accepts() has seen to that
    flashhost::machine::Notes(notes_).add("more requests at a time than the probe's packet count");
    if (what == Overflow::crashes) crashed_ = true;
    return false;
  }

  void execute(const Request &request) {
    ++requests_;
    std::optional<flashhost::Bytes> response = firmware_.handle(request.bytes);
    if (!response) return;
    if (requests_ == faults_.wrong_echo_at) response->front() ^= 0xFF;
    respond(request.pipe, {response->begin(), response->end()});
  }

  void respond(std::uint8_t pipe, Bytes bytes) {
    if (pipe == hid_in_) bytes.resize(personality_.firmware.packet_size);
    responses_[pipe].push_back({std::move(bytes), target_.now()});
  }

  Personality personality_;
  PipeFaults faults_;
  flashhost::machine::Target &target_;
  Firmware firmware_;
  std::uint8_t hid_in_ = 0;  // 0: there is no such interface
  std::size_t bulk_packet_ = 0;
  std::map<std::uint8_t, std::deque<Response>> responses_;  // by IN endpoint
  std::deque<Nanoseconds> departures_;
  std::deque<Request> held_;
  Bytes gathered_;  // of a request in several transfers
  std::uint64_t requests_ = 0;
  bool crashed_ = false;
  std::vector<std::string> notes_;
};

}  // namespace

std::unique_ptr<virtual_usb::Function> usb_function(const Personality &personality,
                                                    const PipeFaults &faults,
                                                    flashhost::machine::Target &target) {
  return std::make_unique<ProbeFunction>(personality, faults, target);
}

}  // namespace virtual_cmsisdap
