// Fault switches: causes only (registers, wires, times, option bytes, cells). See the table in
// faults.cpp.
#pragma once

#include "parts.hpp"

#include <flashhost/machine/board.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace flashhost::machine {

// In what state an earlier debugger has left the core halted.
enum class LeftHalted : std::uint8_t {
  handler,       // in the handler of SysTick
  it_block,      // before four instructions that wait for Z
  multi_load,    // in the middle of a load multiple
  thumb_clear,   // xPSR.T = 0
  unprivileged,  // thread mode, on the process stack
  primask,
  faultmask,
  basepri,
  vectclr  // thread mode by a written xPSR, with SysTick still active in the NVIC
};

struct Faults {
  std::optional<std::uint16_t> flash_size_register;
  bool hsi_off = false;
  std::optional<Ticks> systick;
  std::optional<unsigned> interrupt;
  std::optional<LeftHalted> left_halted;
  std::optional<Ticks> iwdg;
  std::optional<Ticks> wwdg;
  bool hardware_iwdg = false;
  std::vector<std::uint32_t> write_protected_pages;
  bool read_protected = false;
  bool stale_control_bits = false;
  bool stale_errors = false;
  bool fpec_locked_until_reset = false;
  bool nrst_not_wired = false;
  std::optional<std::uint32_t> dpidr;
  std::optional<std::uint32_t> revision;
  bool dma_writes = false;
  std::optional<std::uint32_t> dma_address;  // of a small buffer; none: all of the SRAM
  double flash_time = 0;                     // 0: typical; n: n times the datasheet's maximum
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
  std::optional<Sleep> asleep;
  bool swd_pins_off = false;
  bool lockup = false;
  std::optional<Ticks> reset_loop;
  bool mpu = false;
  bool caches_on = false;
  bool crc_unit_dead = false;
  std::uint64_t power_loss_at = 0;  // flash operation in which it happens; 0: never
  std::optional<Ticks> power_back_after;
};

// Throws std::invalid_argument, also for a fault that this part cannot have.
[[nodiscard]] Faults parse_faults(const std::vector<std::string> &faults, const Part &part);

}  // namespace flashhost::machine
