// Reset and clock control of STM32F0 and F3: the F1's, with the ports' clocks in AHBENR.
#pragma once

#include "rcc_f1.hpp"

namespace flashhost::machine::stm32 {

class RccF0F3 final : public RccF1 {
 public:
  using RccF1::RccF1;

 private:
  void gate(BusClocks &clocks, bool gating) const override;
  [[nodiscard]] bool divides_hse() const override { return true; }
};

}  // namespace flashhost::machine::stm32
