// What the dies of STM32s share: watchdogs, CRC unit and debug unit at the same addresses, and the
// same states that firmware leaves behind.
#pragma once

#include "common.hpp"
#include "crc_unit.hpp"
#include "dma.hpp"
#include "faults.hpp"
#include "flash.hpp"
#include "part.hpp"
#include "rcc.hpp"
#include "watchdogs.hpp"

#include <flashhost/machine/die.hpp>

namespace flashhost::machine::stm32 {

struct SeriesFacts {
  std::int64_t lsi_hertz = 0;
  const DebugMcuLayout &debug_mcu;
  std::uint32_t window_watchdog_enable = 0;  // offset in RCC of the register with WWDGEN
  std::uint32_t debug_mcu_address = 0xE0042000;
};

class StmDie : public Die {
 public:
  [[nodiscard]] StmFlash &flash() override = 0;
  [[nodiscard]] bool debug_in_deep_sleep() const override {
    return debug_mcu_.debug_in_deep_sleep();
  }
  void power_on() override { debug_mcu_.power_on(); }
  void leave_behind() override;
  void system_reset(ResetCause cause) override;

 protected:
  StmDie(const Wiring &wiring, const StmPart &part, StmFaults faults, const SeriesFacts &facts);

  [[nodiscard]] virtual Rcc &rcc() = 0;
  [[nodiscard]] virtual Dma &sampling_dma() = 0;
  virtual void take_swd_pins() = 0;  // as firmware does that needs these pins
  // Changes bits of a peripheral's register by a debugger's access.
  static void set_bits(Peripheral &peripheral, std::uint32_t offset, std::uint32_t clear,
                       std::uint32_t bits);

  Common common_;
  const StmFaults faults_;

 private:
  void run_window_watchdog(Ticks wanted);

  const SeriesFacts &facts_;
  DebugMcu debug_mcu_;
  IndependentWatchdog iwdg_;
  WindowWatchdog wwdg_;
  CrcUnit crc_;
};

}  // namespace flashhost::machine::stm32
