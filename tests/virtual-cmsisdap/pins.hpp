// The probe's pins as SWJ_Pins drives and reads them.
#pragma once

#include "firmware.hpp"

#include <cstdint>

namespace virtual_cmsisdap {

class Pins {
 public:
  Pins(const FirmwareConfig &config, flashhost::machine::Target &target)
      : config_(config), target_(target) {}

  // The port is set up, or let go of: NRST is high either way.
  void idle();
  void drive(std::uint8_t output, std::uint8_t select);
  // Until the selected pins read as they should, if the probe can tell the time.
  void wait(std::uint8_t output, std::uint8_t select, std::uint32_t microseconds);
  [[nodiscard]] std::uint8_t read() const;

 private:
  void set_nreset(bool high);

  const FirmwareConfig &config_;
  flashhost::machine::Target &target_;
  std::uint8_t levels_ = 0x83;  // of SWCLK, SWDIO, nRESET
  flashhost::Nanoseconds released_{};
};

}  // namespace virtual_cmsisdap
