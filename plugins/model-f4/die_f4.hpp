// The die of an STM32F4.
#pragma once

#include "flash_f4.hpp"
#include "gpio_f4.hpp"
#include "rcc_f4.hpp"

#include <flashhost/machine/die.hpp>

namespace flashhost::machine {

extern const SeriesFacts facts_f4;

class DieF4 final : public Die {
 public:
  DieF4(Board &board, const Part &part, const Faults &faults, std::vector<PinEdge> &edges,
        std::span<std::uint8_t> main_flash, std::span<std::uint8_t> sram);

  [[nodiscard]] FlashController &flash() override { return flash_; }
  [[nodiscard]] bool swd_off() const override { return gpio_.front().swd_off(); }

 private:
  [[nodiscard]] Rcc &rcc() override { return rcc_; }
  [[nodiscard]] Dma &sampling_dma() override { return dma2_; }

  FlashF4 flash_;
  RccF4 rcc_;
  DmaF4 dma2_;
  std::vector<GpioF4> gpio_;
};

}  // namespace flashhost::machine
