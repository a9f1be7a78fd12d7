#include "dma.hpp"

#include <algorithm>

namespace flashhost::machine::stm32 {
namespace {

constexpr Ticks sample_period = 50 * ticks_per_microsecond;
constexpr std::uint32_t sram_base = 0x20000000;
constexpr std::uint32_t most_samples = 0xFFFF;  // CNDTR, NDTR
constexpr std::uint32_t few_samples = 16;
constexpr std::uint32_t config_at = 0, count_at = 4, peripheral_at = 8, memory_at = 12;
constexpr std::uint32_t enabled = 1;

}  // namespace

Dma::Dma(const Common &common, std::span<std::uint8_t> sram)
    : common_(common),
      board_(common.board),
      sram_(sram),
      request_(board_.timeline.add([this](Ticks due) { transfer(due); })) {}

Dma::Channel *Dma::channel_at(std::uint32_t &offset) {
  const std::uint32_t first = layout().first, stride = layout().stride;
  if (!clocked() || offset < first) return nullptr;
  const std::uint32_t index = (offset - first) / stride;
  offset = (offset - first) % stride;
  return index < channels().size() ? &channels()[index] : nullptr;
}

std::uint32_t Dma::read(std::uint32_t offset, Master) {
  const Channel *channel = channel_at(offset);
  if (channel == nullptr) return 0;
  switch (offset) {
    case config_at:
      return channel->config;
    case count_at:
      board_.impure_read = true;
      return (channel->config & enabled) != 0 ? channel->left : channel->count;
    case peripheral_at:
      return channel->peripheral;
    case memory_at:
      return channel->memory;
    default:
      return 0;
  }
}

Outcome Dma::write(std::uint32_t offset, std::uint32_t value, Master) {
  Channel *channel = channel_at(offset);
  if (channel == nullptr) return Outcome::ok;
  const bool busy = (channel->config & enabled) != 0;
  if (offset == config_at) {
    if (!busy && (value & enabled) != 0) channel->left = channel->count;
    channel->config = value & layout().config;
  } else if (!busy && offset == count_at) {
    channel->count = value & 0xFFFF;
  } else if (!busy && offset == peripheral_at) {
    channel->peripheral = value;
  } else if (!busy && offset == memory_at) {
    channel->memory = value;
  }
  return Outcome::ok;
}

void Dma::write_samples(std::optional<std::uint32_t> address) {
  Channel &channel = channels().front();
  channel.config = layout().samples;
  channel.peripheral = layout().converter;
  channel.memory = address.value_or(sram_base) & ~1U;
  const std::uint32_t all = std::min(static_cast<std::uint32_t>(sram_.size() / 2), most_samples);
  channel.count = channel.left = address ? few_samples : all;
  requests_ = true;
  board_.timeline.at(request_, board_.timeline.now + sample_period);
}

void Dma::transfer(Ticks due) {
  if (!requests_) return;
  board_.timeline.at(request_, due + sample_period);
  Channel &channel = channels().front();
  if (!clocked() || (channel.config & enabled) == 0 || channel.left == 0) return;
  const std::uint32_t at = channel.memory + 2 * (channel.count - channel.left) - sram_base;
  if (std::uint64_t{at} + 2 <= sram_.size()) {
    const std::uint64_t sample = board_.random() & 0xFFF;
    sram_[at] = static_cast<std::uint8_t>(sample);
    sram_[at + 1] = static_cast<std::uint8_t>(sample >> 8);
    board_.memory_changed(sram_base + at, 2);
  }
  if (--channel.left == 0 && (channel.config & layout().circular) != 0) {
    channel.left = channel.count;
  }
}

void Dma::system_reset() {
  std::ranges::fill(channels(), Channel{});
  requests_ = false;
  board_.timeline.cancel(request_);
}

}  // namespace flashhost::machine::stm32
