// Reset and clock control of the STM32F4.
#pragma once

#include "rcc.hpp"

#include <array>

namespace flashhost::machine::stm32 {

class RccF4 final : public Rcc {
 public:
  RccF4(Common &common, const StmPart &part);

  std::uint32_t read(std::uint32_t offset, Master master) override;
  Outcome write(std::uint32_t offset, std::uint32_t value, Master master) override;
  void enable_dma() override;

 private:
  void gate(BusClocks &clocks, bool gating) const override;
  [[nodiscard]] std::int64_t pll_hertz() const override;
  void reset_registers() override;

  std::array<std::uint32_t, 40> registers_{};  // registers without an effect in the model
};

}  // namespace flashhost::machine::stm32
