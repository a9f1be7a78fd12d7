// The parts with an L4's flash controller as data: what the series have in common, the lines of a
// series, the parts of a line (docs/reference/stm32-l4-type-flash.md sections 1 to 7 and 9).
#pragma once

#include "die.hpp"
#include "part.hpp"

namespace flashhost::machine::stm32 {

struct RccLayoutL4 {
  std::uint32_t ahb, gpio, apb1, status;  // offsets: DMA and CRC, ports, WWDG, CSR
  unsigned oscillator_at;                 // bit in CR of the oscillator that runs after a reset
  bool wide_switch;   // CFGR: SW 2:0, SWS 5:3, HPRE 11:8; otherwise 1:0, 3:2, 7:4
  bool debug_clock;   // APBENR1.DBGEN, bit 27
  bool wide_divider;  // PLLCFGR.PLLR is 31:29, not 26:25
};

// Which bit says that the flash was empty when the options were loaded.
enum class EmptyFlag : std::uint8_t { none, in_status, in_access_control };
// Units of ADDR_ECC: bytes or double words.
enum class EccUnit : std::uint8_t { none, byte, double_word };

struct SeriesL4 {
  CoreKind core;
  std::uint32_t debug_port_id;
  std::uint16_t id_bits;  // of DBGMCU_IDCODE 15:12
  const SeriesFacts *die;
  RccLayoutL4 rcc;
  std::int64_t reset_hertz;
  std::uint32_t flash_registers, rcc_registers, ports;
  unsigned port_count;
  std::uint32_t size_register, unique_id, otp;
  std::uint32_t options;                      // OPTR as delivered
  std::uint32_t access_control, access_bits;  // ACR after a reset; what can be written
  std::int64_t program_max_us, row_max_us, erase_max_us;
  std::int64_t hertz_per_wait_state;
  EccUnit ecc;
  bool config_busy;              // SR.CFGBSY
  bool ones_stay;                // zeros over a double word of programmed ones fail
  bool bus_error_at_level1;      // a debugger's programming at RDP level 1, instead of WRPERR
  std::uint32_t secure_options;  // offset of the first register with SEC_SIZE, BOOT_LOCK; 0: none
  std::uint32_t pcrop_unit;      // bytes; 0: half a page

  // Of WB and WL, which shares the flash.
  [[nodiscard]] constexpr bool second_core() const { return flash_registers == 0x58004000; }
};

struct LineL4 {
  const SeriesL4 &series;
  std::uint16_t device_id = 0;
  std::uint16_t revision_id = 0;
  std::uint32_t page_size = 0;
  unsigned page_bits = 0;  // width of CR.PNB
  EmptyFlag empty = EmptyFlag::none;
  unsigned ecc_address_bits = 0, ecc_bank_at = 0;
  unsigned bank_at = 0;         // bit of CR.BKER; 0: none
  bool pages_double = false;    // where there is one bank only
  bool swaps = false;           // G0Bx: OPTR.nSWAP_BANK, SR.BSY2, ECC2R
  bool system_divider = false;  // RCC_CR.SYSDIV
};

struct PartL4 : StmPart {
  const LineL4 *line = nullptr;
  std::uint32_t dual_option = 0;  // bit of OPTR that makes two banks; 0, with two_banks: always
  // Bytes of flash_size between two banks where there is no flash; with one bank they are its end.
  std::uint32_t hole = 0;
  bool value_line = false;  // G0x0

  [[nodiscard]] constexpr std::uint32_t own_size() const { return flash_size - hole; }
};

[[nodiscard]] std::span<const PartL4> parts_l4();

}  // namespace flashhost::machine::stm32
