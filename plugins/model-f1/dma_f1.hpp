// The DMA controllers of the STM32F1.
#pragma once

#include "dma.hpp"

#include <array>

namespace flashhost::machine::stm32 {

class DmaF1 final : public Dma {
 public:
  using Dma::Dma;

 private:
  [[nodiscard]] bool clocked() const override { return common_.clocks.dma1; }
  [[nodiscard]] std::span<Channel> channels() override { return channels_; }
  [[nodiscard]] const Layout &layout() const override { return registers; }

  static constexpr Layout registers{.first = 8,
                                    .stride = 20,
                                    .config = 0x7FFF,
                                    .circular = 1U << 5,
                                    .samples = 0x5A1,
                                    .converter = 0x4001244C};  // ADC1
  std::array<Channel, 7> channels_{};
};

}  // namespace flashhost::machine::stm32
