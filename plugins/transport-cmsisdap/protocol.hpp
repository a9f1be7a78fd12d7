// The commands of CMSIS-DAP that this transport uses, and what their responses mean. Pure.
#pragma once

#include <flashhost/types.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace flashhost::cmsisdap {

enum class Command : std::uint8_t {
  info = 0x00,
  host_status = 0x01,
  connect = 0x02,
  disconnect = 0x03,
  transfer_configure = 0x04,
  transfer = 0x05,
  transfer_block = 0x06,
  swj_pins = 0x10,
  swj_clock = 0x11,
  swj_sequence = 0x12,
  swd_configure = 0x13,
};

enum class InfoId : std::uint8_t {
  protocol_version = 0x04,
  firmware_version = 0x09,
  capabilities = 0xF0,
  packet_count = 0xFE,
  packet_size = 0xFF,
};

// Bits that one swj_sequence may have.
inline constexpr std::size_t most_sequence_bits = 256;

[[nodiscard]] Bytes info(InfoId id);
[[nodiscard]] Bytes host_connected(bool connected);  // the probe's LED
[[nodiscard]] Bytes connect_swd();
[[nodiscard]] Bytes disconnect();
[[nodiscard]] Bytes transfer_configure(std::uint16_t wait_retries);
[[nodiscard]] Bytes drive_nrst(bool low);
[[nodiscard]] Bytes swj_clock(std::uint32_t hertz);
// At most most_sequence_bits.
[[nodiscard]] Bytes swj_sequence(std::span<const std::uint8_t> data, std::size_t bits);
[[nodiscard]] Bytes swd_configure();

// Why a response is not the one to a request.
enum class Misfit : std::uint8_t {
  none,
  other_command,  // it begins with another command's number
  unsupported,    // the probe does not know the command
  length,
  content,  // it says what cannot be
};

[[nodiscard]] std::string describe(Misfit misfit);

// Whether the response is the command's and has this length; with padding, or more.
[[nodiscard]] Misfit check(std::uint8_t command, std::span<const std::uint8_t> response,
                           std::size_t length, bool padded);
// The value in the response to info; empty: the probe says nothing. misfit tells whether that
// holds.
[[nodiscard]] std::optional<Bytes> info_value(std::span<const std::uint8_t> response, bool padded,
                                              Misfit &misfit);
// A text as the probe gave it, up to its NUL, without anything that is not printable ASCII.
[[nodiscard]] std::string text_of(const Bytes &value);

void append_u16(Bytes &bytes, std::uint16_t value);
void append_u32(Bytes &bytes, std::uint32_t value);
[[nodiscard]] std::uint32_t word_at(std::span<const std::uint8_t> bytes, std::size_t offset);

}  // namespace flashhost::cmsisdap
