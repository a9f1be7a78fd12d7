#include "dma_f4.hpp"

namespace flashhost::machine::stm32 {

std::uint32_t DmaF4::read(std::uint32_t offset, Master) {
  if (!clocked() || offset < 0x10) return 0;
  const std::uint32_t index = (offset - 0x10) / 24;
  if (index >= streams_.size()) return 0;
  const Channel &stream = streams_[index];
  switch ((offset - 0x10) % 24) {
    case 0x00:
      return stream.config;
    case 0x04:
      return left(stream);
    case 0x08:
      return stream.peripheral;
    default:
      return (offset - 0x10) % 24 == 0x0C ? stream.memory : 0;
  }
}

Outcome DmaF4::write(std::uint32_t offset, std::uint32_t value, Master) {
  if (!clocked() || offset < 0x10) return Outcome::ok;
  const std::uint32_t index = (offset - 0x10) / 24;
  if (index >= streams_.size()) return Outcome::ok;
  Channel &stream = streams_[index];
  const bool busy = (stream.config & enabled) != 0;
  switch ((offset - 0x10) % 24) {
    case 0x00:
      configure(stream, value & 0x0FEFFFFF);
      break;
    case 0x04:
      if (!busy) stream.count = value & 0xFFFF;
      break;
    case 0x08:
      if (!busy) stream.peripheral = value;
      break;
    case 0x0C:
      if (!busy) stream.memory = value;
      break;
    default:
      break;
  }
  return Outcome::ok;
}

void DmaF4::set_up_samples(Channel &channel) {
  channel.config = 0x2D01;          // 16 bits, memory incremented, circular, on
  channel.peripheral = 0x4001204C;  // ADC1
}

}  // namespace flashhost::machine::stm32
