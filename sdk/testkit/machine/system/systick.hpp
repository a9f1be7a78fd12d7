// The system timer: counts core clocks or an eighth of them; stops while the core is halted.
#pragma once

#include <flashhost/machine/board.hpp>
#include <flashhost/machine/countdown.hpp>

namespace flashhost::machine {

class SysTick final : public PacedCounter {
 public:
  SysTick(Board &board, std::function<void()> pend);

  [[nodiscard]] std::uint32_t read(std::uint32_t offset);  // 0x10..0x1C of the SCS
  void write(std::uint32_t offset, std::uint32_t value);
  void system_reset();
  void pause() override { counter_.pause(); }
  void resume() override;

 private:
  [[nodiscard]] Ticks period() const;
  void zero(Ticks due);
  [[nodiscard]] std::uint32_t current() const;

  Board &board_;
  std::function<void()> pend_;
  Countdown counter_;
  std::uint32_t control_ = 0;
  std::uint32_t reload_ = 0;
  std::uint32_t stopped_at_ = 0;
  bool wrapped_ = false;  // COUNTFLAG
};

}  // namespace flashhost::machine
