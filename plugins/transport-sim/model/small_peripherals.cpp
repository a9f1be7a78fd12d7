#include "small_peripherals.hpp"

namespace target_model {

std::uint32_t CrcUnit::read(std::uint32_t offset, Master) {
  if (!board_.clocks.crc) return 0;
  return offset == 0 ? value_ : offset == 4 ? independent_ : 0;
}

Outcome CrcUnit::write(std::uint32_t offset, std::uint32_t value, Master) {
  if (!board_.clocks.crc) return Outcome::ok;
  if (offset == 0) {
    value_ ^= value;
    for (int bit = 0; bit < 32; ++bit) {
      value_ = (value_ << 1) ^ ((value_ & 0x80000000U) != 0 ? 0x04C11DB7U : 0U);
    }
  } else if (offset == 4) {
    independent_ = value & 0xFF;
  } else if (offset == 8 && (value & 1U) != 0) {
    value_ = 0xFFFFFFFF;
  }
  return Outcome::ok;
}

void CrcUnit::system_reset() {
  value_ = 0xFFFFFFFF;
  independent_ = 0;
}

namespace {

constexpr Ticks sample_period = 50 * ticks_per_microsecond;
constexpr std::uint32_t sram_base = 0x20000000;

}  // namespace

DmaF1::DmaF1(Board &board, std::span<std::uint8_t> sram)
    : board_(board),
      sram_(sram),
      request_(board.timeline.add([this](Ticks due) { transfer(due); })) {}

std::uint32_t DmaF1::read(std::uint32_t offset, Master) {
  if (!board_.clocks.dma1 || offset < 8) return 0;
  const std::uint32_t index = (offset - 8) / 20;
  if (index >= channels_.size()) return 0;
  const Channel &channel = channels_[index];
  switch ((offset - 8) % 20) {
    case 0:
      return channel.config;
    case 4:
      board_.impure_read = true;
      return (channel.config & 1U) != 0 ? channel.left : channel.count;
    case 8:
      return channel.peripheral;
    default:
      return (offset - 8) % 20 == 12 ? channel.memory : 0;
  }
}

Outcome DmaF1::write(std::uint32_t offset, std::uint32_t value, Master) {
  if (!board_.clocks.dma1 || offset < 8) return Outcome::ok;
  const std::uint32_t index = (offset - 8) / 20;
  if (index >= channels_.size()) return Outcome::ok;
  Channel &channel = channels_[index];
  const bool enabled = (channel.config & 1U) != 0;
  switch ((offset - 8) % 20) {
    case 0:
      if (!enabled && (value & 1U) != 0) channel.left = channel.count;
      channel.config = value & 0x7FFF;
      break;
    case 4:
      if (!enabled) channel.count = value & 0xFFFF;
      break;
    case 8:
      if (!enabled) channel.peripheral = value;
      break;
    case 12:
      if (!enabled) channel.memory = value;
      break;
    default:
      break;
  }
  return Outcome::ok;
}

void DmaF1::write_samples() {
  Channel &channel = channels_[0];
  channel = {
      .config = 0x5A1, .count = 512, .peripheral = 0x4001244C, .memory = sram_base, .left = 512};
  channel.count = channel.left = static_cast<std::uint32_t>(sram_.size() / 2);
  requests_ = true;
  board_.timeline.at(request_, board_.timeline.now + sample_period);
}

void DmaF1::transfer(Ticks due) {
  if (!requests_) return;
  board_.timeline.at(request_, due + sample_period);
  Channel &channel = channels_[0];
  if (!board_.clocks.dma1 || (channel.config & 1U) == 0 || channel.left == 0) return;
  const std::uint32_t at = channel.memory + 2 * (channel.count - channel.left) - sram_base;
  if (at + 2 <= sram_.size()) {
    const std::uint64_t sample = board_.random() & 0xFFF;
    sram_[at] = static_cast<std::uint8_t>(sample);
    sram_[at + 1] = static_cast<std::uint8_t>(sample >> 8);
    board_.memory_changed(sram_base + at, 2);
  }
  if (--channel.left == 0 && (channel.config & 1U << 5) != 0) channel.left = channel.count;
}

void DmaF1::system_reset() {
  channels_.fill({});
  requests_ = false;
  board_.timeline.cancel(request_);
}

}  // namespace target_model
