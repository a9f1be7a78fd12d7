// The die of an STM32F1.
#pragma once

#include "channel_dma.hpp"
#include "die.hpp"
#include "flash_f1.hpp"
#include "gpio_f1.hpp"
#include "parts_f1.hpp"
#include "rcc_f1.hpp"

namespace flashhost::machine::stm32 {

class DieF1 final : public StmDie {
 public:
  DieF1(const PartF1 &part, const Wiring &wiring);

  [[nodiscard]] StmFlash &flash() override { return flash_; }
  [[nodiscard]] bool debug_pins_off() const override { return afio_.swd_off(); }

 private:
  [[nodiscard]] Rcc &rcc() override { return rcc_; }
  [[nodiscard]] Dma &sampling_dma() override { return dma1_; }
  void take_swd_pins() override;

  RulesF1 rules_;
  FlashF1 flash_;
  RccF1 rcc_;
  ChannelDma dma1_;
  std::vector<GpioF1> gpio_;
  AfioF1 afio_;
};

}  // namespace flashhost::machine::stm32
