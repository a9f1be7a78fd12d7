// Fault switches: causes only (registers, wires, times, option bytes, cells). See the table in
// faults.cpp.
#pragma once

#include "ticks.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace target_model {

struct Faults {
  std::optional<std::uint16_t> flash_size_register;
  bool hsi_off = false;
  std::optional<Ticks> iwdg;
  bool hardware_iwdg = false;
  std::vector<std::uint32_t> write_protected_pages;
  bool read_protected = false;
  bool stale_control_bits = false;
  bool stale_errors = false;
  bool fpec_locked_until_reset = false;
  bool nrst_not_wired = false;
  std::optional<std::uint32_t> dpidr;
  bool dma_writes = false;
  double flash_time = 0;  // 0: typical; n: n times the datasheet's maximum
  bool stuck_busy = false;
  std::optional<std::uint32_t> bad_cell;
  std::optional<std::uint32_t> bad_erase;
  std::optional<std::uint32_t> bad_sram;
  std::optional<std::uint32_t> voltage;
  bool vapp_not_wired = false;
  bool wrong_id = false;
  bool dual_bank = false;
  bool boot_bank2 = false;
  bool read_protected_for_ever = false;
};

[[nodiscard]] Faults parse_faults(
    const std::vector<std::string> &faults);  // throws std::invalid_argument

}  // namespace target_model
