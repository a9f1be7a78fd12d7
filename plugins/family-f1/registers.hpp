// Registers of STM32F0, F1 and F3, as far as flashing needs them. F1: RM0008, RM0041 (F100), PM0075
// (flash). F0: RM0091, RM0360. F3: RM0313, RM0316, RM0365, RM0366.
#pragma once

#include "f1.hpp"
#include "stm32-common/identity.hpp"
#include "stm32-common/option_effects.hpp"
#include "stm32-common/prepare.hpp"

#include <cstdint>
#include <span>

namespace f1 {

// DBGMCU. Only a power-on reset clears it.
using stm32::dbgmcu_idcode, stm32::dbgmcu_cr;
inline constexpr std::uint32_t dbgmcu_low_power = 0x7, dbgmcu_iwdg_stop = 1U << 8,
                               dbgmcu_wwdg_stop = 1U << 9;
// F0 and F3: the freeze bits are in DBGMCU_APB1_FZ, behind DBGMCU_CR.
inline constexpr std::uint32_t apb1_fz_offset = 4, apb1_fz_watchdogs = (1U << 11) | (1U << 12);

// Electronic signature of the F1, and of F0 and F3.
inline constexpr std::uint32_t size_register = 0x1FFFF7E0, unique_id = 0x1FFFF7E8;
inline constexpr std::uint32_t new_size_register = 0x1FFFF7CC, new_unique_id = 0x1FFFF7AC;

using stm32::flash_base, stm32::ram_base;
inline constexpr std::uint32_t bank2_base = 0x08080000, option_base = 0x1FFFF800, option_size = 16;

inline constexpr std::uint32_t rcc_cr = 0x40021000, rcc_cfgr = 0x40021004, rcc_ahbenr = 0x40021014,
                               rcc_apb1enr = 0x4002101C;
inline constexpr std::uint32_t rcc_hsion = stm32::hsion, rcc_pllon = stm32::pllon,
                               rcc_sw = stm32::sw, rcc_prescalers = 0x3FF0;
inline constexpr std::uint32_t ahb_sram = 1U << 2, ahb_flitf = 1U << 4;
// All masters that write to memory without the core.
inline constexpr std::uint32_t ahb_dma = 0x3, ahb_ethernet = 7U << 14;  // the latter: F107
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
                               cr_lock = 1U << 7, cr_optwre = 1U << 9,
                               cr_obl_launch = 1U << 13;  // F0 and F3
inline constexpr std::uint32_t obr_opterr = 1U << 0, obr_rdprt = 1U << 1, obr_bfb2 = 1U << 5;
inline constexpr std::uint32_t obr_level2 = 3U << 1;  // F0 and F3: both bits
// Values of RDP. F0 and F3 have levels: 0, 1 (all other values) and 2.
inline constexpr std::uint8_t rdp_off = 0xA5, rdp_level0 = 0xAA, rdp_level2 = 0xCC;

// What the dies of a series share.
struct SeriesFacts {
  std::span<const std::uint32_t> cores;  // the first is the genuine chip's
  std::uint32_t debug_port = 0;          // DPIDR of the genuine chip
  std::uint32_t size_register = 0, unique_id = 0;
  std::span<const stm32::DebugBits> debug_bits;
  std::uint32_t masters = 0;  // in RCC_AHBENR
  std::uint8_t rdp_off = 0;
  bool levels = false;  // of read protection; and OBL_LAUNCH
  flashhost::Nanoseconds program_typical{}, program_maximum{};
  std::uint32_t loader_clock_hz = 0, loader_init = 0;  // Init's argument for that clock
};

[[nodiscard]] const SeriesFacts &facts_of(Series series);

}  // namespace f1
