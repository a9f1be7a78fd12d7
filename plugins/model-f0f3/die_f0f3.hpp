// The die of an STM32F0 or F3.
#pragma once

#include "channel_dma.hpp"
#include "die.hpp"
#include "flash_f0f3.hpp"
#include "moder_gpio.hpp"
#include "parts_f0f3.hpp"
#include "rcc_f0f3.hpp"

namespace flashhost::machine::stm32 {

class DieF0F3 final : public StmDie {
 public:
  DieF0F3(const PartF0F3 &part, const Wiring &wiring);

  [[nodiscard]] StmFlash &flash() override { return flash_; }
  [[nodiscard]] bool debug_pins_off() const override { return gpio_.front().swd_off(); }

 private:
  [[nodiscard]] Rcc &rcc() override { return rcc_; }
  [[nodiscard]] Dma &sampling_dma() override { return dma1_; }
  void take_swd_pins() override;

  RulesF1 rules_;
  RulesF0F3 own_rules_;
  FlashF0F3 flash_;
  RccF0F3 rcc_;
  ChannelDma dma1_;
  std::vector<ModerGpio> gpio_;
};

}  // namespace flashhost::machine::stm32
