// GPIO ports of the STM32F1, and AFIO, which can disconnect the SWD pins.
#pragma once

#include "gpio.hpp"

namespace flashhost::machine::stm32 {

class GpioF1 final : public GpioPort {
 public:
  using GpioPort::GpioPort;

  std::uint32_t read(std::uint32_t offset, Master master) override;
  Outcome write(std::uint32_t offset, std::uint32_t value, Master master) override;
  void system_reset() override;

 private:
  [[nodiscard]] std::uint32_t outputs() const override;

  std::uint32_t config_[2] = {0x44444444, 0x44444444};
  std::uint32_t lock_ = 0;
};

class AfioF1 final : public Peripheral {
 public:
  explicit AfioF1(const Common &common) : common_(common) {}

  std::uint32_t read(std::uint32_t offset, Master master) override;
  Outcome write(std::uint32_t offset, std::uint32_t value, Master master) override;
  void system_reset() override;
  [[nodiscard]] bool swd_off() const { return (registers_[1] >> 24 & 7U) == 4; }

 private:
  const Common &common_;
  std::uint32_t registers_[8] = {};
};

}  // namespace flashhost::machine::stm32
