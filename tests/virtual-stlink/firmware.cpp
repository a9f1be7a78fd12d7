#include "firmware.hpp"

#include "debug_group.hpp"
#include "protocol.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <utility>

namespace virtual_stlink {

namespace {

constexpr std::uint8_t get_version = 0xF1;
constexpr std::uint8_t debug_group = 0xF2;
constexpr std::uint8_t dfu_group = 0xF3;
constexpr std::uint8_t swim_group = 0xF4;
constexpr std::uint8_t get_mode = 0xF5;
constexpr std::uint8_t get_voltage = 0xF7;
constexpr std::uint8_t get_version_ext = 0xFB;

constexpr unsigned j_voltage = 13;
constexpr std::uint32_t adc_reference = 1500;  // what the reference of 1.2 V measures
constexpr std::uint32_t adc_factor = 2400;

}  // namespace

std::uint16_t usb_product(Hardware hardware) {
  switch (hardware) {
    case Hardware::v2:
      return 0x3748;
    case Hardware::v2_1:
      return 0x374B;
    case Hardware::v3:
      break;
  }
  return 0x374F;
}

class Firmware::Impl {
 public:
  Impl(FirmwareConfig wanted, flashhost::machine::Target &connected)
      : config(std::move(wanted)),
        target(connected),
        notes(statistics.notes),
        debug(config, target, notes),
        mode(config.start_mode),
        mute(config.mute_until_usb_reset) {}

  void take_command(std::span<const std::uint8_t> bytes) {
    std::array<std::uint8_t, command_size> command{};
    if (bytes.size() != command_size) notes.add("a command that has not 16 bytes");
    if (bytes.empty()) return;
    std::ranges::copy(bytes.first(std::min(bytes.size(), command_size)), command.begin());
    if (!replies.empty()) notes.add("a command while the reply to another was still to be read");
    ++statistics.commands;
    DebugGroup::Answer answer = execute(command);
    if (answer.reply == status_reply(Status::unknown_command)) ++statistics.unknown_commands;
    if (!answer.reply.empty()) replies.push_back(std::move(answer.reply));
    data_wanted = answer.data_wanted;
    data.clear();
  }

  DebugGroup::Answer execute(Command command) {
    DebugGroup::Answer unknown{status_reply(Status::unknown_command), 0};
    switch (command[0]) {
      case get_version:
        return {version(), 0};
      case get_mode:
        return {{static_cast<std::uint8_t>(mode), 0}, 0};
      case dfu_group:
        if (command[1] != 7) return unknown;
        if (mode == Mode::dfu) mode = Mode::mass;
        return {};
      default:
        break;
    }
    if (mode == Mode::dfu || mode == Mode::bootloader) return unknown;
    switch (command[0]) {
      case debug_group:
        return debug.command(command, mode);
      case swim_group:
        return swim(command[1]);
      case get_voltage:
        return has_voltage() ? DebugGroup::Answer{voltage(), 0} : unknown;
      case get_version_ext:
        return config.hardware == Hardware::v3 ? DebugGroup::Answer{version_ext(), 0} : unknown;
      default:
        return unknown;
    }
  }

  [[nodiscard]] DebugGroup::Answer swim(std::uint8_t code) {
    constexpr std::uint8_t enter = 0;
    constexpr std::uint8_t exit = 1;
    constexpr std::uint8_t status = 9;
    switch (code) {
      case enter:
        debug.leave();
        mode = Mode::swim;
        return {};
      case exit:
        if (mode == Mode::swim) mode = Mode::mass;
        return {};
      case status:
        return {Bytes(4), 0};
      default:
        return {status_reply(Status::unknown_command), 0};
    }
  }

  [[nodiscard]] Bytes version() const {
    const unsigned hardware = config.hardware == Hardware::v3 ? 3 : 2;
    const unsigned word =
        hardware << 12 | (hardware == 3 ? 0 : (config.jtag & 0x3F) << 6 | (config.swim & 0x3F));
    Bytes reply(6);
    reply[0] = static_cast<std::uint8_t>(word >> 8);
    reply[1] = static_cast<std::uint8_t>(word);
    put_u16(reply, 2, usb_vendor);
    put_u16(reply, 4, usb_product(config.hardware));
    return reply;
  }

  [[nodiscard]] Bytes version_ext() const {
    Bytes reply(12);
    reply[0] = 3;
    reply[1] = static_cast<std::uint8_t>(config.swim);
    reply[2] = static_cast<std::uint8_t>(config.jtag);
    put_u16(reply, 8, usb_vendor);
    put_u16(reply, 10, usb_product(config.hardware));
    return reply;
  }

  [[nodiscard]] bool has_voltage() const {
    return config.hardware == Hardware::v3 || config.jtag >= j_voltage;
  }

  [[nodiscard]] Bytes voltage() const {
    const auto millivolts =
        static_cast<std::uint32_t>(config.reported_millivolts.value_or(target.millivolts()));
    Bytes reply(8);
    // An open input measures 0 V; clones without the measurement return 0, too.
    if (config.reported_millivolts == 0) return reply;
    put_u32(reply, 0, adc_reference);
    put_u32(reply, 4, (millivolts * adc_reference + adc_factor / 2) / adc_factor);
    return reply;
  }

  void take_data(std::span<const std::uint8_t> bytes) {
    const std::size_t count = std::min(bytes.size(), data_wanted - data.size());
    if (count < bytes.size()) notes.add("more data than the command announced");
    data.insert(data.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(count));
    if (data.size() < data_wanted) return;
    data_wanted = 0;
    Bytes reply = debug.data(data);
    if (!reply.empty()) replies.push_back(std::move(reply));
  }

  FirmwareConfig config;
  flashhost::machine::Target &target;
  FirmwareStatistics statistics;
  Notes notes;
  DebugGroup debug;
  Mode mode;
  bool mute;
  std::deque<Bytes> replies;
  Bytes data;
  std::size_t data_wanted = 0;
};

Firmware::Firmware(const FirmwareConfig &config, flashhost::machine::Target &target)
    : impl_(std::make_unique<Impl>(config, target)) {}

Firmware::~Firmware() = default;

void Firmware::receive(std::span<const std::uint8_t> data) {
  if (impl_->mute) return;
  if (impl_->data_wanted != 0) {
    impl_->take_data(data);
  } else {
    impl_->take_command(data);
  }
}

std::optional<std::vector<std::uint8_t>> Firmware::send(std::size_t max) {
  if (impl_->replies.empty()) return {};
  Bytes reply = std::move(impl_->replies.front());
  impl_->replies.pop_front();
  if (reply.size() > max) reply.resize(max);
  return reply;
}

std::size_t Firmware::reply_size() const {
  return impl_->replies.empty() ? 0 : impl_->replies.front().size();
}

void Firmware::usb_reset() {
  impl_->replies.clear();
  impl_->data.clear();
  impl_->data_wanted = 0;
  impl_->mute = false;
}

Mode Firmware::mode() const {
  return impl_->mode;
}

const FirmwareStatistics &Firmware::statistics() const {
  return impl_->statistics;
}

}  // namespace virtual_stlink
