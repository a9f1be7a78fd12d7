#include "parts_l4.hpp"

#include <array>

namespace flashhost::machine::stm32 {
namespace {

constexpr std::int64_t mhz = 1'000'000;
constexpr std::int64_t lsi = 32'000;

constexpr DebugMcuLayout debug_mcu_l4{8, 12, 11, false};
constexpr DebugMcuLayout debug_mcu_wb{0x3C, 12, 11, false};

constexpr std::uint32_t cortex_m0_plus_debug = 0x40015800;
constexpr SeriesFacts facts_l4{lsi, debug_mcu_l4, 0x58};
constexpr SeriesFacts facts_wb{lsi, debug_mcu_wb, 0x58};
constexpr SeriesFacts facts_g0{lsi, debug_mcu_l4, 0x3C, cortex_m0_plus_debug};
constexpr SeriesFacts facts_u0{lsi, debug_mcu_l4, 0x58, cortex_m0_plus_debug};

constexpr RccLayoutL4 rcc_of_l4{.ahb = 0x48,
                                .gpio = 0x4C,
                                .apb1 = 0x58,
                                .status = 0x94,
                                .oscillator_at = 0,
                                .wide_switch = false,
                                .debug_clock = false,
                                .wide_divider = false};
constexpr RccLayoutL4 rcc_of_g4 = [] {
  RccLayoutL4 layout = rcc_of_l4;
  layout.oscillator_at = 8;
  return layout;
}();
constexpr RccLayoutL4 rcc_of_g0{.ahb = 0x38,
                                .gpio = 0x34,
                                .apb1 = 0x3C,
                                .status = 0x60,
                                .oscillator_at = 8,
                                .wide_switch = true,
                                .debug_clock = true,
                                .wide_divider = true};
constexpr RccLayoutL4 rcc_of_u0 = [] {
  RccLayoutL4 layout = rcc_of_l4;
  layout.wide_switch = true;
  layout.wide_divider = true;
  return layout;
}();
constexpr RccLayoutL4 rcc_of_wb = [] {
  RccLayoutL4 layout = rcc_of_l4;
  layout.wide_divider = true;
  return layout;
}();

constexpr SeriesL4 l4{.core = CoreKind::cortex_m4,
                      .debug_port_id = 0x2BA01477,
                      .id_bits = 0,
                      .die = &facts_l4,
                      .rcc = rcc_of_l4,
                      .reset_hertz = 4 * mhz,
                      .flash_registers = 0x40022000,
                      .rcc_registers = 0x40021000,
                      .ports = 0x48000000,
                      .port_count = 9,
                      .size_register = 0x1FFF75E0,
                      .unique_id = 0x1FFF7590,
                      .otp = 0x1FFF7000,
                      .options = 0xFFEFF8AA,
                      .access_control = 0x600,
                      .access_bits = 0x6707,
                      .program_max_us = 91,
                      .row_max_us = 2120,
                      .erase_max_us = 24'500,
                      .hertz_per_wait_state = 16 * mhz,
                      .ecc = EccUnit::byte,
                      .config_busy = false,
                      .ones_stay = false,
                      .bus_error_at_level1 = false,
                      .secure_options = 0,
                      .pcrop_unit = 8};
constexpr SeriesL4 l4_plus = [] {
  SeriesL4 series = l4;
  series.access_bits = 0x670F;
  series.hertz_per_wait_state = 20 * mhz;
  series.pcrop_unit = 16;
  return series;
}();
constexpr SeriesL4 g4 = [] {
  SeriesL4 series = l4;
  series.rcc = rcc_of_g4;
  series.reset_hertz = 16 * mhz;
  series.access_control = 0x40601;
  series.access_bits = 0x4670F;
  series.hertz_per_wait_state = 34 * mhz;
  series.secure_options = 0x70;
  return series;
}();
constexpr SeriesL4 g0{.core = CoreKind::cortex_m0_plus,
                      .debug_port_id = 0x0BC11477,
                      .id_bits = 6,
                      .die = &facts_g0,
                      .rcc = rcc_of_g0,
                      .reset_hertz = 16 * mhz,
                      .flash_registers = 0x40022000,
                      .rcc_registers = 0x40021000,
                      .ports = 0x50000000,
                      .port_count = 6,
                      .size_register = 0x1FFF75E0,
                      .unique_id = 0x1FFF7590,
                      .otp = 0x1FFF7000,
                      .options = 0xFFFFFEAA,
                      .access_control = 0x40600,
                      .access_bits = 0x40307,
                      .program_max_us = 125,
                      .row_max_us = 2800,
                      .erase_max_us = 40'000,
                      .hertz_per_wait_state = 24 * mhz,
                      .ecc = EccUnit::double_word,
                      .config_busy = true,
                      .ones_stay = true,
                      .bus_error_at_level1 = false,
                      .secure_options = 0x80,
                      .pcrop_unit = 512};
constexpr SeriesL4 c0 = [] {
  SeriesL4 series = g0;
  series.reset_hertz = 12 * mhz;
  series.size_register = 0x1FFF75A0;
  series.unique_id = 0x1FFF7550;
  series.options = 0x3FFFFEAA;
  series.ecc = EccUnit::none;
  series.ones_stay = false;
  series.bus_error_at_level1 = true;
  return series;
}();
constexpr SeriesL4 u0 = [] {
  SeriesL4 series = g0;
  series.debug_port_id = 0x6BA02477;
  series.id_bits = 0;
  series.die = &facts_u0;
  series.rcc = rcc_of_u0;
  series.reset_hertz = 4 * mhz;
  series.size_register = 0x1FFF6EA0;
  series.unique_id = 0x1FFF6E50;
  series.otp = 0x1FFF6800;
  series.options = 0x3FFFFEAA;
  series.program_max_us = 91;
  series.row_max_us = 2120;
  series.erase_max_us = 24'500;
  series.ones_stay = false;
  return series;
}();
constexpr SeriesL4 u0_small = [] {
  SeriesL4 series = u0;
  series.size_register = 0x1FFF3EA0;
  series.unique_id = 0x1FFF3E50;
  return series;
}();
constexpr SeriesL4 wb = [] {
  SeriesL4 series = l4;
  series.debug_port_id = 0x6BA02477;
  series.die = &facts_wb;
  series.rcc = rcc_of_wb;
  series.flash_registers = 0x58004000;
  series.pcrop_unit = 2048;
  series.rcc_registers = 0x58000000;
  series.options = 0x3DFFF1AA;
  series.access_bits = 0x8707;
  series.hertz_per_wait_state = 18 * mhz;
  series.ecc = EccUnit::double_word;
  series.config_busy = true;
  series.pcrop_unit = 0;
  return series;
}();
constexpr SeriesL4 wl = [] {
  SeriesL4 series = wb;
  series.options = 0x3FFFF0AA;
  series.pcrop_unit = 1024;
  series.bus_error_at_level1 = true;
  return series;
}();

constexpr std::uint32_t kib = 1024;
constexpr EmptyFlag sr17 = EmptyFlag::in_status;
constexpr EmptyFlag acr16 = EmptyFlag::in_access_control;
constexpr EmptyFlag unchecked = EmptyFlag::none;

// With a divider behind the choice of the system clock.
constexpr LineL4 divided(LineL4 line) {
  line.system_divider = true;
  return line;
}

// clang-format off
//                        id     revision  page  PNB  empty   ECCR: address, bank; BKER
constexpr LineL4 l41{l4, 0x464, 0x1001, 2 * kib, 6, sr17, 19, 0};
constexpr LineL4 l43{l4, 0x435, 0x1001, 2 * kib, 8, sr17, 19, 0};
constexpr LineL4 l45{l4, 0x462, 0x1001, 2 * kib, 8, sr17, 19, 0};
constexpr LineL4 l47{l4, 0x415, 0x1007, 2 * kib, 8, unchecked, 19, 19, 11};
constexpr LineL4 l49{l4, 0x461, 0x2000, 2 * kib, 8, sr17, 19, 19, 11};
constexpr LineL4 l4r{l4_plus, 0x470, 0x1003, 4 * kib, 8, sr17, 20, 21, 11, true};
constexpr LineL4 l4p{l4_plus, 0x471, 0x1001, 4 * kib, 7, sr17, 20, 21, 11, true};
constexpr LineL4 g43{g4, 0x468, 0x2001, 2 * kib, 6, unchecked, 18, 0};
constexpr LineL4 g47{g4, 0x469, 0x2003, 2 * kib, 7, unchecked, 19, 21, 11, true};
constexpr LineL4 g49{g4, 0x479, 0x1001, 2 * kib, 8, unchecked, 19, 0};
constexpr LineL4 g03{g0, 0x466, 0x2000, 2 * kib, 10, acr16, 14, 0};
constexpr LineL4 g05{g0, 0x456, 0x1000, 2 * kib, 10, acr16, 14, 0};
constexpr LineL4 g07{g0, 0x460, 0x2000, 2 * kib, 10, acr16, 14, 0};
constexpr LineL4 g0b{g0, 0x467, 0x1000, 2 * kib, 10, acr16, 15, 0, 13, false, true};
constexpr LineL4 c011{c0, 0x443, 0x1000, 2 * kib, 4, acr16, 0, 0};
constexpr LineL4 c031{c0, 0x453, 0x1000, 2 * kib, 4, acr16, 0, 0};
constexpr LineL4 c051 = divided({c0, 0x44C, 0x1000, 2 * kib, 5, acr16, 0, 0});
constexpr LineL4 c071 = divided({c0, 0x493, 0x1000, 2 * kib, 6, acr16, 0, 0});
constexpr LineL4 c09x = divided({c0, 0x44D, 0x1000, 2 * kib, 7, acr16, 0, 0});
constexpr LineL4 u03{u0_small, 0x459, 0x1000, 2 * kib, 7, acr16, 14, 0};
constexpr LineL4 u08{u0, 0x489, 0x1000, 2 * kib, 7, acr16, 14, 0};
constexpr LineL4 wb5{wb, 0x495, 0x2001, 4 * kib, 8, acr16, 17, 0};
constexpr LineL4 wb3{wb, 0x496, 0x2001, 4 * kib, 8, acr16, 17, 0};
constexpr LineL4 wb1{wb, 0x494, 0x1000, 2 * kib, 8, acr16, 17, 0};
constexpr LineL4 wle{wl, 0x497, 0x1001, 2 * kib, 7, acr16, 17, 0};
// clang-format on

constexpr PartL4 part_l4(std::string_view name, const LineL4 &line, std::uint32_t flash_kib,
                         std::uint32_t sram_kib, std::uint32_t core_memory_kib = 0) {
  PartL4 part;
  part.name = name;
  part.core = line.series.core;
  part.debug_port_id = line.series.debug_port_id;
  part.flash_size = flash_kib * kib;
  part.sram_size = sram_kib * kib;
  part.core_memory_size = core_memory_kib * kib;
  part.mpu = true;
  part.device_id = static_cast<std::uint16_t>(line.series.id_bits << 12 | line.device_id);
  part.revision_id = line.revision_id;
  part.line = &line;
  return part;
}

constexpr std::uint32_t dualbank = 1U << 21;
constexpr std::uint32_t dbank = 1U << 22;

// option: the bit of OPTR that makes two banks; 0: it always has two.
constexpr PartL4 in_two_banks(PartL4 part, std::uint32_t option = 0) {
  part.two_banks = true;
  part.dual_option = option;
  return part;
}

// hole_kib: from the end of the first bank to the start of the second, where a larger part has it.
constexpr PartL4 with_hole(PartL4 part, std::uint32_t hole_kib) {
  part.hole = hole_kib * kib;
  part.flash_size += part.hole;
  return part;
}

constexpr PartL4 of_value_line(PartL4 part) {
  part.value_line = true;
  return part;
}

// Of SRAM, what is contiguous from 0x20000000 on: on WB35 and WB15, SRAM1.
constexpr auto table_l4 = std::to_array<PartL4>({
    part_l4("STM32G071RB", g07, 128, 36),
    of_value_line(part_l4("STM32G030K8", g03, 64, 8)),
    part_l4("STM32G031K8", g03, 64, 8),
    part_l4("STM32G051K8", g05, 64, 18),
    of_value_line(part_l4("STM32G070RB", g07, 128, 36)),
    part_l4("STM32G0B1RB", g0b, 128, 144),
    in_two_banks(part_l4("STM32G0B1RC", g0b, 256, 144), dualbank),
    in_two_banks(part_l4("STM32G0B1RE", g0b, 512, 144)),
    part_l4("STM32L412KB", l41, 128, 40),
    part_l4("STM32L432KC", l43, 256, 64),
    part_l4("STM32L452RE", l45, 512, 160),
    in_two_banks(part_l4("STM32L476RE", l47, 512, 96, 32), dualbank),
    in_two_banks(part_l4("STM32L476RG", l47, 1024, 96, 32)),
    in_two_banks(part_l4("STM32L496ZG", l49, 1024, 320)),
    in_two_banks(part_l4("STM32L4R5ZG", l4r, 1024, 640), dualbank),
    in_two_banks(part_l4("STM32L4R5ZI", l4r, 2048, 640), dbank),
    in_two_banks(part_l4("STM32L4P5ZG", l4p, 1024, 320), dbank),
    part_l4("STM32G431KB", g43, 128, 32),
    in_two_banks(part_l4("STM32G474RE", g47, 512, 128), dbank),
    with_hole(in_two_banks(part_l4("STM32G474RC", g47, 256, 128), dbank), 128),
    with_hole(in_two_banks(part_l4("STM32G473CB", g47, 128, 128), dbank), 192),
    part_l4("STM32G491RE", g49, 512, 112),
    part_l4("STM32C011F6", c011, 32, 6),
    part_l4("STM32C031K6", c031, 32, 12),
    part_l4("STM32C051C8", c051, 64, 12),
    part_l4("STM32C071RB", c071, 128, 24),
    part_l4("STM32C092RC", c09x, 256, 30),
    part_l4("STM32U031R8", u03, 64, 12),
    part_l4("STM32U083RC", u08, 256, 40),
    part_l4("STM32WB55RG", wb5, 1024, 256),
    part_l4("STM32WB35CE", wb3, 512, 32),
    part_l4("STM32WB15CC", wb1, 320, 12),
    part_l4("STM32WLE5JC", wle, 256, 64),
});

}  // namespace

std::span<const PartL4> parts_l4() {
  return table_l4;
}

}  // namespace flashhost::machine::stm32
