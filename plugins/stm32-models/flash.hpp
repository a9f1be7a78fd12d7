// What the die of an STM32 needs from its flash controller.
#pragma once

#include <flashhost/machine/flash_controller.hpp>

namespace flashhost::machine::stm32 {

class StmFlash : public FlashController {
 public:
  [[nodiscard]] virtual bool hardware_watchdog() const = 0;  // by option byte
  virtual void apply_faults() = 0;                           // what firmware may leave behind
};

}  // namespace flashhost::machine::stm32
