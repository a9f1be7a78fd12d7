// Reset and clock control of the STM32F1: oscillators, prescalers, clock enables, causes of reset.
#pragma once

#include "board.hpp"
#include "parts.hpp"

#include <functional>

namespace target_model {

class RccF1 final : public Peripheral {
 public:
  RccF1(Board &board, const Part &part, std::function<void()> hsi_started);

  std::uint32_t read(std::uint32_t offset, Master master) override;
  Outcome write(std::uint32_t offset, std::uint32_t value, Master master) override;
  void system_reset() override;
  void record_reset(ResetCause cause);
  void run_from_hse();  // as firmware may leave it: HSE on and selected, HSI off
  void enable_dma();

 private:
  struct Oscillator {
    bool on = false;
    bool ready = false;
    Ticks delay = 0;
    Timeline::Event event{};
  };
  void switch_oscillator(Oscillator &oscillator, std::uint32_t on);
  void update();
  [[nodiscard]] std::int64_t pll_hertz() const;

  Board &board_;
  const Part &part_;
  std::function<void()> hsi_started_;
  Oscillator hsi_;
  Oscillator hse_;
  Oscillator pll_;
  Oscillator lsi_;
  std::uint32_t trim_ = 0x80;  // HSITRIM
  std::uint32_t config_ = 0;   // CFGR without SWS
  std::uint32_t source_ = 0;   // SWS
  std::uint32_t config2_ = 0;
  std::uint32_t interrupts_ = 0;
  std::uint32_t ahb_enable_ = 0x14;
  std::uint32_t apb2_enable_ = 0;
  std::uint32_t apb1_enable_ = 0;
  std::uint32_t causes_ = 0;
};

}  // namespace target_model
