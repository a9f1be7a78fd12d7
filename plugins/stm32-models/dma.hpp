// DMA controllers: channels (streams, on the F4) with their registers. Only one channel ever
// transfers data: that of a converter, once a fault has started it.
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
  std::uint32_t read(std::uint32_t offset, Master master) override;
  Outcome write(std::uint32_t offset, std::uint32_t value, Master master) override;
  void system_reset() override;

 protected:
  struct Channel {
    std::uint32_t config = 0;
    std::uint32_t count = 0;
    std::uint32_t peripheral = 0;
    std::uint32_t memory = 0;
    std::uint32_t left = 0;
  };
  struct Layout {
    std::uint32_t first = 0, stride = 0;  // of the channels' registers
    std::uint32_t config = 0;             // bits of the configuration that can be written
    std::uint32_t circular = 0;           // one of them
    std::uint32_t samples = 0;            // as firmware sets it: 16 bits, circular, on
    std::uint32_t converter = 0;          // address of the data
  };

  [[nodiscard]] virtual bool clocked() const = 0;
  [[nodiscard]] virtual std::span<Channel> channels() = 0;
  [[nodiscard]] virtual const Layout &layout() const = 0;

  const Common &common_;
  Board &board_;

 private:
  // The channel with the register at offset, if clocked; offset becomes relative to it.
  [[nodiscard]] Channel *channel_at(std::uint32_t &offset);
  void transfer(Ticks due);

  std::span<std::uint8_t> sram_;  // the SRAM that its bus reaches
  Timeline::Event request_;
  bool requests_ = false;
};

}  // namespace flashhost::machine::stm32
