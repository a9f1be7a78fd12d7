// STM32F4 registers, as far as flashing needs them. RM0090 and the manuals of the other lines.
#pragma once

#include "stm32-common/identity.hpp"
#include "stm32-common/option_effects.hpp"
#include "stm32-common/prepare.hpp"

#include <cstdint>

namespace f4 {

using stm32::flash_base, stm32::ram_base;
inline constexpr std::uint32_t ccm_base = 0x10000000, ccm_size = 0x10000;
inline constexpr std::uint32_t system_base = 0x1FFF0000, system_size = 0x7800,
                               otp_base = 0x1FFF7800, otp_size = 0x210, option_base = 0x1FFFC000,
                               option2_base = 0x1FFEC000, option_size = 16;
// Electronic signature. The size is in the upper half of its word.
inline constexpr std::uint32_t size_register = 0x1FFF7A22, unique_id = 0x1FFF7A10;

// DBGMCU. Only a power-on reset clears it.
using stm32::dbgmcu_idcode, stm32::dbgmcu_cr;
inline constexpr std::uint32_t dbgmcu_apb1_fz = 0xE0042008;
inline constexpr std::uint32_t dbgmcu_low_power = 0x7, dbgmcu_iwdg_stop = 1U << 12,
                               dbgmcu_wwdg_stop = 1U << 11;

inline constexpr std::uint32_t rcc_cr = 0x40023800, rcc_pllcfgr = 0x40023804, rcc_cfgr = 0x40023808,
                               rcc_ahb1enr = 0x40023830, rcc_apb1enr = 0x40023840;
inline constexpr std::uint32_t rcc_prescalers = 0xFCF0;
// DMA1, DMA2, DMA2D, Ethernet, USB OTG HS: all masters that write to memory without the core.
inline constexpr std::uint32_t ahb1_masters = (7U << 21) | (0xFU << 25) | (3U << 29);

inline constexpr std::uint32_t flash_acr = 0x40023C00, flash_keyr = 0x40023C04,
                               flash_optkeyr = 0x40023C08, flash_sr = 0x40023C0C,
                               flash_cr = 0x40023C10, flash_optcr = 0x40023C14,
                               flash_optcr1 = 0x40023C18;
inline constexpr std::uint32_t acr_latency = 0xF, acr_reset_caches = 3U << 11;
inline constexpr std::uint32_t option_key1 = 0x08192A3B, option_key2 = 0x4C5D6E7F;
inline constexpr std::uint32_t sr_eop = 1U << 0, sr_operr = 1U << 1, sr_wrperr = 1U << 4,
                               sr_pgaerr = 1U << 5, sr_pgperr = 1U << 6, sr_pgserr = 1U << 7,
                               sr_rderr = 1U << 8, sr_bsy = 1U << 16,
                               sr_errors = sr_operr | sr_wrperr | sr_pgaerr | sr_pgperr | sr_pgserr,
                               sr_all = sr_eop | sr_errors | sr_rderr;
inline constexpr std::uint32_t cr_pg = 1U << 0, cr_ser = 1U << 1, cr_mer = 1U << 2,
                               cr_mer2 = 1U << 15, cr_strt = 1U << 16, cr_lock = 1U << 31;
inline constexpr std::uint32_t optcr_lock = 1U << 0, optcr_strt = 1U << 1, optcr_bfb2 = 1U << 4,
                               optcr_rdp = 0xFF00, optcr_db1m = 1U << 30, optcr_sprmod = 1U << 31;
inline constexpr unsigned rdp_at = 8, nwrp_at = 16;
inline constexpr std::uint32_t rdp_level0 = 0xAA, rdp_level2 = 0xCC;

}  // namespace f4
