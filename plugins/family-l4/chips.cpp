#include "l4.hpp"
#include "loaders/l4/l4.inc"
#include "registers.hpp"

#include <algorithm>

namespace l4 {

using namespace flashhost;

namespace {

using namespace std::chrono_literals;
using stm32::kib;

constexpr std::uint32_t rcc_low = 0x40021000, rcc_high = 0x58000000;
constexpr std::uint32_t power_low = 0x40007000, power_high = 0x58000400;
constexpr std::uint32_t flash_low = 0x40022000, flash_high = 0x58004000;
constexpr std::uint32_t hsi16 = 16'000'000, hsi48_half = 24'000'000;
constexpr std::uint32_t modes3 = 7, modes2 = 6;  // DBG_SLEEP, DBG_STOP, DBG_STANDBY
// DMA1, DMA2, the multiplexer of their requests; on an L4 DMA2D and GFXMMU, too.
constexpr std::uint32_t dma = 7, dma_and_graphics = dma | 3U << 17;

// clang-format off
constexpr std::array<SeriesFacts, 7> series_table{{
    {.series = Series::l4, .core = cortex_m4, .debug_port = 0x2BA01477, .dbgmcu = dbgmcu_m4, .rcc = rcc_low,
     .power = power_low, .flash = flash_low, .low_power_debug = modes3, .freeze = 0x08, .ahb = 0x48, .apb1 = 0x58,
     .masters = dma_and_graphics, .clock_status_at = 2, .internal = 1, .clock_hz = hsi16, .remappable = true},
    {.series = Series::g4, .core = cortex_m4, .debug_port = 0x2BA01477, .dbgmcu = dbgmcu_m4, .rcc = rcc_low,
     .power = power_low, .flash = flash_low, .low_power_debug = modes3, .freeze = 0x08, .ahb = 0x48, .apb1 = 0x58,
     .masters = dma, .clock_status_at = 2, .internal = 1, .clock_hz = hsi16, .fast_rows = false, .debug_switch = true,
     .remappable = true},
    {.series = Series::g0, .core = cortex_m0_plus, .debug_port = 0x0BC11477, .dbgmcu = dbgmcu_m0, .rcc = rcc_low,
     .power = power_low, .flash = flash_low, .low_power_debug = modes2, .freeze = 0x08, .ahb = 0x38, .apb1 = 0x3C,
     .masters = dma, .clock_status_at = 3, .clock_hz = hsi16, .debug_clock = true, .half_written = true, .debug_switch = true},
    {.series = Series::c0, .core = cortex_m0_plus, .debug_port = 0x0BC11477, .dbgmcu = dbgmcu_m0, .rcc = rcc_low,
     .power = 0, .flash = flash_low, .low_power_debug = modes2, .freeze = 0x08, .ahb = 0x38, .apb1 = 0x3C,
     .masters = dma, .clock_status_at = 3, .divider = 1U << 11, .clock_hz = hsi48_half, .debug_clock = true,
     .ecc = false, .half_written = true, .debug_switch = true, .system_divider = 7U << 2},
    {.series = Series::u0, .core = cortex_m0_plus, .debug_port = 0x6BA02477, .dbgmcu = dbgmcu_m0, .rcc = rcc_low,
     .power = power_low, .flash = flash_low, .low_power_debug = modes2, .freeze = 0x08, .ahb = 0x48, .apb1 = 0x58,
     .masters = dma, .clock_status_at = 3, .internal = 1, .clock_hz = hsi16, .half_written = true},
    {.series = Series::wb, .core = cortex_m4, .debug_port = 0x6BA02477, .dbgmcu = dbgmcu_m4, .rcc = rcc_high,
     .power = power_high, .flash = flash_high, .low_power_debug = modes3, .freeze = 0x3C, .ahb = 0x48, .apb1 = 0x58,
     .masters = dma, .clock_status_at = 2, .internal = 1, .clock_hz = hsi16, .half_written = true, .second_core = true},
    {.series = Series::wl, .core = cortex_m4, .debug_port = 0x6BA02477, .dbgmcu = dbgmcu_m4, .rcc = rcc_high,
     .power = power_high, .flash = flash_high, .low_power_debug = modes3, .freeze = 0x3C, .ahb = 0x48, .apb1 = 0x58,
     .masters = dma, .clock_status_at = 2, .internal = 1, .clock_hz = hsi16, .half_written = true, .second_core = true},
}};

constexpr std::uint16_t u031 = 0x459;
constexpr std::uint32_t wb_sram2 = 0x20030000;

constexpr auto line_table = std::to_array<Line>({
    {0x464, "STM32L412/422", "STM32L412", Series::l4, 128, 2, Banks::one, 0, Empty::sr},
    {0x435, "STM32L431/432/433/442/443", "STM32L431", Series::l4, 256, 2, Banks::one, 0, Empty::sr},
    {0x462, "STM32L451/452/462", "STM32L452", Series::l4, 512, 2, Banks::one, 0, Empty::sr},
    {0x415, "STM32L471/475/476/486", "STM32L476", Series::l4, 1024, 2, Banks::largest_or_21, 0, Empty::nobody,
     {0x1000, 0x1001, 0x1003, 0x1007}},
    {0x461, "STM32L496/4A6", "STM32L496", Series::l4, 1024, 2, Banks::largest_or_21, 0, Empty::sr},
    {0x470, "STM32L4R5/R7/R9/S5/S7/S9", "STM32L4R5", Series::l4, 2048, 4, Banks::bit_22_or_21, 8, Empty::sr},
    {0x471, "STM32L4P5/Q5", "STM32L4P5", Series::l4, 1024, 4, Banks::bit_22_or_21, 8, Empty::sr},
    {0x468, "STM32G431/441", "STM32G431", Series::g4, 128, 2, Banks::one, 0, Empty::nobody,
     {0x1000, 0x2000, 0x2001}},
    {0x469, "STM32G471/473/474/483/484", "STM32G474", Series::g4, 512, 2, Banks::bit_22, 4, Empty::nobody},
    {0x479, "STM32G491/4A1", "STM32G491", Series::g4, 512, 2, Banks::one, 0, Empty::nobody},
    {0x466, "STM32G030/031/041", "STM32G031", Series::g0, 64, 2, Banks::one, 0, Empty::acr},
    {0x456, "STM32G050/051/061", "STM32G051", Series::g0, 64, 2, Banks::one, 0, Empty::acr},
    {0x460, "STM32G070/071/081", "STM32G071", Series::g0, 128, 2, Banks::one, 0, Empty::acr},
    {0x467, "STM32G0B0/0B1/0C1", "STM32G0B1", Series::g0, 512, 2, Banks::g0b, 0, Empty::acr},
    {0x443, "STM32C011", "STM32C011", Series::c0, 32, 2, Banks::one, 0, Empty::acr},
    {0x453, "STM32C031", "STM32C031", Series::c0, 32, 2, Banks::one, 0, Empty::acr},
    {0x44C, "STM32C051", "STM32C051", Series::c0, 64, 2, Banks::one, 0, Empty::acr},
    {0x493, "STM32C071", "STM32C071", Series::c0, 128, 2, Banks::one, 0, Empty::acr},
    {0x44D, "STM32C091/092", "STM32C091", Series::c0, 256, 2, Banks::one, 0, Empty::acr},
    {u031, "STM32U031", "STM32U031", Series::u0, 64, 2, Banks::one, 0, Empty::acr},
    {0x489, "STM32U073/083", "STM32U073", Series::u0, 256, 2, Banks::one, 0, Empty::acr},
    {0x495, "STM32WB55/50", "STM32WB55", Series::wb, 1024, 4, Banks::one, 0, Empty::acr},
    {0x496, "STM32WB35/30", "STM32WB35", Series::wb, 512, 4, Banks::one, 0, Empty::acr},
    {0x494, "STM32WB10/15", "STM32WB15", Series::wb, 320, 2, Banks::one, 0, Empty::acr},
    {0x497, "STM32WL54/55/E4/E5", "STM32WLE5", Series::wl, 256, 2, Banks::one, 0, Empty::acr},
});

// loader_kib: RAM from 0x20000000 on that every such part has and no option takes away. ram_kib:
// all of it, without a gap but on a WB, where what is behind the first begins at wb_sram2. core_kib:
// RAM at 0x10000000.
struct Row {
  const char *pattern;
  std::uint32_t flash_kib, loader_kib, ram_kib, core_kib;
  std::uint16_t device_id;
};
constexpr auto part_table = std::to_array<Row>({
    {"STM32L412[CKRT]8", 64, 32, 40, 8, 0x464},      {"STM32L412[CKRT]B", 128, 32, 40, 8, 0x464},
    {"STM32L422[CKRT]B", 128, 32, 40, 8, 0x464},
    {"STM32L431[CKRV]B", 128, 48, 64, 16, 0x435},    {"STM32L431[CKRV]C", 256, 48, 64, 16, 0x435},
    {"STM32L432KB", 128, 48, 64, 16, 0x435},         {"STM32L432KC", 256, 48, 64, 16, 0x435},
    {"STM32L433[CRV]B", 128, 48, 64, 16, 0x435},     {"STM32L433[CRV]C", 256, 48, 64, 16, 0x435},
    {"STM32L442KC", 256, 48, 64, 16, 0x435},         {"STM32L443[CRV]C", 256, 48, 64, 16, 0x435},
    {"STM32L451[CRV]C", 256, 128, 160, 32, 0x462},   {"STM32L451[CRV]E", 512, 128, 160, 32, 0x462},
    {"STM32L452[CRV]C", 256, 128, 160, 32, 0x462},   {"STM32L452[CRV]E", 512, 128, 160, 32, 0x462},
    {"STM32L462[CRV]E", 512, 128, 160, 32, 0x462},
    {"STM32L471[QRVZ]E", 512, 96, 96, 32, 0x415},    {"STM32L471[QRVZ]G", 1024, 96, 96, 32, 0x415},
    {"STM32L475[RV]C", 256, 96, 96, 32, 0x415},      {"STM32L475[RV]E", 512, 96, 96, 32, 0x415},
    {"STM32L475[RV]G", 1024, 96, 96, 32, 0x415},     {"STM32L476[RV]C", 256, 96, 96, 32, 0x415},
    {"STM32L476[JQRVZ]E", 512, 96, 96, 32, 0x415},   {"STM32L476[JMQRVZ]G", 1024, 96, 96, 32, 0x415},
    {"STM32L486[JQRVZ]G", 1024, 96, 96, 32, 0x415},
    {"STM32L496[AQRVZ]E", 512, 256, 320, 64, 0x461}, {"STM32L496[AQRVWZ]G", 1024, 256, 320, 64, 0x461},
    {"STM32L4A6[AQRVZ]G", 1024, 256, 320, 64, 0x461},
    {"STM32L4P5[ACQRVZ]E", 512, 128, 320, 64, 0x471}, {"STM32L4P5[ACQRVZ]G", 1024, 128, 320, 64, 0x471},
    {"STM32L4Q5[ACQRVZ]G", 1024, 128, 320, 64, 0x471},
    {"STM32L4R5[AQVZ]G", 1024, 192, 640, 64, 0x470}, {"STM32L4R5[AQVZ]I", 2048, 192, 640, 64, 0x470},
    {"STM32L4R7[AVZ]I", 2048, 192, 640, 64, 0x470},  {"STM32L4R9[AVZ]G", 1024, 192, 640, 64, 0x470},
    {"STM32L4R9[AVZ]I", 2048, 192, 640, 64, 0x470},  {"STM32L4S5[AQVZ]I", 2048, 192, 640, 64, 0x470},
    {"STM32L4S7[AVZ]I", 2048, 192, 640, 64, 0x470},  {"STM32L4S9[AVZ]I", 2048, 192, 640, 64, 0x470},
    {"STM32G030[CFJK]6", 32, 8, 8, 0, 0x466},        {"STM32G030[CK]8", 64, 8, 8, 0, 0x466},
    {"STM32G031[CFGJK]4", 16, 8, 8, 0, 0x466},       {"STM32G031[CFGJKY]6", 32, 8, 8, 0, 0x466},
    {"STM32G031[CFGKY]8", 64, 8, 8, 0, 0x466},       {"STM32G041[CFGJKY]6", 32, 8, 8, 0, 0x466},
    {"STM32G041[CFGKY]8", 64, 8, 8, 0, 0x466},
    {"STM32G050[CFK]6", 32, 16, 18, 0, 0x456},       {"STM32G050[CFK]8", 64, 16, 18, 0, 0x456},
    {"STM32G051[CFGK]6", 32, 16, 18, 0, 0x456},      {"STM32G051[CFGK]8", 64, 16, 18, 0, 0x456},
    {"STM32G061[CFGK]6", 32, 16, 18, 0, 0x456},      {"STM32G061[CFGK]8", 64, 16, 18, 0, 0x456},
    {"STM32G070[CKR]B", 128, 32, 36, 0, 0x460},      {"STM32G071[CGKR]6", 32, 32, 36, 0, 0x460},
    {"STM32G071[CEGKR]8", 64, 32, 36, 0, 0x460},     {"STM32G071[CEGKR]B", 128, 32, 36, 0, 0x460},
    {"STM32G081[CEGKR]B", 128, 32, 36, 0, 0x460},
    {"STM32G0B0[CKRV]E", 512, 128, 144, 0, 0x467},   {"STM32G0B1[CKMRV]B", 128, 128, 144, 0, 0x467},
    {"STM32G0B1[CKMRV]C", 256, 128, 144, 0, 0x467},  {"STM32G0B1[CKMNRV]E", 512, 128, 144, 0, 0x467},
    {"STM32G0C1[CKMRV]C", 256, 128, 144, 0, 0x467},  {"STM32G0C1[CKMNRV]E", 512, 128, 144, 0, 0x467},
    {"STM32G431[CKMRV]6", 32, 16, 32, 10, 0x468},    {"STM32G431[CKMRV]8", 64, 16, 32, 10, 0x468},
    {"STM32G431[CKMRV]B", 128, 16, 32, 10, 0x468},   {"STM32G441[CKMRV]B", 128, 16, 32, 10, 0x468},
    {"STM32G471[CMQRV]C", 256, 80, 128, 32, 0x469},  {"STM32G471[CMQRV]E", 512, 80, 128, 32, 0x469},
    {"STM32G473[CMPQRV]B", 128, 80, 128, 32, 0x469}, {"STM32G473[CMPQRV]C", 256, 80, 128, 32, 0x469},
    {"STM32G473[CMPQRV]E", 512, 80, 128, 32, 0x469}, {"STM32G474[CMPQRV]B", 128, 80, 128, 32, 0x469},
    {"STM32G474[CMPQRV]C", 256, 80, 128, 32, 0x469}, {"STM32G474[CMPQRV]E", 512, 80, 128, 32, 0x469},
    {"STM32G483[CMPQRV]E", 512, 80, 128, 32, 0x469}, {"STM32G484[CMPQRV]E", 512, 80, 128, 32, 0x469},
    {"STM32G491[CKMRV]C", 256, 80, 112, 16, 0x479},  {"STM32G491[CKMRV]E", 512, 80, 112, 16, 0x479},
    {"STM32G4A1[CKMRV]E", 512, 80, 112, 16, 0x479},
    {"STM32C011[DFJ]4", 16, 6, 6, 0, 0x443},         {"STM32C011[DFJ]6", 32, 6, 6, 0, 0x443},
    {"STM32C031[CFGK]4", 16, 12, 12, 0, 0x453},      {"STM32C031[CDFGK]6", 32, 12, 12, 0, 0x453},
    {"STM32C051[CDFGK]6", 32, 12, 12, 0, 0x44C},     {"STM32C051[CDFGK]8", 64, 12, 12, 0, 0x44C},
    {"STM32C071[CFGKR]8", 64, 24, 24, 0, 0x493},     {"STM32C071[CFGKR]B", 128, 24, 24, 0, 0x493},
    {"STM32C091[CEFGKR]B", 128, 30, 36, 0, 0x44D},   {"STM32C091[CEFGKR]C", 256, 30, 36, 0, 0x44D},
    {"STM32C092[CEFGKR]B", 128, 30, 30, 0, 0x44D},   {"STM32C092[CEFGKR]C", 256, 30, 30, 0, 0x44D},
    {"STM32U031[FK]4", 16, 8, 12, 0, u031},          {"STM32U031[CFGKR]6", 32, 8, 12, 0, u031},
    {"STM32U031[CFGKR]8", 64, 8, 12, 0, u031},
    {"STM32U073[CHKMR]8", 64, 32, 40, 0, 0x489},     {"STM32U073[CHKMR]B", 128, 32, 40, 0, 0x489},
    {"STM32U073[CHKMR]C", 256, 32, 40, 0, 0x489},    {"STM32U083[CHKMR]C", 256, 32, 40, 0, 0x489},
    {"STM32WB55[CRV]C", 256, 64, 128, 0, 0x495},     {"STM32WB55[CRV]E", 512, 192, 256, 0, 0x495},
    {"STM32WB55VY", 640, 192, 256, 0, 0x495},        {"STM32WB55[CRV]G", 1024, 192, 256, 0, 0x495},
    {"STM32WB50CG", 1024, 64, 128, 0, 0x495},
    {"STM32WB35CC", 256, 32, 96, 0, 0x496},          {"STM32WB35CE", 512, 32, 96, 0, 0x496},
    {"STM32WB30CE", 512, 32, 96, 0, 0x496},
    {"STM32WB10CC", 320, 12, 48, 0, 0x494},          {"STM32WB15CC", 320, 12, 48, 0, 0x494},
    {"STM32WLE4[CJ]8", 64, 10, 20, 0, 0x497},        {"STM32WLE4[CJ]B", 128, 24, 48, 0, 0x497},
    {"STM32WLE4[CJ]C", 256, 32, 64, 0, 0x497},       {"STM32WLE5[CJ]8", 64, 10, 20, 0, 0x497},
    {"STM32WLE5[CJ]B", 128, 24, 48, 0, 0x497},       {"STM32WLE5[CJ]C", 256, 32, 64, 0, 0x497},
    {"STM32WL54[CJ]C", 256, 32, 64, 0, 0x497},       {"STM32WL55[CJ]C", 256, 32, 64, 0, 0x497},
});
// clang-format on

// DS13560 for G0 and C0, DS10198 and the like for the others: flash memory characteristics.
constexpr Nanoseconds program_typical = 82us, erase_typical = 22ms;
constexpr Nanoseconds row_typical = 1910us;  // 1.7 ms on a G0
constexpr int row_units = 32;
struct Maxima {
  Nanoseconds program, erase;
};
constexpr Maxima maxima_of(Series series) {
  if (series == Series::g0 || series == Series::c0) return {125us, 41ms};
  return {91us, 25ms};
}

// Chip::variant: the index of its line, and the division.
constexpr std::uint32_t line_mask = 0xFF, two_banks_flag = 0x100, swapped_flag = 0x200,
                        second_core_flag = 0x400, value_line_flag = 0x800,
                        own_kib_mask = 0xFFFF0000;
constexpr unsigned own_kib_at = 16;
constexpr std::uint32_t fixed_bank_distance = 256 * kib;  // of an STM32G47x

FlashStatus status_of(const Line &line) {
  using enum StatusBit::Meaning;
  const SeriesFacts &facts = facts_of(line.series);
  FlashStatus status;
  status.registers = {{"FLASH_SR", facts.flash + flash_sr, flash_base}};
  status.bits = {
      {error, sr_wrperr, "WRPERR",
       "the page is protected: against writing (WRP), as proprietary code (PCROP), in the secured "
       "area, or the chip is read-protected; --unlock, or unlock = true in [flash], lifts a write "
       "or read protection",
       Cause::write_protection},
      {error, sr_progerr, "PROGERR",
       "the double word was not erased before it was programmed; the erase was incomplete, or the "
       "cell is worn out",
       Cause::bad_cell},
      {error, sr_pgaerr, "PGAERR",
       "the data was no whole double word, or crossed the end of a row of the flash"},
      {error, sr_sizerr, "SIZERR", "the flash was written in bytes or halfwords, not in words"},
      {error, sr_pgserr, "PGSERR",
       "the flash was written without having been made ready, or an older error flag was still "
       "set; something else, the old firmware for one, uses the controller",
       Cause::stale_errors},
      {error, sr_misserr, "MISSERR",
       "the data of a row did not come fast enough for fast programming"},
      {error, sr_fasterr, "FASTERR", "fast programming of a row was broken off"},
      {error, sr_operr, "OPERR", "the operation was not carried out because of such an error"},
      {error, sr_rderr, "RDERR", "an area that is protected against reading (PCROP) was read"},
      {error, sr_optverr, "OPTVERR",
       "the chip found its option bytes damaged when it loaded them; `flashhost option` shows "
       "them",
       Cause::damaged_options},
      {busy, sr_bsy, "BSY",
       "an operation is still going on; it takes longer than it should when the chip is aged, cold "
       "or a clone, or its supply is too low",
       Cause::stuck_busy}};
  if (line.banks == Banks::g0b) {
    status.bits.push_back(
        {busy, sr_bit17, "BSY2", "an operation in bank 2 is still going on", Cause::stuck_busy});
  }
  if (facts.half_written) {
    status.bits.push_back(
        {busy, sr_cfgbsy, "CFGBSY",
         "only half of a double word was written, by the old firmware or another tool, or an "
         "operation is still going on; a reset ends it, the supply may stay on",
         Cause::stuck_busy});
  }
  if (facts.second_core) {
    status.bits.push_back({busy, sr_pesd, "PESD",
                           "the second core (CPU2) holds the flash; its firmware, such as a "
                           "wireless stack, is running",
                           Cause::stuck_busy});
  }
  status.codes = {
      {l4_blob::status_clock,
       "the core clock could not be switched to the internal oscillator (HSI)"},
      {l4_blob::status_locked,
       "the flash controller stayed locked after its keys: a wrong key sequence locks it until the "
       "next reset"},
      {l4_blob::status_alignment,
       "the loader was asked to program an address or length that is no multiple of 8"}};
  status.no_bits =
      "no error flag: the operation ended well as far as the controller can tell, or it never "
      "started";
  return status;
}

std::vector<ReadErrorRegister> read_errors_of(const Line &line) {
  const std::uint32_t flash = facts_of(line.series).flash;
  // With one bank of larger pages there are flags for either half of a word of the array.
  const bool halves = line.single_page_kib != 0;
  std::vector<ReadErrorRegister> registers{
      {flash + flash_eccr, halves ? eccr_detected | eccr_detected2 : eccr_detected}};
  if (line.banks == Banks::g0b) registers.push_back({flash + flash_ecc2r, eccr_detected});
  return registers;
}

std::vector<NamedRange> special_of(const Line &line) {
  std::vector<NamedRange> special{
      stm32::boot_alias(line.maximum_kib * kib),
      {"system memory (bootloader)", {system_base, system_size}},
      {"one-time programmable memory", {signature_of(line).one_time_memory, otp_size}},
      {"option bytes", {option_base, option_size}}};
  if (facts_of(line.series).remappable && line.may_have_two_banks()) {
    special.push_back({"option bytes of bank 2", {option2_base, option_size}});
  }
  return special;
}

const Line &line_with(std::uint16_t device_id) {
  return *std::ranges::find(line_table, device_id, &Line::device_id);
}

std::vector<MemoryRange> stack_ram_of(const Row &row) {
  const bool gap = line_with(row.device_id).series == Series::wb;
  std::vector<MemoryRange> ranges{{ram_base, (gap ? row.loader_kib : row.ram_kib) * kib}};
  if (gap) ranges.push_back({wb_sram2, (row.ram_kib - row.loader_kib) * kib});
  if (row.core_kib != 0) ranges.push_back({core_ram_base, row.core_kib * kib});
  return ranges;
}

std::vector<MemoryRange> largest_stack_ram(std::uint16_t device_id) {
  return stack_ram_of(*std::ranges::max_element(part_table, {}, [&](const Row &row) {
    return row.device_id == device_id ? row.ram_kib : 0;
  }));
}

}  // namespace

std::span<const std::uint16_t> Line::revisions() const {
  return {revision_list.begin(), std::ranges::find(revision_list, 0)};
}

std::span<const Line> lines() {
  return line_table;
}

SignatureAddresses signature_of(const Line &line) {
  if (line.device_id == u031) return {0x1FFF3EA0, 0x1FFF3E50, 0x1FFF6800};
  if (line.series == Series::u0) return {0x1FFF6EA0, 0x1FFF6E50, 0x1FFF6800};
  if (line.series == Series::c0) return {0x1FFF75A0, 0x1FFF7550, 0x1FFF7000};
  return {0x1FFF75E0, 0x1FFF7590, 0x1FFF7000};
}

const Line &line_of(const Chip &chip) {
  return line_table.at(chip.variant & line_mask);
}

const SeriesFacts &facts_of(Series series) {
  return *std::ranges::find(series_table, series, &SeriesFacts::series);
}

const SeriesFacts &facts_of(const Chip &chip) {
  return facts_of(line_of(chip).series);
}

std::uint32_t factory_options(const Line &line) {
  return facts_of(line.series).core == cortex_m4 ? 0xFFEFF8AA : 0xFFFFFEAA;
}

bool has_two_banks(const Line &line, std::uint32_t flash_size, std::uint32_t options) {
  const std::uint32_t largest = line.maximum_kib * kib;
  const bool bit21 = (options & optr_bit21) != 0;
  const bool bit22 = (options & optr_bit22) != 0;
  switch (line.banks) {
    case Banks::one:
      return false;
    case Banks::largest_or_21:
      return flash_size == largest || bit21;
    case Banks::bit_22_or_21:
      return flash_size == largest ? bit22 : bit21;
    case Banks::g0b:
      return flash_size == largest || (bit21 && flash_size == largest / 2);
    case Banks::bit_22:
      return bit22;
  }
  return false;
}

Division division_of(const Chip &chip) {
  return {(chip.variant & two_banks_flag) != 0, (chip.variant & swapped_flag) != 0};
}

void note_value_line(Chip &chip) {
  chip.variant |= value_line_flag;
}

bool is_value_line(const Chip &chip) {
  return (chip.variant & value_line_flag) != 0;
}

void give_to_second_core(Chip &chip) {
  chip.variant |= second_core_flag;
}

MemoryRange second_core_range(const Chip &chip) {
  if ((chip.variant & second_core_flag) != 0) return chip.flash;
  if (!facts_of(chip).second_core || !chip.size_limit) return {flash_base, 0};
  const std::uint32_t start = chip.size_limit->size;
  return {flash_base + start, start < chip.flash.size ? chip.flash.size - start : 0};
}

std::uint32_t page_size(const Chip &chip) {
  const Line &line = line_of(chip);
  const bool single = !division_of(chip).two_banks && line.single_page_kib != 0;
  return (single ? line.single_page_kib : line.page_kib) * kib;
}

void note_own_size(Chip &chip) {
  chip.variant = (chip.variant & ~own_kib_mask) | chip.flash.size / kib << own_kib_at;
}

std::uint32_t own_size(const Chip &chip) {
  return (chip.variant >> own_kib_at) * kib;
}

std::uint32_t bank_distance(const Chip &chip) {
  return line_of(chip).banks == Banks::bit_22 ? fixed_bank_distance : own_size(chip) / 2;
}

Chip behind_hole(const Chip &chip) {
  Chip second = chip;
  second.flash.address += bank_distance(chip);
  for (Sector &sector : second.sectors) sector.address += bank_distance(chip);
  second.die_sectors.clear();
  second.die_flash_size = chip.flash.size;
  second.boot_address = second.flash.address;
  return second;
}

bool has_fast_rows(const Chip &chip) {
  const Line &line = line_of(chip);
  const bool longer = line.single_page_kib != 0 && !division_of(chip).two_banks;
  return facts_of(line.series).fast_rows && !longer;
}

void divide(Chip &chip, Division division) {
  chip.variant = (chip.variant & (line_mask | second_core_flag | value_line_flag | own_kib_mask)) |
                 (division.two_banks ? two_banks_flag : 0) | (division.swapped ? swapped_flag : 0);
  const Nanoseconds maximum = maxima_of(line_of(chip).series).erase;
  const std::uint32_t page = page_size(chip);
  chip.die_sectors.clear();
  chip.die_sectors.reserve(chip.die_flash_size / page);
  for (std::uint32_t at = 0; at < chip.die_flash_size; at += page) {
    chip.die_sectors.push_back({flash_base + at, page, erase_typical, maximum});
  }
  chip.program_after_mass_erase = has_fast_rows(chip) ? row_typical / row_units : Nanoseconds();
  set_flash_size(chip, chip.flash.size);
}

Page page_at(const Chip &chip, std::uint32_t address) {
  const Division division = division_of(chip);
  const std::uint32_t offset = address - flash_base;
  if (!division.two_banks) return {0, offset / page_size(chip)};
  const std::uint32_t distance = bank_distance(chip);
  const std::uint32_t shown = offset / distance;
  return {division.swapped ? 1 - shown : shown, offset % distance / page_size(chip)};
}

std::uint32_t second_bank_bit(const Line &line) {
  constexpr std::uint32_t most = 1U << 11, g0b = 1U << 13;
  return line.banks == Banks::g0b ? g0b : most;
}

// With one bank of large pages both bits must be set, too.
std::uint32_t mass_erase_bits(const Chip &chip) {
  const bool both = division_of(chip).two_banks || line_of(chip).single_page_kib != 0;
  return both ? cr_mer1 | cr_mer2 : cr_mer1;
}

Chip make_chip(const Line &line) {
  const Maxima maxima = maxima_of(line.series);
  Chip chip;
  chip.die = line.name;
  chip.device_id = line.device_id;
  chip.variant = static_cast<std::uint32_t>(&line - line_table.data());
  chip.die_flash_size = line.maximum_kib * kib;
  chip.flash = {flash_base, chip.die_flash_size};
  note_own_size(chip);
  divide(chip, {has_two_banks(line, chip.flash.size, factory_options(line)), false});
  chip.boot_address = flash_base;
  chip.ram = {ram_base, 0};
  chip.stack_ram = largest_stack_ram(line.device_id);
  chip.program_unit = 8;
  if (facts_of(line.series).ecc) {
    chip.ecc_unit = chip.program_unit;
    chip.read_errors = read_errors_of(line);
  }
  chip.program_typical = program_typical;
  chip.program_maximum = maxima.program;
  chip.mass_erase_typical = erase_typical;
  chip.mass_erase_maximum = maxima.erase;
  chip.status = status_of(line);
  chip.special = special_of(line);
  return chip;
}

const std::vector<Part> &parts() {
  static const std::vector<Part> all = [] {
    std::vector<Part> made;
    made.reserve(part_table.size());
    for (const Row &row : part_table) {
      const Line &line = line_with(row.device_id);
      Chip chip = make_chip(line);
      set_flash_size(chip, row.flash_kib * kib);
      note_own_size(chip);
      divide(chip, {has_two_banks(line, chip.flash.size, factory_options(line)), false});
      chip.ram.size = row.loader_kib * kib;
      chip.stack_ram = stack_ram_of(row);
      if (line.banks == Banks::bit_22 && chip.flash.size < chip.die_flash_size) {
        // As its options are, it has all of its flash in one piece or half of it there.
        Chip first = chip;
        set_flash_size(first, chip.flash.size / 2);
        chip.further_flash.push_back(behind_hole(first));
      }
      made.push_back({row.pattern, std::move(chip)});
    }
    return made;
  }();
  return all;
}

}  // namespace l4
