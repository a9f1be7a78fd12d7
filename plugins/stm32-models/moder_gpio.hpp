// GPIO ports with a mode register, as all series after the F1 have them. PA13 and PA14 are SWD pins
// as long as their mode is alternate function.
#pragma once

#include "gpio.hpp"

#include <array>

namespace flashhost::machine::stm32 {

class ModerGpio final : public GpioPort {
 public:
  // reset_modes: of MODER.
  ModerGpio(const Common &common, unsigned port, std::uint32_t reset_modes)
      : GpioPort(common, port), reset_modes_(reset_modes) {}

  std::uint32_t read(std::uint32_t offset, Master master) override;
  Outcome write(std::uint32_t offset, std::uint32_t value, Master master) override;
  void system_reset() override;
  [[nodiscard]] bool swd_off() const;  // of port A

 private:
  [[nodiscard]] std::uint32_t outputs() const override;

  std::uint32_t reset_modes_;
  std::array<std::uint32_t, 10> registers_{};
};

}  // namespace flashhost::machine::stm32
