// Reset and clock control, as far as the series agree, with bits as F1 and F4 have them:
// oscillators, system clock, prescalers, reset causes.
#pragma once

#include "common.hpp"
#include "part.hpp"

#include <functional>

namespace flashhost::machine::stm32 {

class Rcc : public Peripheral {
 public:
  struct Facts {
    std::int64_t hsi_hertz;         // of the oscillator that runs after a reset
    unsigned ppre1_at;              // lowest bit of CFGR.PPRE1
    std::uint32_t power_on_causes;  // reset flags in CSR after power-on
  };
  Rcc(Common &common, const StmPart &part, const Facts &facts, std::function<void()> hsi_started);

  void system_reset() override;
  void record_reset(ResetCause cause);
  void run_from_hse();  // as firmware may leave it: HSE on and selected, HSI off
  virtual void enable_dma() = 0;

 protected:
  virtual void gate(BusClocks &clocks, bool gating) const = 0;  // by the enable registers
  [[nodiscard]] virtual std::int64_t reset_hertz() const { return facts_.hsi_hertz; }
  [[nodiscard]] virtual std::int64_t pll_hertz() const = 0;
  [[nodiscard]] virtual std::int64_t system_divider() const { return 1; }  // of any of them
  virtual void reset_registers() = 0;

  [[nodiscard]] std::uint32_t control() const;  // CR
  void set_control(std::uint32_t value);
  [[nodiscard]] std::uint32_t config() const { return config_ | source_ << 2; }  // CFGR
  void set_config(std::uint32_t value) { config_ = value & ~0xCU; }
  [[nodiscard]] std::uint32_t status() const;  // CSR
  void set_status(std::uint32_t value);
  void update();  // after a register has changed
  [[nodiscard]] bool pll_on() const { return pll_.on; }
  [[nodiscard]] const StmPart &part() const { return part_; }

 private:
  struct Oscillator {
    bool on = false;
    bool ready = false;
    Ticks delay = 0;
    Timeline::Event event{};
  };
  void switch_oscillator(Oscillator &oscillator, std::uint32_t on);

  Common &common_;
  Board &board_;
  const StmPart &part_;
  const Facts facts_;
  std::function<void()> hsi_started_;
  Oscillator hsi_;
  Oscillator hse_;
  Oscillator pll_;
  Oscillator lsi_;
  std::uint32_t trim_ = 0x80;  // HSITRIM
  std::uint32_t config_ = 0;   // CFGR without SWS
  std::uint32_t source_ = 0;   // SWS
  std::uint32_t causes_ = 0;
};

}  // namespace flashhost::machine::stm32
