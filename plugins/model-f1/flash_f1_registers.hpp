// Addresses and bits of the FPEC (docs/reference/stm32f1-flash.md sections 2 and 3).
#pragma once

#include <cstdint>

namespace flashhost::machine::stm32::fpec {

inline constexpr std::uint32_t option_address = 0x1FFFF800;
inline constexpr std::uint32_t option_size = 16;
inline constexpr std::uint32_t information_end = 0x1FFFFC00;  // of the pages mapped

// CR
inline constexpr std::uint32_t pg = 1U << 0;
inline constexpr std::uint32_t per = 1U << 1;
inline constexpr std::uint32_t mer = 1U << 2;
inline constexpr std::uint32_t optpg = 1U << 4;
inline constexpr std::uint32_t opter = 1U << 5;
inline constexpr std::uint32_t strt = 1U << 6;
inline constexpr std::uint32_t lock = 1U << 7;
inline constexpr std::uint32_t optwre = 1U << 9;
inline constexpr std::uint32_t errie = 1U << 10;
inline constexpr std::uint32_t eopie = 1U << 12;
inline constexpr std::uint32_t control_bits = pg | per | mer | optpg | opter | errie | eopie;

// SR
inline constexpr std::uint32_t bsy = 1U << 0;
inline constexpr std::uint32_t pgerr = 1U << 2;
inline constexpr std::uint32_t wrprterr = 1U << 4;
inline constexpr std::uint32_t eop = 1U << 5;

inline constexpr std::uint32_t key1 = 0x45670123;
inline constexpr std::uint32_t key2 = 0xCDEF89AB;

}  // namespace flashhost::machine::stm32::fpec
