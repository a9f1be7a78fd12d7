// The die of an STM32L4 and of the series with the same flash controller.
#pragma once

#include "channel_dma.hpp"
#include "die.hpp"
#include "flash_l4.hpp"
#include "moder_gpio.hpp"
#include "rcc_l4.hpp"

namespace flashhost::machine::stm32 {

class DieL4 final : public StmDie {
 public:
  DieL4(const PartL4 &part, const Wiring &wiring);

  [[nodiscard]] StmFlash &flash() override { return flash_; }
  [[nodiscard]] bool debug_pins_off() const override { return gpio_.front().swd_off(); }

 private:
  [[nodiscard]] Rcc &rcc() override { return rcc_; }
  [[nodiscard]] Dma &sampling_dma() override { return dma1_; }
  void take_swd_pins() override;

  const SeriesL4 &series_;
  RulesL4 rules_;
  FlashL4 flash_;
  RccL4 rcc_;
  ChannelDma dma1_;
  std::vector<ModerGpio> gpio_;
};

}  // namespace flashhost::machine::stm32
