#include "firmware.hpp"

#include "info.hpp"
#include "packet.hpp"
#include "pins.hpp"
#include "protocol.hpp"
#include "swd.hpp"
#include "transfers.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace virtual_cmsisdap {

namespace {

constexpr std::uint8_t port_swd = 1;

}  // namespace

class Firmware::Impl {
 public:
  Impl(FirmwareConfig config, flashhost::machine::Target &target)
      : config_(std::move(config)),
        target_(target),
        swd(config_, target),
        transfers_(config_, swd, Notes(notes_)),
        pins_(config_, target) {}

  [[nodiscard]] std::optional<Bytes> handle(std::span<const std::uint8_t> data);
  [[nodiscard]] const FirmwareStatistics &report();

 private:
  using Handler = void (Impl::*)(Request &, Response &);
  [[nodiscard]] static Handler handler(std::uint8_t code);
  // One command with its answer. False: it has none.
  [[nodiscard]] bool run(Request &request, Response &response);
  [[nodiscard]] bool known(std::uint8_t code) const {
    return std::ranges::find(config_.unknown_commands, code) == config_.unknown_commands.end();
  }

  void info(Request &request, Response &response);
  void host_status(Request &request, Response &response);
  void connect(Request &request, Response &response);
  void disconnect(Request &request, Response &response);
  void transfer_configure(Request &request, Response &response);
  void transfer(Request &request, Response &response);
  void transfer_block(Request &request, Response &response);
  void write_abort(Request &request, Response &response);
  void delay(Request &request, Response &response);
  void reset_target(Request &request, Response &response);
  void swj_pins(Request &request, Response &response);
  void swj_clock(Request &request, Response &response);
  void swj_sequence(Request &request, Response &response);
  void swd_configure(Request &request, Response &response);
  void swd_sequence(Request &request, Response &response);
  void execute_commands(Request &request, Response &response);

  const FirmwareConfig config_;
  flashhost::machine::Target &target_;
  std::vector<std::string> notes_;
  FirmwareStatistics statistics_;
  Bytes early_;  // what came while the probe was silent
  bool awake_ = false;
  bool executing_ = false;  // inside ExecuteCommands

 public:
  Swd swd;
  bool connected = false;

 private:
  Transfers transfers_;
  Pins pins_;
};

std::optional<Bytes> Firmware::Impl::handle(std::span<const std::uint8_t> data) {
  Bytes joined;
  if (!awake_) {
    early_.insert(early_.end(), data.begin(), data.end());
    if (early_.size() < config_.silent_until) return std::nullopt;
    awake_ = true;
    early_.resize(std::min(early_.size(), config_.packet_size));
    joined.swap(early_);
    data = joined;
  }
  if (data.size() > config_.packet_size) {
    Notes(notes_).add("a request is longer than a packet");
    data = data.first(config_.packet_size);
  }
  if (data.empty()) return std::nullopt;
  Request request(data);
  Response response(config_.packet_size);
  const bool answers = run(request, response);
  if (request.overran()) Notes(notes_).add("a request is shorter than its counts say");
  if (response.overran()) Notes(notes_).add("the answer to a request is longer than a packet");
  return answers ? std::optional(response.take()) : std::nullopt;
}

Firmware::Impl::Handler Firmware::Impl::handler(std::uint8_t code) {
  struct Entry {
    std::uint8_t code;
    Handler handler;
  };
  static constexpr Entry entries[] = {
      {command::info, &Impl::info},
      {command::host_status, &Impl::host_status},
      {command::connect, &Impl::connect},
      {command::disconnect, &Impl::disconnect},
      {command::transfer_configure, &Impl::transfer_configure},
      {command::transfer, &Impl::transfer},
      {command::transfer_block, &Impl::transfer_block},
      {command::write_abort, &Impl::write_abort},
      {command::delay, &Impl::delay},
      {command::reset_target, &Impl::reset_target},
      {command::swj_pins, &Impl::swj_pins},
      {command::swj_clock, &Impl::swj_clock},
      {command::swj_sequence, &Impl::swj_sequence},
      {command::swd_configure, &Impl::swd_configure},
      {command::swd_sequence, &Impl::swd_sequence},
      {command::queue_commands, &Impl::execute_commands},
      {command::execute_commands, &Impl::execute_commands},
  };
  const auto *const found = std::ranges::find(entries, code, &Entry::code);
  return found == std::end(entries) ? nullptr : found->handler;
}

bool Firmware::Impl::run(Request &request, Response &response) {
  const std::uint8_t code = request.u8();
  ++statistics_.commands;
  if (code == command::transfer_abort && known(code)) return false;
  const Handler what = known(code) ? handler(code) : nullptr;
  if (what == nullptr) {
    ++statistics_.unknown_commands;
    if (code >= command::first_vendor && code <= command::last_vendor) {
      Notes(notes_).add("a vendor's command was sent to a probe that is not the vendor's");
    }
    response.u8(status::error);
    return true;
  }
  response.u8(code == command::queue_commands ? command::execute_commands : code);
  (this->*what)(request, response);
  return true;
}

void Firmware::Impl::info(Request &request, Response &response) {
  const Bytes data = info_of(config_, request.u8());
  response.u8(static_cast<std::uint8_t>(data.size()));
  for (const std::uint8_t byte : data) response.u8(byte);
}

