// The die of an STM32F4.
#pragma once

#include "die.hpp"
#include "dma_f4.hpp"
#include "flash_f4.hpp"
#include "moder_gpio.hpp"
#include "rcc_f4.hpp"

namespace flashhost::machine::stm32 {

class DieF4 final : public StmDie {
 public:
  DieF4(const StmPart &part, const Wiring &wiring);

  [[nodiscard]] StmFlash &flash() override { return flash_; }
  [[nodiscard]] bool debug_pins_off() const override { return gpio_.front().swd_off(); }

 private:
  [[nodiscard]] Rcc &rcc() override { return rcc_; }
  [[nodiscard]] Dma &sampling_dma() override { return dma2_; }
  void take_swd_pins() override;

  RulesF4 rules_;
  FlashF4 flash_;
  RccF4 rcc_;
  DmaF4 dma2_;
  std::vector<ModerGpio> gpio_;
};

}  // namespace flashhost::machine::stm32
