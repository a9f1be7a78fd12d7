#include "scripted_bus.hpp"

#include <algorithm>

namespace flashhost::stlink::test {

namespace {

constexpr std::uint8_t group_debug = 0xF2;

Bytes with_status(std::uint8_t status, std::uint32_t value, std::size_t size) {
  Bytes reply(size);
  reply[0] = status;
  for (unsigned i = 0; i < 4; ++i) reply[4 + i] = static_cast<std::uint8_t>(value >> (8 * i));
  return reply;
}

}  // namespace

std::size_t ScriptedProbe::count(std::uint8_t code) const {
  return static_cast<std::size_t>(std::ranges::count_if(sent, [&](const Command &command) {
    return command[0] == group_debug ? command[1] == code : command[0] == code;
  }));
}

void ScriptedProbe::receive(std::span<const std::uint8_t> data) {
  if (payload_expected_) {
    payload_expected_ = false;
    payloads.emplace_back(data.begin(), data.end());
    return;
  }
  Command command{};
  std::ranges::copy(data, command.begin());
  sent.push_back(command);
  if (mute_until_reset && usb_resets == 0) return;
  if (instead && instead(command)) return;
  answer(command);
}

void ScriptedProbe::answer(const Command &command) {
  constexpr std::uint32_t debug_port_id = 0x1BA01477;
  const auto length = static_cast<std::size_t>(command[6] | command[7] << 8);
  switch (command[0]) {
    case 0xF1:
      pending.push_back({version});
      return;
    case 0xF5:
      pending.push_back({{mode, 0}});
      return;
    case 0xF7:
      pending.push_back({with_status(0xD1, 2047, 8)});
      pending.back().data[1] = 5;
      return;
    case 0xF3:
    case 0xF4:
      mode = 1;
      return;
    default:
      break;
  }
  switch (command[1]) {
    case 0x21:
      mode = 1;
      return;
    case 0x30:
      mode = 2;
      break;
    case 0x31:
      pending.push_back({with_status(0x80, debug_port_id, 12)});
      return;
    case 0x07:
    case 0x47:
    case 0x0C:
      pending.push_back({Bytes(std::max<std::size_t>(length, 2), 0x5A)});
      return;
    case 0x08:
    case 0x48:
    case 0x0D:
      payload_expected_ = true;
      return;
    case 0x33:
    case 0x36:
      pending.push_back({with_status(0x80, 0x00030003, 8)});
      return;
    case 0x3E:
      pending.push_back({with_status(last_status, 0x20000004, 12)});
      return;
    default:
      break;
  }
  pending.push_back({{0x80, 0}});
}

Transfer ScriptedPipe::write(std::span<const std::uint8_t> data, Nanoseconds /*limit*/) {
  probe_->receive(data);
  return {UsbStatus::done, data.size()};
}

Transfer ScriptedPipe::read(std::span<std::uint8_t> buffer, Nanoseconds limit) {
  if (probe_->pending.empty()) {
    probe_->clock->time += limit;
    return {UsbStatus::timeout, 0};
  }
  const Answer answer = probe_->pending.front();
  probe_->pending.pop_front();
  if (answer.data.size() > buffer.size()) return {UsbStatus::overflow, buffer.size()};
  std::ranges::copy(answer.data, buffer.begin());
  return {answer.status, answer.data.size()};
}

UsbStatus ScriptedPipe::reset() {
  ++probe_->usb_resets;
  probe_->pending.clear();
  return UsbStatus::done;
}

}  // namespace flashhost::stlink::test
