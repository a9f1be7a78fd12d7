// The DMA controllers of the STM32F1.
#pragma once

#include "dma.hpp"

#include <array>

namespace flashhost::machine::stm32 {

class DmaF1 final : public Dma {
 public:
  using Dma::Dma;
  std::uint32_t read(std::uint32_t offset, Master master) override;
  Outcome write(std::uint32_t offset, std::uint32_t value, Master master) override;

 private:
  [[nodiscard]] bool clocked() const override { return common_.clocks.dma1; }
  [[nodiscard]] Channel &heard() override { return channels_[0]; }
  [[nodiscard]] std::uint32_t circular() const override { return 1U << 5; }
  void set_up_samples(Channel &channel) override;
  void reset_channels() override { channels_.fill({}); }

  std::array<Channel, 7> channels_{};
};

}  // namespace flashhost::machine::stm32
