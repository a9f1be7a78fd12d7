#include "dma_f1.hpp"

namespace flashhost::machine::stm32 {

std::uint32_t DmaF1::read(std::uint32_t offset, Master) {
  if (!clocked() || offset < 8) return 0;
  const std::uint32_t index = (offset - 8) / 20;
  if (index >= channels_.size()) return 0;
  const Channel &channel = channels_[index];
  switch ((offset - 8) % 20) {
    case 0:
      return channel.config;
    case 4:
      return left(channel);
    case 8:
      return channel.peripheral;
    default:
      return (offset - 8) % 20 == 12 ? channel.memory : 0;
  }
}

Outcome DmaF1::write(std::uint32_t offset, std::uint32_t value, Master) {
  if (!clocked() || offset < 8) return Outcome::ok;
  const std::uint32_t index = (offset - 8) / 20;
  if (index >= channels_.size()) return Outcome::ok;
  Channel &channel = channels_[index];
  const bool busy = (channel.config & enabled) != 0;
  switch ((offset - 8) % 20) {
    case 0:
      configure(channel, value & 0x7FFF);
      break;
    case 4:
      if (!busy) channel.count = value & 0xFFFF;
      break;
    case 8:
      if (!busy) channel.peripheral = value;
      break;
    case 12:
      if (!busy) channel.memory = value;
      break;
    default:
      break;
  }
  return Outcome::ok;
}

void DmaF1::set_up_samples(Channel &channel) {
  channel.config = 0x5A1;
  channel.peripheral = 0x4001244C;  // ADC1
}

}  // namespace flashhost::machine::stm32
