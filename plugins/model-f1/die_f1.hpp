// The die of an STM32F1.
#pragma once

#include "flash_f1.hpp"
#include "gpio_f1.hpp"
#include "rcc_f1.hpp"

#include <flashhost/machine/die.hpp>

namespace flashhost::machine {

extern const SeriesFacts facts_f1;

class DieF1 final : public Die {
 public:
  DieF1(Board &board, const Part &part, const Faults &faults, std::vector<PinEdge> &edges,
        std::span<std::uint8_t> main_flash, std::span<std::uint8_t> sram);

  [[nodiscard]] FlashController &flash() override { return flash_; }
  [[nodiscard]] bool swd_off() const override { return afio_.swd_off(); }

 private:
  [[nodiscard]] Rcc &rcc() override { return rcc_; }
  [[nodiscard]] Dma &sampling_dma() override { return dma1_; }

  FlashF1 flash_;
  RccF1 rcc_;
  DmaF1 dma1_;
  std::vector<GpioF1> gpio_;
  AfioF1 afio_;
};

}  // namespace flashhost::machine
