// Addresses and bits of the F4's flash controller (docs/reference/stm32f4-flash.md sections 2 and
// 4).
#pragma once

#include <cstdint>

namespace flashhost::machine::stm32::f4_flash {

inline constexpr std::uint32_t system_memory = 0x1FFF0000;
inline constexpr std::uint32_t otp = 0x1FFF7800;
inline constexpr std::uint32_t otp_locks = 0x1FFF7A00;
inline constexpr std::uint32_t otp_end = 0x1FFF7A10;
inline constexpr std::uint32_t unique_id = 0x1FFF7A10;
inline constexpr std::uint32_t size_register = 0x1FFF7A22;
inline constexpr std::uint32_t system_end = 0x1FFF8000;
inline constexpr std::uint32_t option_bytes = 0x1FFFC000;
inline constexpr std::uint32_t option_bytes2 = 0x1FFEC000;  // of bank 2
inline constexpr std::uint32_t option_size = 16;
inline constexpr std::uint32_t information_start = 0x1FFE0000;
inline constexpr std::uint32_t information_end = 0x20000000;

// CR
inline constexpr std::uint32_t pg = 1U << 0;
inline constexpr std::uint32_t ser = 1U << 1;
inline constexpr std::uint32_t mer = 1U << 2;
inline constexpr std::uint32_t snb_at = 3;
inline constexpr std::uint32_t psize_at = 8;
inline constexpr std::uint32_t mer2 = 1U << 15;
inline constexpr std::uint32_t strt = 1U << 16;
inline constexpr std::uint32_t eopie = 1U << 24;
inline constexpr std::uint32_t errie = 1U << 25;
inline constexpr std::uint32_t lock = 1U << 31;

// SR
inline constexpr std::uint32_t eop = 1U << 0;
inline constexpr std::uint32_t operr = 1U << 1;
inline constexpr std::uint32_t wrperr = 1U << 4;
inline constexpr std::uint32_t pgaerr = 1U << 5;
inline constexpr std::uint32_t pgperr = 1U << 6;
inline constexpr std::uint32_t pgserr = 1U << 7;
inline constexpr std::uint32_t errors = wrperr | pgaerr | pgperr | pgserr;
inline constexpr std::uint32_t bsy = 1U << 16;

// OPTCR
inline constexpr std::uint32_t optlock = 1U << 0;
inline constexpr std::uint32_t optstrt = 1U << 1;
inline constexpr std::uint32_t bfb2 = 1U << 4;
inline constexpr std::uint32_t wdg_sw = 1U << 5;
inline constexpr std::uint32_t rdp_at = 8;
inline constexpr std::uint32_t nwrp_at = 16;
inline constexpr std::uint32_t db1m = 1U << 30;

inline constexpr std::uint32_t key1 = 0x45670123;
inline constexpr std::uint32_t key2 = 0xCDEF89AB;
inline constexpr std::uint32_t option_key1 = 0x08192A3B;
inline constexpr std::uint32_t option_key2 = 0x4C5D6E7F;

}  // namespace flashhost::machine::stm32::f4_flash
