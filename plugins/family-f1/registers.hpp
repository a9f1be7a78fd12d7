// STM32F1 registers, as far as flashing needs them. RM0008, RM0041 (F100), PM0075 (flash).
#pragma once

#include "stm32-common/identity.hpp"
#include "stm32-common/prepare.hpp"

#include <cstdint>

namespace f1 {

// DBGMCU. Only a power-on reset clears it.
using stm32::dbgmcu_idcode, stm32::dbgmcu_cr;
inline constexpr std::uint32_t dbgmcu_low_power = 0x7, dbgmcu_iwdg_stop = 1U << 8,
                               dbgmcu_wwdg_stop = 1U << 9;

// Electronic signature.
inline constexpr std::uint32_t size_register = 0x1FFFF7E0, unique_id = 0x1FFFF7E8;

using stm32::flash_base, stm32::ram_base;
inline constexpr std::uint32_t bank2_base = 0x08080000, option_base = 0x1FFFF800, option_size = 16;

inline constexpr std::uint32_t rcc_cr = 0x40021000, rcc_cfgr = 0x40021004, rcc_ahbenr = 0x40021014,
                               rcc_apb1enr = 0x4002101C;
inline constexpr std::uint32_t rcc_hsion = stm32::hsion, rcc_pllon = stm32::pllon,
                               rcc_sw = stm32::sw, rcc_prescalers = 0x3FF0;
inline constexpr std::uint32_t ahb_sram = 1U << 2, ahb_flitf = 1U << 4;
// DMA1, DMA2 and the Ethernet MAC (F107): all masters that write to memory without the core.
inline constexpr std::uint32_t ahb_masters = 0x3 | (7U << 14);
using stm32::apb1_wwdg, stm32::iwdg_kr, stm32::iwdg_reload, stm32::wwdg_cr, stm32::wwdg_wdga;

// Flash controller. The second bank's registers are 0x40 higher.
inline constexpr std::uint32_t flash_acr = 0x40022000, flash_keyr = 0x40022004,
                               flash_optkeyr = 0x40022008, flash_sr = 0x4002200C,
                               flash_cr = 0x40022010, flash_ar = 0x40022014, flash_obr = 0x4002201C,
                               flash_wrpr = 0x40022020, bank2_offset = 0x40;
using stm32::key1, stm32::key2;
inline constexpr std::uint32_t sr_bsy = 1U << 0, sr_pgerr = 1U << 2, sr_wrprterr = 1U << 4,
                               sr_eop = 1U << 5, sr_errors = sr_pgerr | sr_wrprterr;
inline constexpr std::uint32_t cr_pg = 1U << 0, cr_per = 1U << 1, cr_mer = 1U << 2,
                               cr_optpg = 1U << 4, cr_opter = 1U << 5, cr_strt = 1U << 6,
                               cr_lock = 1U << 7, cr_optwre = 1U << 9;
inline constexpr std::uint32_t obr_opterr = 1U << 0, obr_rdprt = 1U << 1, obr_bfb2 = 1U << 5;
inline constexpr std::uint8_t rdp_off = 0xA5;

}  // namespace f1
