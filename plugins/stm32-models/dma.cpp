#include "dma.hpp"

#include <algorithm>

namespace flashhost::machine::stm32 {
namespace {

constexpr Ticks sample_period = 50 * ticks_per_microsecond;
constexpr std::uint32_t sram_base = 0x20000000;
constexpr std::uint32_t most_samples = 0xFFFF;  // CNDTR, NDTR
constexpr std::uint32_t few_samples = 16;

}  // namespace

Dma::Dma(const Common &common, std::span<std::uint8_t> sram)
    : common_(common),
      board_(common.board),
      sram_(sram),
      request_(board_.timeline.add([this](Ticks due) { transfer(due); })) {}

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

}  // namespace flashhost::machine::stm32
