// Registers and bits of the debug port and the MEM-AP. Only numbers.
#pragma once

#include <cstdint>

namespace flashhost::machine::dap {

// Debug port, by A[3:2].
inline constexpr std::uint8_t dpidr = 0x0;      // written: ABORT
inline constexpr std::uint8_t ctrl_stat = 0x4;  // in bank 0
inline constexpr std::uint8_t select = 0x8;     // read: RESEND
inline constexpr std::uint8_t rdbuff = 0xC;     // written: TARGETSEL

namespace abort {
inline constexpr std::uint32_t dapabort = 1U << 0;
inline constexpr std::uint32_t stkcmpclr = 1U << 1;
inline constexpr std::uint32_t stkerrclr = 1U << 2;
inline constexpr std::uint32_t wderrclr = 1U << 3;
inline constexpr std::uint32_t orunerrclr = 1U << 4;
}  // namespace abort

namespace ctrl {
inline constexpr std::uint32_t orundetect = 1U << 0;
inline constexpr std::uint32_t stickyorun = 1U << 1;
inline constexpr std::uint32_t trnmode = 3U << 2;
inline constexpr std::uint32_t pushed_verify = 1U << 2;
inline constexpr std::uint32_t pushed_compare = 2U << 2;
inline constexpr std::uint32_t stickycmp = 1U << 4;
inline constexpr std::uint32_t stickyerr = 1U << 5;
inline constexpr std::uint32_t readok = 1U << 6;
inline constexpr std::uint32_t wdataerr = 1U << 7;
inline constexpr std::uint32_t sticky = stickyorun | stickycmp | stickyerr | wdataerr;
inline constexpr unsigned masklane_shift = 8;
inline constexpr std::uint32_t masklane = 0xFU << masklane_shift;
inline constexpr std::uint32_t power_requests = 0x50000000;  // CDBGPWRUPREQ, CSYSPWRUPREQ
inline constexpr std::uint32_t debug_power_request = 0x10000000;
inline constexpr unsigned ack_shift = 1;  // each acknowledge is one above its request
}  // namespace ctrl

inline constexpr std::uint32_t minimal_port = 1U << 16;  // DPIDR.MIN: no pushed operations

// MEM-AP: APBANKSEL in the upper half, A[3:2] in the lower.
inline constexpr std::uint8_t csw = 0x00;
inline constexpr std::uint8_t tar = 0x04;
inline constexpr std::uint8_t drw = 0x0C;
inline constexpr std::uint32_t select_bank = 0xF;  // DPBANKSEL of SELECT
inline constexpr std::uint8_t bd0 = 0x10;
inline constexpr std::uint8_t bd3 = 0x1C;
inline constexpr std::uint8_t base = 0xF8;
inline constexpr std::uint8_t idr = 0xFC;

}  // namespace flashhost::machine::dap
