// DMA controllers: channels with their registers. Only one channel ever transfers data: that of a
// converter, once a fault has started it.
#pragma once

#include "common.hpp"

#include <optional>
#include <span>

namespace flashhost::machine::stm32 {

class Dma : public Peripheral {
 public:
  Dma(const Common &common, std::span<std::uint8_t> sram);
  // Starts that transfer, as firmware may leave it: circular, halfwords, into a small buffer at
  // this address; without an address into all of the SRAM.
  void write_samples(std::optional<std::uint32_t> address);
  void system_reset() override;

 protected:
  struct Channel {
    std::uint32_t config = 0;
    std::uint32_t count = 0;
    std::uint32_t peripheral = 0;
    std::uint32_t memory = 0;
    std::uint32_t left = 0;
  };
  static constexpr std::uint32_t enabled = 1;

  [[nodiscard]] virtual bool clocked() const = 0;
  [[nodiscard]] virtual Channel &heard() = 0;                // the converter's channel
  [[nodiscard]] virtual std::uint32_t circular() const = 0;  // its circular bit
  virtual void set_up_samples(Channel &channel) = 0;
  virtual void reset_channels() = 0;

  [[nodiscard]] std::uint32_t left(const Channel &channel);
  static void configure(Channel &channel, std::uint32_t value);

  const Common &common_;
  Board &board_;

 private:
  void transfer(Ticks due);

  std::span<std::uint8_t> sram_;  // the SRAM that its bus reaches
  Timeline::Event request_;
  bool requests_ = false;
};

}  // namespace flashhost::machine::stm32
