#include "rcc.hpp"

#include <array>
#include <utility>

namespace flashhost::machine::stm32 {
namespace {

constexpr std::uint32_t all_causes = 0xFE000000;
constexpr std::uint32_t pin_reset = 1U << 26;

std::uint32_t cause_bit(ResetCause cause, const Rcc::Facts &facts) {
  switch (cause) {
    case ResetCause::power_on:
      return facts.power_on_causes;
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

Rcc::Rcc(Common &common, const StmPart &part, const Facts &facts, std::function<void()> hsi_started)
    : common_(common),
      board_(common.board),
      part_(part),
      facts_(facts),
      hsi_started_(std::move(hsi_started)) {
  const auto prepare = [&](Oscillator &oscillator, Ticks delay) {
    oscillator.delay = delay;
    oscillator.event = board_.timeline.add([this, &oscillator](Ticks) {
      oscillator.ready = oscillator.on;
      update();
    });
  };
  prepare(hsi_, 2 * ticks_per_microsecond);
  prepare(hse_, 2 * ticks_per_millisecond);
  prepare(pll_, 200 * ticks_per_microsecond);
  prepare(lsi_, 85 * ticks_per_microsecond);
}

void Rcc::switch_oscillator(Oscillator &oscillator, std::uint32_t on) {
  if (oscillator.on == (on != 0)) return;
  oscillator.on = on != 0;
  if (!oscillator.on) oscillator.ready = false;
  board_.timeline.at(oscillator.event,
                     oscillator.on ? board_.timeline.now + oscillator.delay : never);
}

namespace {

template <class Oscillator>
std::uint32_t bits(const Oscillator &oscillator, unsigned at) {
  return (oscillator.on ? 1U << at : 0U) | (oscillator.ready ? 2U << at : 0U);
}

}  // namespace

std::uint32_t Rcc::control() const {
  return bits(hsi_, 0) | bits(hse_, 16) | bits(pll_, 24) | trim_;
}

void Rcc::set_control(std::uint32_t value) {
  trim_ = value & 0xF8;
  // The oscillator in use cannot be switched off.
  switch_oscillator(hsi_, (value & 1U) | (source_ == 0 ? 1U : 0U));
  switch_oscillator(hse_, (value >> 16 & 1U) | (source_ == 1 ? 1U : 0U));
  switch_oscillator(pll_, (value >> 24 & 1U) | (source_ == 2 ? 1U : 0U));
}

std::uint32_t Rcc::status() const {
  return causes_ | bits(lsi_, 0);
}

void Rcc::set_status(std::uint32_t value) {
  if ((value & 1U << 24) != 0) causes_ = 0;
  switch_oscillator(lsi_, value & 1U);
}

void Rcc::update() {
  const std::uint32_t wanted = config_ & 3;
  const std::array<const Oscillator *, 3> sources{&hsi_, &hse_, &pll_};
  if (wanted < 3 && sources[wanted]->ready) source_ = wanted;

  const bool hsi_was_running = common_.clocks.hsi_running;
  board_.repace([&] {
    Clocks &clocks = board_.clocks;
    BusClocks &buses = common_.clocks;
    const std::int64_t source = source_ == 0   ? reset_hertz()
                                : source_ == 1 ? std::int64_t{part_.hse_hertz}
                                               : pll_hertz();
    const std::int64_t system = source / system_divider();
    constexpr std::array<unsigned, 8> ahb_shift{1, 2, 3, 4, 6, 7, 8, 9};
    const std::uint32_t hpre = config_ >> 4 & 0xF;
    const std::uint32_t ppre1 = config_ >> facts_.ppre1_at & 7;
    clocks.hclk = hpre < 8 ? system : system >> ahb_shift[hpre - 8];
    buses.pclk1 = ppre1 < 4 ? clocks.hclk : clocks.hclk >> (ppre1 - 3);
    clocks.cycle = period_of(clocks.hclk);
    buses.hsi_running = hsi_.ready;
    gate(buses, common_.rules.on(CommonRule::clock_gating));
  });
  if (!hsi_was_running && common_.clocks.hsi_running) hsi_started_();
}

void Rcc::system_reset() {
  for (Oscillator *oscillator : {&hse_, &pll_}) {
    oscillator->on = oscillator->ready = false;
    board_.timeline.cancel(oscillator->event);
  }
  hsi_.on = hsi_.ready = true;
  trim_ = 0x80;
  config_ = source_ = 0;
  reset_registers();
  update();
}

void Rcc::record_reset(ResetCause cause) {
  if (common_.rules.off(CommonRule::reset_causes)) return;
  if (cause == ResetCause::power_on) {
    causes_ = 0;
    lsi_.on = lsi_.ready = false;
  }
  // Every reset also pulls the pin.
  causes_ |= (cause_bit(cause, facts_) | pin_reset) & all_causes;
}

void Rcc::run_from_hse() {
  hse_.on = hse_.ready = true;
  hsi_.on = hsi_.ready = false;
  config_ = source_ = 1;
  update();
}

}  // namespace flashhost::machine::stm32
