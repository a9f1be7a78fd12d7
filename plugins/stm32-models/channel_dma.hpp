// The DMA controllers with channels, as all series but the F2, F4 and F7 have them.
#pragma once

#include "dma.hpp"

#include <array>

namespace flashhost::machine::stm32 {

class ChannelDma final : public Dma {
 public:
  // converter: the address of the data that an ADC gives.
  ChannelDma(const Common &common, std::span<std::uint8_t> sram, std::uint32_t converter)
      : Dma(common, sram),
        registers_{.first = 8,
                   .stride = 20,
                   .config = 0x7FFF,
                   .circular = 1U << 5,
                   .samples = 0x5A1,
                   .converter = converter} {}

 private:
  [[nodiscard]] bool clocked() const override { return common_.clocks.dma1; }
  [[nodiscard]] std::span<Channel> channels() override { return channels_; }
  [[nodiscard]] const Layout &layout() const override { return registers_; }

  Layout registers_;
  std::array<Channel, 7> channels_{};
};

}  // namespace flashhost::machine::stm32
