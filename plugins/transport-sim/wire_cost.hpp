// Time that an ST-Link/V2 on full-speed USB needs. Only numbers.
#pragma once

#include <flashhost/types.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace flashhost::sim {

// One command and its reply. A memory block is two such pairs (the command with its data, then the
// status of the access); a single word, a core register and a reset are one.
inline constexpr Nanoseconds usb_pair = std::chrono::milliseconds(1);
// The data of a block on full-speed USB: 19 packets of 64 bytes per frame of 1 ms. The probe first
// receives a whole block and then sends it over SWD: USB and SWD do not overlap.
inline constexpr std::uint32_t usb_bytes_per_ms = 1216;

// The most that one command can carry: the probe's buffer, and its limit for byte accesses.
inline constexpr std::uint32_t block_limit = 6144;
inline constexpr std::uint32_t byte_block_limit = 64;

// SWD clocks of one transfer, and of one that is answered with WAIT or FAULT.
inline constexpr std::uint32_t swd_transfer_bits = 46;
inline constexpr std::uint32_t swd_refused_bits = 13;
// CSW and TAR before the data, RDBUFF after; again whenever TAR's automatic increment ends.
inline constexpr std::uint32_t swd_setup_transfers = 3;
inline constexpr std::uint32_t tar_window = 1024;

// An access that is answered with WAIT is repeated after this time, doubled each time up to the
// longest. The probe does that alone for up to one usb_pair; then the host repeats the command.
inline constexpr Nanoseconds wait_first = std::chrono::microseconds(10);
inline constexpr Nanoseconds wait_longest = std::chrono::milliseconds(8);
inline constexpr Nanoseconds wait_limit = std::chrono::milliseconds(500);
// After this many SWD errors of one command it is given up.
inline constexpr unsigned most_line_errors = 8;

// The SWD clocks that the probe knows, fastest first.
[[nodiscard]] std::span<const std::uint32_t> swd_speeds();
// The fastest clock that is not above wish; without a wish the fastest. Empty: all are faster.
[[nodiscard]] std::optional<std::uint32_t> swd_speed(std::optional<std::uint32_t> wish);

[[nodiscard]] Nanoseconds swd_time(std::uint64_t bits, std::uint32_t speed_hz);
[[nodiscard]] Nanoseconds usb_payload_time(std::size_t bytes);

}  // namespace flashhost::sim
