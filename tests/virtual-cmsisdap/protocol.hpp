// Numbers of the CMSIS-DAP protocol (docs/reference/cmsis-dap-and-adiv5.md, sections 3 and 4).
#pragma once

#include <cstdint>

namespace virtual_cmsisdap {

namespace command {
inline constexpr std::uint8_t info = 0x00;
inline constexpr std::uint8_t host_status = 0x01;
inline constexpr std::uint8_t connect = 0x02;
inline constexpr std::uint8_t disconnect = 0x03;
inline constexpr std::uint8_t transfer_configure = 0x04;
inline constexpr std::uint8_t transfer = 0x05;
inline constexpr std::uint8_t transfer_block = 0x06;
inline constexpr std::uint8_t transfer_abort = 0x07;
inline constexpr std::uint8_t write_abort = 0x08;
inline constexpr std::uint8_t delay = 0x09;
inline constexpr std::uint8_t reset_target = 0x0A;
inline constexpr std::uint8_t swj_pins = 0x10;
inline constexpr std::uint8_t swj_clock = 0x11;
inline constexpr std::uint8_t swj_sequence = 0x12;
inline constexpr std::uint8_t swd_configure = 0x13;
inline constexpr std::uint8_t swd_sequence = 0x1D;
inline constexpr std::uint8_t queue_commands = 0x7E;
inline constexpr std::uint8_t execute_commands = 0x7F;
inline constexpr std::uint8_t first_vendor = 0x80;
inline constexpr std::uint8_t last_vendor = 0x9F;
}  // namespace command

namespace status {
inline constexpr std::uint8_t ok = 0x00;
inline constexpr std::uint8_t error = 0xFF;  // also the whole answer to an unknown command
}  // namespace status

namespace info_id {
inline constexpr std::uint8_t vendor = 0x01;
inline constexpr std::uint8_t product = 0x02;
inline constexpr std::uint8_t serial = 0x03;
inline constexpr std::uint8_t protocol_version = 0x04;
inline constexpr std::uint8_t firmware_version = 0x09;
inline constexpr std::uint8_t capabilities = 0xF0;
inline constexpr std::uint8_t timer = 0xF1;
inline constexpr std::uint8_t packet_count = 0xFE;
inline constexpr std::uint8_t packet_size = 0xFF;
}  // namespace info_id

// The request byte of a transfer: the low half goes to the wire.
namespace request_bit {
inline constexpr std::uint8_t access_port = 1U << 0;
inline constexpr std::uint8_t read = 1U << 1;
inline constexpr std::uint8_t address = 3U << 2;
inline constexpr std::uint8_t match_value = 1U << 4;  // of reads
inline constexpr std::uint8_t match_mask = 1U << 5;   // of writes
inline constexpr std::uint8_t timestamp = 1U << 7;
}  // namespace request_bit

namespace response_bit {
inline constexpr std::uint8_t ok = 1;
inline constexpr std::uint8_t wait = 2;
inline constexpr std::uint8_t fault = 4;
inline constexpr std::uint8_t no_answer = 7;  // the line's pull-up
inline constexpr std::uint8_t error = 1U << 3;
inline constexpr std::uint8_t mismatch = 1U << 4;
}  // namespace response_bit

namespace pin {
inline constexpr std::uint8_t swclk = 1U << 0;
inline constexpr std::uint8_t swdio = 1U << 1;
inline constexpr std::uint8_t nreset = 1U << 7;
}  // namespace pin

}  // namespace virtual_cmsisdap
