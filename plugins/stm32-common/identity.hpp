// Identifies an STM32 by its core and by the id in its debug unit.
#pragma once

#include <flashhost/chip.hpp>

#include <algorithm>
#include <span>

namespace stm32 {

inline constexpr std::uint32_t kib = 1024;
inline constexpr std::uint32_t flash_base = 0x08000000, ram_base = 0x20000000;
// DBGMCU_IDCODE and DBGMCU_CR beside a Cortex-M3 or M4.
inline constexpr std::uint32_t dbgmcu_idcode = 0xE0042000, dbgmcu_cr = 0xE0042004;
// Beside a Cortex-M0 or M0+.
inline constexpr std::uint32_t small_dbgmcu_idcode = 0x40015800, small_dbgmcu_cr = 0x40015804;

// Part numbers of CPUID.
inline constexpr std::uint32_t cortex_m0 = 0xC20, cortex_m0_plus = 0xC60, cortex_m3 = 0xC23,
                               cortex_m4 = 0xC24;
// Where chips with this core have DBGMCU_IDCODE.
[[nodiscard]] constexpr std::uint32_t idcode_address(std::uint32_t core) {
  return core == cortex_m0 || core == cortex_m0_plus ? small_dbgmcu_idcode : dbgmcu_idcode;
}

struct Id {
  std::uint32_t core = 0;    // part number of CPUID, 0xC23 for a Cortex-M3; 0: no answer
  std::uint32_t device = 0;  // 0: no answer
  std::uint32_t revision = 0;
  std::string evidence;  // "DBGMCU_IDCODE 0x20036410"
};
// own_cores: of the family that asks. Of another core the id is only told.
[[nodiscard]] Id read_id(flashhost::ProbeReader &probe, std::span<const std::uint32_t> own_cores);

// What the factory wrote beside the bootloader.
struct Signature {
  std::uint32_t flash_kib = 0;  // 0: no answer
  flashhost::Bytes unique_id;   // empty: no answer, or none that can be true
};
// flash_size: address of a halfword, close to the unique id.
[[nodiscard]] Signature read_signature(flashhost::ProbeReader &probe, std::uint32_t flash_size,
                                       std::uint32_t unique_id);

// Adds a remark when there are signs of a clone: a debug port that ST does not use with this core,
// a revision that ST does not have (where its revisions are known), or what the family found ("its
// core is a ...").
void remark_clone(flashhost::Chip &chip, flashhost::ProbeReader &probe, std::uint32_t debug_port,
                  std::span<const std::uint16_t> revisions, const std::string &found = {});

// The most RAM that a row with this device id has, in KiB.
template <class Rows>
[[nodiscard]] std::uint32_t largest_ram_kib(const Rows &rows, std::uint32_t device_id) {
  std::uint32_t largest = 0;
  for (const auto &row : rows) {
    if (row.device_id == device_id) largest = std::max(largest, row.ram_kib);
  }
  return largest;
}

// The special range that every STM32 has: the alias of the flash at 0.
[[nodiscard]] flashhost::NamedRange boot_alias(std::uint32_t die_flash_size);

}  // namespace stm32
