// Faults that do not depend on the chip: of the core, the wires, the supply and the RAM.
#pragma once

#include <flashhost/machine/board.hpp>
#include <flashhost/machine/model.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace flashhost::machine {

// The state in which an earlier debugger has left the core halted.
enum class LeftHalted : std::uint8_t {
  handler,       // in the handler of SysTick
  it_block,      // before four instructions that wait for Z
  multi_load,    // in the middle of a load multiple
  thumb_clear,   // xPSR.T = 0
  unprivileged,  // thread mode, on the process stack
  primask,
  faultmask,
  basepri,
  vectclr  // xPSR was written to thread mode, but SysTick is still active in the NVIC
};

struct Faults {
  std::optional<Ticks> systick;
  std::optional<unsigned> interrupt;
  std::optional<LeftHalted> left_halted;
  bool nrst_not_wired = false;
  std::optional<std::uint32_t> dpidr;
  std::optional<std::uint32_t> bad_sram;
  std::optional<std::uint32_t> voltage;
  bool vapp_not_wired = false;
  std::optional<Sleep> asleep;
  bool lockup = false;
  std::optional<Ticks> reset_loop;
  bool mpu = false;
  std::uint64_t power_loss_at = 0;  // number of the flash operation; 0: never
  std::optional<Ticks> power_back_after;

  std::vector<std::string> of_the_chip;  // all other faults, for the model
};

[[nodiscard]] std::vector<FaultName> machine_fault_names();
// Throws std::invalid_argument for a fault that this part cannot have.
[[nodiscard]] Faults parse_faults(const std::vector<std::string> &faults, const Part &part);

}  // namespace flashhost::machine
