// The DMA controllers of the STM32F4.
#pragma once

#include "dma.hpp"

#include <array>

namespace flashhost::machine::stm32 {

class DmaF4 final : public Dma {
 public:
  using Dma::Dma;

 private:
  [[nodiscard]] bool clocked() const override { return common_.clocks.dma2; }
  [[nodiscard]] std::span<Channel> channels() override { return channels_; }
  [[nodiscard]] const Layout &layout() const override { return registers; }

  static constexpr Layout registers{.first = 0x10,
                                    .stride = 24,
                                    .config = 0x0FEFFFFF,
                                    .circular = 1U << 8,
                                    .samples = 0x2D01,
                                    .converter = 0x4001204C};  // ADC1
  std::array<Channel, 8> channels_{};
};

}  // namespace flashhost::machine::stm32
