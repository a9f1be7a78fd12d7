// Addresses and bits of the L4's flash controller (docs/reference/stm32-l4-type-flash.md sections 2
// to 6, 9 and 11).
#pragma once

#include <cstdint>

namespace flashhost::machine::stm32::l4_flash {

inline constexpr std::uint32_t system_memory = 0x1FFF0000;
inline constexpr std::uint32_t system_end = 0x1FFF8000;
inline constexpr std::uint32_t otp_size = 1024;
inline constexpr std::uint32_t option_bytes = 0x1FFF7800;
inline constexpr std::uint32_t option_bytes2 = 0x1FFFF800;  // of bank 2
inline constexpr std::uint32_t information_end = 0x20000000;

// ACR
inline constexpr std::uint32_t empty_in_acr = 1U << 16;
inline constexpr std::uint32_t prften = 1U << 8;
inline constexpr std::uint32_t icen = 1U << 9;
inline constexpr std::uint32_t dcen = 1U << 10;
inline constexpr std::uint32_t cache_bits = prften | icen | dcen;
inline constexpr std::uint32_t icrst = 1U << 11;
inline constexpr std::uint32_t dcrst = 1U << 12;
inline constexpr std::uint32_t debug_enable = 1U << 18;

// SR
inline constexpr std::uint32_t eop = 1U << 0;
inline constexpr std::uint32_t operr = 1U << 1;
inline constexpr std::uint32_t progerr = 1U << 3;
inline constexpr std::uint32_t wrperr = 1U << 4;
inline constexpr std::uint32_t pgaerr = 1U << 5;
inline constexpr std::uint32_t sizerr = 1U << 6;
inline constexpr std::uint32_t pgserr = 1U << 7;
inline constexpr std::uint32_t miserr = 1U << 8;
inline constexpr std::uint32_t fasterr = 1U << 9;
inline constexpr std::uint32_t rderr = 1U << 14;
inline constexpr std::uint32_t optverr = 1U << 15;
inline constexpr std::uint32_t errors =
    progerr | wrperr | pgaerr | sizerr | pgserr | miserr | fasterr | rderr | optverr;
inline constexpr std::uint32_t bsy = 1U << 16;
inline constexpr std::uint32_t bsy2 = 1U << 17;
inline constexpr std::uint32_t pempty = 1U << 17;
inline constexpr std::uint32_t cfgbsy = 1U << 18;
inline constexpr std::uint32_t pesd = 1U << 19;

// CR
inline constexpr std::uint32_t pg = 1U << 0;
inline constexpr std::uint32_t per = 1U << 1;
inline constexpr std::uint32_t mer1 = 1U << 2;
inline constexpr std::uint32_t pnb_at = 3;
inline constexpr std::uint32_t mer2 = 1U << 15;
inline constexpr std::uint32_t strt = 1U << 16;
inline constexpr std::uint32_t optstrt = 1U << 17;
inline constexpr std::uint32_t fstpg = 1U << 18;
inline constexpr std::uint32_t eopie = 1U << 24;
inline constexpr std::uint32_t errie = 1U << 25;
inline constexpr std::uint32_t rderrie = 1U << 26;
inline constexpr std::uint32_t obl_launch = 1U << 27;
inline constexpr std::uint32_t sec_prot = 1U << 28;
inline constexpr std::uint32_t sec_prot2 = 1U << 29;
inline constexpr std::uint32_t optlock = 1U << 30;
inline constexpr std::uint32_t lock = 1U << 31;

// ECCR
inline constexpr std::uint32_t eccie = 1U << 24;
inline constexpr std::uint32_t eccc2 = 1U << 28;
inline constexpr std::uint32_t eccd2 = 1U << 29;
inline constexpr std::uint32_t eccc = 1U << 30;
inline constexpr std::uint32_t eccd = 1U << 31;

// Options: offsets of their registers, bits of OPTR.
inline constexpr std::uint32_t optr = 0x20;
inline constexpr std::uint32_t pcrop1 = 0x24, pcrop2 = 0x44;  // start, then end
inline constexpr std::uint32_t wrp1 = 0x2C, wrp2 = 0x4C;      // A, then B
inline constexpr std::uint32_t pcrop_rdp = 1U << 31;          // of PCROP1ER
inline constexpr std::uint32_t pcrop_b = 0x34, pcrop2_b = 0x54;
inline constexpr std::uint32_t sfr = 0x80;  // WB, WL
inline constexpr std::uint32_t options_end = 0xA8;
inline constexpr std::uint32_t rdp = 0xFF;
inline constexpr std::uint32_t iwdg_sw = 1U << 16;
inline constexpr std::uint32_t bfb2_or_nswap = 1U << 20;
inline constexpr std::uint32_t boot_lock = 1U << 16;         // of SECR, SEC1R
inline constexpr std::uint32_t security_disabled = 1U << 8;  // of SFR

inline constexpr std::uint32_t key1 = 0x45670123;
inline constexpr std::uint32_t key2 = 0xCDEF89AB;
inline constexpr std::uint32_t option_key1 = 0x08192A3B;
inline constexpr std::uint32_t option_key2 = 0x4C5D6E7F;

}  // namespace flashhost::machine::stm32::l4_flash
