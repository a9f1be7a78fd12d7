// The independent and the window watchdog, and the freeze bits that hold them (stm32f1-flash.md
// section 8).
#pragma once

#include "board.hpp"
#include "countdown.hpp"

namespace target_model {

class DebugMcu final : public Peripheral {
 public:
  DebugMcu(Board &board, std::uint32_t idcode) : board_(board), idcode_(idcode) {}

  std::uint32_t read(std::uint32_t offset, Master master) override;
  Outcome write(std::uint32_t offset, std::uint32_t value, Master master) override;
  void system_reset() override;
  void power_on() { control_ = 0; }
  [[nodiscard]] bool frozen(
      unsigned bit) const;  // the counter with this DBGMCU_CR bit stands still now
  [[nodiscard]] bool debug_in_deep_sleep() const { return (control_ & 7U) != 0; }

 private:
  Board &board_;
  std::uint32_t idcode_;
  std::uint32_t control_ = 0;
};

class IndependentWatchdog final : public Peripheral, public PacedCounter {
 public:
  IndependentWatchdog(Board &board, const DebugMcu &debug);

  std::uint32_t read(std::uint32_t offset, Master master) override;
  Outcome write(std::uint32_t offset, std::uint32_t value, Master master) override;
  void system_reset() override;
  void pause() override { counter_.pause(); }
  void resume() override;
  void start();                    // hardware mode
  void start_with(Ticks timeout);  // as firmware may leave it

 private:
  [[nodiscard]] Ticks period() const;
  void reload();

  Board &board_;
  const DebugMcu &debug_;
  Countdown counter_;
  bool running_ = false;
  bool unlocked_ = false;
  std::uint32_t prescaler_ = 0;
  std::uint32_t reload_ = 0xFFF;
  Ticks prescaler_busy_ = 0;  // PVU and RVU until these times
  Ticks reload_busy_ = 0;
};

class WindowWatchdog final : public Peripheral, public PacedCounter {
 public:
  WindowWatchdog(Board &board, const DebugMcu &debug);

  std::uint32_t read(std::uint32_t offset, Master master) override;
  Outcome write(std::uint32_t offset, std::uint32_t value, Master master) override;
  void system_reset() override;
  void pause() override { counter_.pause(); }
  void resume() override;

 private:
  [[nodiscard]] Ticks period() const;
  [[nodiscard]] std::uint32_t count() const;

  Board &board_;
  const DebugMcu &debug_;
  Countdown counter_;  // until T6 clears
  bool running_ = false;
  std::uint32_t config_ = 0x7F;
  std::uint32_t status_ = 0;
};

}  // namespace target_model
