// The F1's option bytes: 16 bytes of flash, and what the chip loaded from them at reset
// (docs/reference/stm32f1-flash.md 6).
#pragma once

#include "faults.hpp"
#include "parts_f1.hpp"

#include <array>
#include <cstdint>
#include <span>

namespace flashhost::machine::stm32 {

struct LoadedOptions {
  bool error = false;  // a complement did not match
  bool read_protected = true;
  std::uint8_t rdp = 0xFF;
  std::uint8_t user = 0xFF;
  std::uint8_t data0 = 0xFF;
  std::uint8_t data1 = 0xFF;
  std::uint32_t unprotected_units = 0xFFFFFFFF;  // WRPR
};

// The option bytes as delivered, changed by the faults.
[[nodiscard]] std::array<std::uint8_t, 16> factory_options(const PartF1 &part,
                                                           const StmFaults &faults);
enum class Complement : std::uint8_t { compared, ignored };
[[nodiscard]] LoadedOptions loaded_options(std::span<const std::uint8_t> bytes, const PartF1 &part,
                                           Complement complement);
[[nodiscard]] std::uint32_t option_register(const LoadedOptions &options);  // OBR
[[nodiscard]] bool write_protected(const LoadedOptions &options, const PartF1 &part,
                                   std::uint32_t page);

}  // namespace flashhost::machine::stm32
