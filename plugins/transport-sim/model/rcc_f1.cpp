#include "rcc_f1.hpp"

#include <array>
#include <utility>

namespace target_model {
namespace {

constexpr std::uint32_t pllsrc = 1U << 16;
constexpr std::uint32_t pllxtpre = 1U << 17;

constexpr std::uint32_t all_causes = 0xFC000000;

std::uint32_t cause_bit(ResetCause cause) {
  switch (cause) {
    case ResetCause::power_on:
      return 1U << 27;
    case ResetCause::pin:
      return 0;
    case ResetCause::software:
      return 1U << 28;
    case ResetCause::independent_watchdog:
      return 1U << 29;
    case ResetCause::window_watchdog:
      return 1U << 30;
  }
  return 0;
}

}  // namespace

RccF1::RccF1(Board &board, const Part &part, std::function<void()> hsi_started)
    : board_(board), part_(part), hsi_started_(std::move(hsi_started)) {
  const auto prepare = [&](Oscillator &oscillator, Ticks delay) {
    oscillator.delay = delay;
    oscillator.event = board.timeline.add([this, &oscillator](Ticks) {
      oscillator.ready = oscillator.on;
      update();
    });
  };
  prepare(hsi_, 2 * ticks_per_microsecond);
  prepare(hse_, 2 * ticks_per_millisecond);
  prepare(pll_, 200 * ticks_per_microsecond);
  prepare(lsi_, 85 * ticks_per_microsecond);
}

void RccF1::switch_oscillator(Oscillator &oscillator, std::uint32_t on) {
  if (oscillator.on == (on != 0)) return;
  oscillator.on = on != 0;
  if (!oscillator.on) oscillator.ready = false;
  board_.timeline.at(oscillator.event,
                     oscillator.on ? board_.timeline.now + oscillator.delay : never);
}

std::uint32_t RccF1::read(std::uint32_t offset, Master) {
  const auto bits = [](const Oscillator &oscillator, unsigned at) {
    return (oscillator.on ? 1U << at : 0U) | (oscillator.ready ? 2U << at : 0U);
  };
  switch (offset) {
    case 0x00:
      return bits(hsi_, 0) | bits(hse_, 16) | bits(pll_, 24) | trim_;
    case 0x04:
      return config_ | source_ << 2;
    case 0x08:
      return interrupts_;
    case 0x14:
      return ahb_enable_;
    case 0x18:
      return apb2_enable_;
    case 0x1C:
      return apb1_enable_;
    case 0x24:
      return causes_ | bits(lsi_, 0);
    case 0x2C:
      return config2_;
    default:
      return 0;
  }
}

Outcome RccF1::write(std::uint32_t offset, std::uint32_t value, Master) {
  switch (offset) {
    case 0x00:
      trim_ = value & 0xF8;
      // The oscillator in use cannot be switched off.
      switch_oscillator(hsi_, (value & 1U) | (source_ == 0 ? 1U : 0U));
      switch_oscillator(hse_, (value >> 16 & 1U) | (source_ == 1 ? 1U : 0U));
      switch_oscillator(pll_, (value >> 24 & 1U) | (source_ == 2 ? 1U : 0U));
      break;
    case 0x04:
      config_ = value & ~0xCU;
      break;
    case 0x08:
      interrupts_ = value & 0x1F00;
      break;
    case 0x14:
      ahb_enable_ = value;
      break;
    case 0x18:
      apb2_enable_ = value;
      break;
    case 0x1C:
      apb1_enable_ = value;
      break;
    case 0x24:
      if ((value & 1U << 24) != 0) causes_ = 0;
      switch_oscillator(lsi_, value & 1U);
      break;
    case 0x2C:
      config2_ = value;
      break;
    default:
      break;
  }
  update();
  return Outcome::ok;
}

std::int64_t RccF1::pll_hertz() const {
  const std::uint32_t factor = config_ >> 18 & 0xF;
  std::int64_t input = 4'000'000;  // HSI / 2
  if ((config_ & pllsrc) != 0) {
    const bool prediv =
        part_.device_id == 0x418 || part_.device_id == 0x420 || part_.device_id == 0x428;
    const std::uint32_t divider = prediv ? (config2_ & 0xF) + 1 : (config_ & pllxtpre) != 0 ? 2 : 1;
    input = part_.hse_hertz / divider;
  }
  return input * (factor >= 14 ? 16 : factor + 2);
}

void RccF1::update() {
  const std::uint32_t wanted = config_ & 3;
  const std::array<const Oscillator *, 3> sources{&hsi_, &hse_, &pll_};
  if (wanted < 3 && sources[wanted]->ready) source_ = wanted;

  const bool hsi_was_running = board_.clocks.hsi_running;
  board_.repace([&] {
    Clocks &clocks = board_.clocks;
    const std::int64_t system = source_ == 0   ? 8'000'000
                                : source_ == 1 ? std::int64_t{part_.hse_hertz}
                                               : pll_hertz();
    constexpr std::array<unsigned, 8> ahb_shift{1, 2, 3, 4, 6, 7, 8, 9};
    const std::uint32_t hpre = config_ >> 4 & 0xF;
    const std::uint32_t ppre1 = config_ >> 8 & 7;
    clocks.hclk = hpre < 8 ? system : system >> ahb_shift[hpre - 8];
    clocks.pclk1 = ppre1 < 4 ? clocks.hclk : clocks.hclk >> (ppre1 - 3);
    clocks.cycle = period_of(clocks.hclk);
    clocks.hsi_running = hsi_.ready;
    const bool gating = board_.rules.on(Rule::f1_clock_gating);
    clocks.dma1 = !gating || (ahb_enable_ & 1U) != 0;
    clocks.crc = !gating || (ahb_enable_ & 1U << 6) != 0;
    clocks.wwdg = !gating || (apb1_enable_ & 1U << 11) != 0;
    clocks.gpio = gating ? apb2_enable_ >> 2 & 0x7F : 0x7F;
    clocks.afio = !gating || (apb2_enable_ & 1U) != 0;
  });
  if (!hsi_was_running && board_.clocks.hsi_running) hsi_started_();
}

void RccF1::system_reset() {
  for (Oscillator *oscillator : {&hse_, &pll_}) {
    oscillator->on = oscillator->ready = false;
    board_.timeline.cancel(oscillator->event);
  }
  hsi_.on = hsi_.ready = true;
  trim_ = 0x80;
  config_ = config2_ = source_ = interrupts_ = 0;
  ahb_enable_ = 0x14;
  apb1_enable_ = apb2_enable_ = 0;
  update();
}

void RccF1::record_reset(ResetCause cause) {
  if (board_.rules.off(Rule::f1_reset_causes)) return;
  if (cause == ResetCause::power_on) {
    causes_ = 0;
    lsi_.on = lsi_.ready = false;
  }
  causes_ |= (cause_bit(cause) | 1U << 26) & all_causes;  // every reset also pulls the pin
}

void RccF1::run_from_hse() {
  hse_.on = hse_.ready = true;
  hsi_.on = hsi_.ready = false;
  config_ = source_ = 1;
  update();
}

void RccF1::enable_dma() {
  ahb_enable_ |= 1U;
  update();
}

}  // namespace target_model