void Firmware::Impl::host_status(Request &request, Response &response) {
  const std::uint8_t type = request.u8();
  static_cast<void>(request.u8());
  response.u8(type <= 1 ? status::ok : status::error);
}

void Firmware::Impl::connect(Request &request, Response &response) {
  const std::uint8_t wanted = request.u8();
  const bool fits = wanted == port_swd || (wanted == 0 && config_.connects_to_default_port);
  response.u8(fits ? port_swd : std::uint8_t{0});
  if (!fits) return;
  connected = true;
  pins_.idle();
}

void Firmware::Impl::disconnect(Request &, Response &response) {
  connected = false;
  pins_.idle();
  response.u8(status::ok);
}

void Firmware::Impl::transfer_configure(Request &request, Response &response) {
  swd.settings.idle_cycles = request.u8();
  swd.settings.wait_retry = request.u16();
  swd.settings.match_retry = request.u16();
  response.u8(status::ok);
}

void Firmware::Impl::transfer(Request &request, Response &response) {
  transfers_.transfer(request, response, connected);
}

void Firmware::Impl::transfer_block(Request &request, Response &response) {
  transfers_.transfer_block(request, response, connected);
}

void Firmware::Impl::write_abort(Request &request, Response &response) {
  static_cast<void>(request.u8());  // index
  std::uint32_t value = request.u32();
  if (connected) static_cast<void>(swd.transfer_once(0, value));
  response.u8(connected ? status::ok : status::error);
}

void Firmware::Impl::delay(Request &request, Response &response) {
  target_.advance(std::chrono::microseconds(request.u16()));
  response.u8(status::ok);
}

void Firmware::Impl::reset_target(Request &, Response &response) {
  response.u8(status::ok);
  response.u8(0);  // there is no sequence for this device
}

void Firmware::Impl::swj_pins(Request &request, Response &response) {
  const std::uint8_t output = request.u8();
  const std::uint8_t select = request.u8();
  const std::uint32_t microseconds = request.u32();
  if (connected) {
    pins_.drive(output, select);
    pins_.wait(output, select, microseconds);
  }
  response.u8(pins_.read());
}

void Firmware::Impl::swj_clock(Request &request, Response &response) {
  const std::uint32_t hertz = request.u32();
  if (hertz != 0) swd.set_clock(hertz);
  response.u8(hertz != 0 ? status::ok : status::error);
}

void Firmware::Impl::swj_sequence(Request &request, Response &response) {
  const unsigned asked = request.u8();
  const unsigned bits = asked == 0 ? 256 : asked;
  const Bytes data = request.bytes((bits + 7) / 8);
  if (connected) swd.port().sequence(data, bits);
  response.u8(status::ok);
}

void Firmware::Impl::swd_configure(Request &request, Response &response) {
  swd.set_turnaround((request.u8() & 3U) + 1);
  response.u8(status::ok);
}

void Firmware::Impl::swd_sequence(Request &request, Response &response) {
  const std::size_t place = response.reserve(1);
  const unsigned count = request.u8();
  for (unsigned i = 0; i < count; ++i) {
    const unsigned how = request.u8();
    const unsigned bits = (how & 0x3F) == 0 ? 64 : how & 0x3F;
    const bool input = (how & 0x80) != 0;
    const std::size_t bytes = (bits + 7) / 8;
    // Nobody drives the line: the target answers no requests that are made of single bits.
    const Bytes data = input ? Bytes(bytes, 0xFF) : request.bytes(bytes);
    if (connected) swd.port().sequence(data, bits);
    for (std::size_t at = 0; input && at < bytes; ++at) {
      const unsigned left = bits - 8 * static_cast<unsigned>(at);
      response.u8(static_cast<std::uint8_t>(left >= 8 ? 0xFF : (1U << left) - 1));
    }
  }
  response.set(place, status::ok);
}

void Firmware::Impl::execute_commands(Request &request, Response &response) {
  const unsigned count = request.u8();
  response.u8(static_cast<std::uint8_t>(count));
  if (executing_) {
    Notes(notes_).add("ExecuteCommands is inside ExecuteCommands");
    return;
  }
  executing_ = true;
  for (unsigned i = 0; i < count && !request.overran(); ++i) {
    static_cast<void>(run(request, response));
  }
  executing_ = false;
}

const FirmwareStatistics &Firmware::Impl::report() {
  statistics_.swd_transfers = swd.port().transfers();
  statistics_.notes = notes_;
  const std::vector<std::string> &undefined = swd.port().notes();
  statistics_.notes.insert(statistics_.notes.end(), undefined.begin(), undefined.end());
  return statistics_;
}

Firmware::Firmware(const FirmwareConfig &config, flashhost::machine::Target &target)
    : impl_(std::make_unique<Impl>(config, target)) {}

Firmware::~Firmware() = default;

std::optional<Bytes> Firmware::handle(std::span<const std::uint8_t> request) {
  return impl_->handle(request);
}

bool Firmware::connected() const {
  return impl_->connected;
}

flashhost::machine::DebugPort &Firmware::port() {
  return impl_->swd.port();
}

const FirmwareStatistics &Firmware::statistics() const {
  return impl_->report();
}

}  // namespace virtual_cmsisdap
