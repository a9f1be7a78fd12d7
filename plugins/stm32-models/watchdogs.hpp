// The independent and the window watchdog, and the freeze bits that hold them
// (docs/reference/stm32f1-flash.md section 8, docs/reference/stm32f4-flash.md section 10).
#pragma once

#include "common.hpp"

#include <flashhost/machine/countdown.hpp>

#include <array>

namespace flashhost::machine::stm32 {

// Where the debug unit of a series has its bits.
struct DebugMcuLayout {
  std::uint32_t freeze_register;  // offset of one, or of the first of two; may be CR itself
  unsigned iwdg_bit;
  unsigned wwdg_bit;
  bool hidden_from_firmware;  // the core reads nothing unless a debugger is attached
};

enum class Watchdog : std::uint8_t { independent, window };

class DebugMcu final : public Peripheral {
 public:
  DebugMcu(const Common &common, std::uint32_t idcode, const DebugMcuLayout &layout)
      : common_(common), board_(common.board), idcode_(idcode), layout_(layout) {}

  std::uint32_t read(std::uint32_t offset, Master master) override;
  Outcome write(std::uint32_t offset, std::uint32_t value, Master master) override;
  void system_reset() override;
  void power_on() { registers_.fill(0); }
  [[nodiscard]] bool frozen(Watchdog which) const;  // the watchdog does not count now
  // Whether DBG_STOP or DBG_STANDBY keeps the clocks of the debug port on.
  [[nodiscard]] bool debug_in_deep_sleep() const {
    return (registers_[0] & (board_.standby ? 4U : 2U)) != 0;
  }

 private:
  const Common &common_;
  Board &board_;
  std::uint32_t idcode_;
  const DebugMcuLayout &layout_;
  [[nodiscard]] bool hidden(Master master) const;

  std::array<std::uint32_t, 16> registers_{};  // from CR on
};

class IndependentWatchdog final : public Peripheral, public PacedCounter {
 public:
  IndependentWatchdog(Board &board, const DebugMcu &debug, std::int64_t lsi_hertz);

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
  Ticks lsi_period_;
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
  WindowWatchdog(const Common &common, const DebugMcu &debug);

  std::uint32_t read(std::uint32_t offset, Master master) override;
  Outcome write(std::uint32_t offset, std::uint32_t value, Master master) override;
  void system_reset() override;
  void pause() override { counter_.pause(); }
  void resume() override;

 private:
  [[nodiscard]] Ticks period() const;
  [[nodiscard]] std::uint32_t count() const;

  const Common &common_;
  Board &board_;
  const DebugMcu &debug_;
  Countdown counter_;  // until T6 clears
  bool running_ = false;
  std::uint32_t config_ = 0x7F;
  std::uint32_t status_ = 0;
};

}  // namespace flashhost::machine::stm32
