// Reset and clock control of the STM32F1.
#pragma once

#include "rcc.hpp"

namespace flashhost::machine::stm32 {

class RccF1 : public Rcc {
 public:
  RccF1(Common &common, const StmPart &part, std::function<void()> hsi_started);

  std::uint32_t read(std::uint32_t offset, Master master) override;
  Outcome write(std::uint32_t offset, std::uint32_t value, Master master) override;
  void enable_dma() override;

 protected:
  void gate(BusClocks &clocks, bool gating) const override;
  [[nodiscard]] virtual bool divides_hse() const;  // for the PLL, by CFGR2

  std::uint32_t ahb_enable_ = 0x14;
  std::uint32_t apb2_enable_ = 0;

 private:
  [[nodiscard]] std::int64_t pll_hertz() const override;
  void reset_registers() override;

  std::uint32_t config2_ = 0;
  std::uint32_t interrupts_ = 0;
  std::uint32_t apb1_enable_ = 0;
};

}  // namespace flashhost::machine::stm32
