// Registers of STM32s with the "L4 type" flash controller, as far as flashing needs them. RM0351,
// RM0432 (L4, L4+), RM0440 (G4), RM0444, RM0454 (G0), RM0490 (C0), RM0503 (U0), RM0434 (WB), RM0453
// (WL).
#pragma once

#include "stm32-common/identity.hpp"
#include "stm32-common/option_effects.hpp"
#include "stm32-common/prepare.hpp"

#include <cstdint>

namespace l4 {

using stm32::flash_base, stm32::ram_base;
inline constexpr std::uint32_t core_ram_base = 0x10000000;  // SRAM2 of an L4, CCM SRAM of a G4
inline constexpr std::uint32_t system_base = 0x1FFF0000, system_size = 0x6800, otp_size = 0x400,
                               option_base = 0x1FFF7800, option_size = 0x100,
                               option2_base = 0x1FFFF800;

using stm32::cortex_m0_plus, stm32::cortex_m4;

inline constexpr std::uint32_t dbgmcu_m4 = 0xE0042000, dbgmcu_m0 = 0x40015800;
// Offsets from the base of DBGMCU, which only a power-on reset clears.
inline constexpr std::uint32_t dbgmcu_cr = 0x04;
inline constexpr std::uint32_t dbgmcu_iwdg_stop = 1U << 12, dbgmcu_wwdg_stop = 1U << 11;

// Offsets from the base of RCC.
inline constexpr std::uint32_t rcc_cr = 0x00, rcc_cfgr = 0x08, rcc_pllcfgr = 0x0C;
inline constexpr std::uint32_t rcc_hsion = 1U << 8, rcc_hsirdy = 1U << 10, rcc_pllon = 1U << 24,
                               rcc_hsidiv = 7U << 11;
inline constexpr std::uint32_t apb1_dbgen = 1U << 27, apb1_pwren = 1U << 28;

inline constexpr std::uint32_t power_range = 3U << 9, power_range1 = 1U << 9,
                               power_range2 = 2U << 9, power_range_changes = 1U << 10,
                               power_low_run = 1U << 14, power_low_regulator = 1U << 9;

// SYSCFG_MEMRMP of an L4 or G4: which bank is shown at 0x08000000.
inline constexpr std::uint32_t syscfg_memrmp = 0x40010000, memrmp_fb_mode = 1U << 8;

// Offsets from the base of the flash controller.
inline constexpr std::uint32_t flash_acr = 0x00, flash_keyr = 0x08, flash_optkeyr = 0x0C,
                               flash_sr = 0x10, flash_cr = 0x14, flash_eccr = 0x18,
                               flash_ecc2r = 0x1C, flash_optr = 0x20, flash_sfr = 0x80;
inline constexpr std::uint32_t acr_prefetch = 1U << 8, acr_instruction_cache = 1U << 9,
                               acr_data_cache = 1U << 10, acr_reset_caches = 3U << 11,
                               acr_empty = 1U << 16, acr_dbg_swen = 1U << 18;
inline constexpr std::uint32_t option_key1 = 0x08192A3B, option_key2 = 0x4C5D6E7F;
inline constexpr std::uint32_t sr_eop = 1U << 0, sr_operr = 1U << 1, sr_progerr = 1U << 3,
                               sr_wrperr = 1U << 4, sr_pgaerr = 1U << 5, sr_sizerr = 1U << 6,
                               sr_pgserr = 1U << 7, sr_misserr = 1U << 8, sr_fasterr = 1U << 9,
                               sr_rderr = 1U << 14, sr_optverr = 1U << 15, sr_bsy = 1U << 16,
                               sr_bit17 = 1U << 17,  // BSY2 or PEMPTY
    sr_cfgbsy = 1U << 18, sr_pesd = 1U << 19;
// Errors of an operation; and all flags that a 1 clears.
inline constexpr std::uint32_t sr_errors = 0x3FA, sr_all = 0xFBFB;
inline constexpr std::uint32_t cr_pg = 1U << 0, cr_per = 1U << 1, cr_mer1 = 1U << 2,
                               cr_mer2 = 1U << 15, cr_strt = 1U << 16, cr_optstrt = 1U << 17,
                               cr_obl_launch = 1U << 27, cr_sec_prot = 3U << 28,
                               cr_optlock = 1U << 30, cr_lock = 1U << 31;
inline constexpr unsigned pnb_at = 3;
inline constexpr std::uint32_t eccr_detected2 = 1U << 29, eccr_corrected = 1U << 30,
                               eccr_detected = 1U << 31;
inline constexpr std::uint32_t optr_rdp = 0xFF, optr_iwdg_sw = 1U << 16, optr_bit20 = 1U << 20,
                               optr_bit21 = 1U << 21, optr_bit22 = 1U << 22;
inline constexpr std::uint32_t rdp_level0 = 0xAA, rdp_level2 = 0xCC;
inline constexpr std::uint32_t sfr_sfsa = 0xFF, sfr_fsd = 1U << 8;

}  // namespace l4
