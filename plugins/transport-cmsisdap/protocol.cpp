#include "protocol.hpp"

#include <algorithm>

namespace flashhost::cmsisdap {

namespace {

constexpr std::uint8_t unknown_command = 0xFF;
constexpr std::uint8_t port_swd = 1;

Bytes begin(Command command) {
  return {static_cast<std::uint8_t>(command)};
}

}  // namespace

Bytes info(InfoId id) {
  return {static_cast<std::uint8_t>(Command::info), static_cast<std::uint8_t>(id)};
}

Bytes host_connected(bool connected) {
  return {static_cast<std::uint8_t>(Command::host_status), 0, static_cast<std::uint8_t>(connected)};
}

Bytes connect_swd() {
  return {static_cast<std::uint8_t>(Command::connect), port_swd};
}

Bytes disconnect() {
  return begin(Command::disconnect);
}

Bytes transfer_configure(std::uint16_t wait_retries) {
  Bytes request = begin(Command::transfer_configure);
  request.push_back(0);  // idle cycles
  append_u16(request, wait_retries);
  append_u16(request, 0);  // match retries
  return request;
}

Bytes drive_nrst(bool low) {
  constexpr std::uint8_t nrst = 0x80;
  Bytes request = begin(Command::swj_pins);
  request.push_back(low ? 0 : nrst);
  request.push_back(nrst);
  append_u32(request, 0);  // without waiting for the level
  return request;
}

Bytes swj_clock(std::uint32_t hertz) {
  Bytes request = begin(Command::swj_clock);
  append_u32(request, hertz);
  return request;
}

Bytes swj_sequence(std::span<const std::uint8_t> data, std::size_t bits) {
  Bytes request = begin(Command::swj_sequence);
  request.push_back(static_cast<std::uint8_t>(bits % most_sequence_bits));
  for (const std::uint8_t byte : data.first((bits + 7) / 8)) request.push_back(byte);
  return request;
}

Bytes swd_configure() {
  return {static_cast<std::uint8_t>(Command::swd_configure), 0};
}

std::string describe(Misfit misfit) {
  switch (misfit) {
    case Misfit::other_command:
      return "the probe's response belongs to another command";
    case Misfit::unsupported:
      return "the probe does not know the command";
    case Misfit::length:
      return "the probe's response has the wrong length";
    case Misfit::content:
      return "the probe's response makes no sense";
    default:
      return "the probe's response is good";
  }
}

Misfit check(std::uint8_t command, std::span<const std::uint8_t> response, std::size_t length,
             bool padded) {
  if (response.empty()) return Misfit::length;
  if (response[0] == unknown_command && (response.size() == 1 || padded)) {
    return Misfit::unsupported;
  }
  if (response[0] != command) return Misfit::other_command;
  const bool fits = padded ? response.size() >= length : response.size() == length;
  return fits ? Misfit::none : Misfit::length;
}

std::optional<Bytes> info_value(std::span<const std::uint8_t> response, bool padded,
                                Misfit &misfit) {
  const std::size_t length = response.size() > 1 ? response[1] : 0;
  misfit = check(static_cast<std::uint8_t>(Command::info), response, 2 + length, padded);
  if (misfit != Misfit::none || length == 0) return {};
  const auto value = response.subspan(2, length);
  return Bytes(value.begin(), value.end());
}

std::string text_of(const Bytes &value) {
  std::string text;
  for (const std::uint8_t byte : value) {
    if (byte == 0) break;
    if (byte >= ' ' && byte <= '~') text += static_cast<char>(byte);
  }
  return text;
}

void append_u16(Bytes &bytes, std::uint16_t value) {
  bytes.push_back(static_cast<std::uint8_t>(value));
  bytes.push_back(static_cast<std::uint8_t>(value >> 8));
}

void append_u32(Bytes &bytes, std::uint32_t value) {
  for (unsigned shift = 0; shift < 32; shift += 8) {
    bytes.push_back(static_cast<std::uint8_t>(value >> shift));
  }
}

std::uint32_t word_at(std::span<const std::uint8_t> bytes, std::size_t offset) {
  std::uint32_t value = 0;
  for (unsigned i = 0; i < 4; ++i) {
    value |= static_cast<std::uint32_t>(bytes[offset + i]) << (8 * i);
  }
  return value;
}

}  // namespace flashhost::cmsisdap
