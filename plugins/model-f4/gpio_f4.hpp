// GPIO ports of the STM32F4. PA13 and PA14 are SWD pins as long as their mode is alternate
// function.
#pragma once

#include "gpio.hpp"

#include <array>

namespace flashhost::machine::stm32 {

class GpioF4 final : public GpioPort {
 public:
  using GpioPort::GpioPort;

  std::uint32_t read(std::uint32_t offset, Master master) override;
  Outcome write(std::uint32_t offset, std::uint32_t value, Master master) override;
  void system_reset() override;
  [[nodiscard]] bool swd_off() const;  // of port A

 private:
  [[nodiscard]] std::uint32_t outputs() const override;

  std::array<std::uint32_t, 10> registers_{};
};

}  // namespace flashhost::machine::stm32
