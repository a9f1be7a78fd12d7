// GPIO ports of the STM32F1; changes of output pins are recorded. And AFIO, which can take SWD's
// pins away.
#pragma once

#include "board.hpp"

namespace target_model {

class GpioF1 final : public Peripheral {
 public:
  GpioF1(Board &board, std::vector<PinEdge> &edges, unsigned port)
      : board_(board), edges_(edges), port_(port) {}

  std::uint32_t read(std::uint32_t offset, Master master) override;
  Outcome write(std::uint32_t offset, std::uint32_t value, Master master) override;
  void system_reset() override;

 private:
  void set_output(std::uint32_t value);
  [[nodiscard]] std::uint32_t outputs() const;  // mask of pins that drive their output register
  [[nodiscard]] bool clocked() const { return (board_.clocks.gpio >> port_ & 1U) != 0; }

  Board &board_;
  std::vector<PinEdge> &edges_;
  unsigned port_;
  std::uint32_t config_[2] = {0x44444444, 0x44444444};
  std::uint32_t output_ = 0;
  std::uint32_t lock_ = 0;
};

class AfioF1 final : public Peripheral {
 public:
  explicit AfioF1(Board &board) : board_(board) {}

  std::uint32_t read(std::uint32_t offset, Master master) override;
  Outcome write(std::uint32_t offset, std::uint32_t value, Master master) override;
  void system_reset() override;
  [[nodiscard]] bool swd_off() const { return (registers_[1] >> 24 & 7U) == 4; }

 private:
  Board &board_;
  std::uint32_t registers_[8] = {};
};

}  // namespace target_model
