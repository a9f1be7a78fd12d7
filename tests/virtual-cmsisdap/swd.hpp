// The probe's SWD side: transfers with their retries, idle cycles and time.
#pragma once

#include "firmware.hpp"

#include <cstdint>

namespace virtual_cmsisdap {

struct TransferSettings {
  std::uint8_t idle_cycles = 0;
  std::uint16_t wait_retry = 100;
  std::uint16_t match_retry = 0;
  std::uint32_t match_mask = 0;
};

class Swd {
 public:
  Swd(const FirmwareConfig &config, flashhost::machine::Target &target);

  // request: the byte of CMSIS-DAP. Returns the response byte; WAIT is repeated.
  [[nodiscard]] std::uint8_t transfer(std::uint8_t request, std::uint32_t &value);
  [[nodiscard]] std::uint8_t transfer_once(std::uint8_t request, std::uint32_t &value);
  void set_clock(std::uint32_t hertz);
  void set_turnaround(unsigned clocks) { turnaround_ = clocks; }
  [[nodiscard]] flashhost::machine::DebugPort &port() { return port_; }

  TransferSettings settings;

 private:
  [[nodiscard]] std::uint8_t nobody() const;

  const FirmwareConfig &config_;
  flashhost::machine::Target &target_;
  flashhost::machine::DebugPort port_;
  unsigned turnaround_ = 1;
};

}  // namespace virtual_cmsisdap
