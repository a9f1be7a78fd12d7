#include "dma.hpp"

#include <algorithm>

namespace flashhost::machine {
namespace {

constexpr Ticks sample_period = 50 * ticks_per_microsecond;
constexpr std::uint32_t sram_base = 0x20000000;
constexpr std::uint32_t most_samples = 0xFFFF;  // CNDTR, NDTR
constexpr std::uint32_t few_samples = 16;

}  // namespace

Dma::Dma(Board &board, std::span<std::uint8_t> sram)
    : board_(board),
      sram_(sram),
      request_(board.timeline.add([this](Ticks due) { transfer(due); })) {}

std::uint32_t Dma::left(const Channel &channel) {
  board_.impure_read = true;
  return (channel.config & enabled) != 0 ? channel.left : channel.count;
}

void Dma::configure(Channel &channel, std::uint32_t value) {
  if ((channel.config & enabled) == 0 && (value & enabled) != 0) channel.left = channel.count;
  channel.config = value;
}

void Dma::write_samples(std::optional<std::uint32_t> address) {
  Channel &channel = heard();
  set_up_samples(channel);
  channel.memory = address.value_or(sram_base) & ~1U;
  const std::uint32_t all = std::min(static_cast<std::uint32_t>(sram_.size() / 2), most_samples);
  channel.count = channel.left = address ? few_samples : all;
  requests_ = true;
  board_.timeline.at(request_, board_.timeline.now + sample_period);
}

void Dma::transfer(Ticks due) {
  if (!requests_) return;
  board_.timeline.at(request_, due + sample_period);
  Channel &channel = heard();
  if (!clocked() || (channel.config & enabled) == 0 || channel.left == 0) return;
  const std::uint32_t at = channel.memory + 2 * (channel.count - channel.left) - sram_base;
  if (std::uint64_t{at} + 2 <= sram_.size()) {
    const std::uint64_t sample = board_.random() & 0xFFF;
    sram_[at] = static_cast<std::uint8_t>(sample);
    sram_[at + 1] = static_cast<std::uint8_t>(sample >> 8);
    board_.memory_changed(sram_base + at, 2);
  }
  if (--channel.left == 0 && (channel.config & circular()) != 0) channel.left = channel.count;
}

void Dma::system_reset() {
  reset_channels();
  requests_ = false;
  board_.timeline.cancel(request_);
}

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

}  // namespace flashhost::machine
