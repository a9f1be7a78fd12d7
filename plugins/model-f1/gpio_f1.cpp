#include "gpio_f1.hpp"

#include <algorithm>

namespace flashhost::machine::stm32 {

std::uint32_t GpioF1::outputs() const {
  std::uint32_t mask = 0;
  for (unsigned pin = 0; pin < 16; ++pin) {
    const std::uint32_t mode = config_[pin / 8] >> (pin % 8 * 4) & 0xF;
    if ((mode & 3) != 0 && mode < 8) mask |= 1U << pin;
  }
  return mask;
}

std::uint32_t GpioF1::read(std::uint32_t offset, Master) {
  if (!clocked()) return 0;
  switch (offset) {
    case 0x00:
    case 0x04:
      return config_[offset / 4];
    case 0x08:  // nothing is connected: a pin shows its output, or its pull, which the same
                // register sets
    case 0x0C:
      return output();
    default:
      return offset == 0x18 ? lock_ : 0;
  }
}

Outcome GpioF1::write(std::uint32_t offset, std::uint32_t value, Master) {
  if (!clocked()) return Outcome::ok;
  switch (offset) {
    case 0x00:
    case 0x04:
      config_[offset / 4] = value;
      break;
    case 0x0C:
      set_output(value);
      break;
    case 0x10:
      set_and_clear(value);
      break;
    case 0x14:
      set_output(output() & ~value);
      break;
    case 0x18:
      lock_ = value & 0x1FFFF;
      break;
    default:
      break;
  }
  return Outcome::ok;
}

void GpioF1::system_reset() {
  config_[0] = config_[1] = 0x44444444;
  reset_output();
  lock_ = 0;
}

std::uint32_t AfioF1::read(std::uint32_t offset, Master) {
  return common_.clocks.afio && offset < sizeof registers_ ? registers_[offset / 4] : 0;
}

Outcome AfioF1::write(std::uint32_t offset, std::uint32_t value, Master) {
  if (common_.clocks.afio && offset < sizeof registers_) registers_[offset / 4] = value;
  return Outcome::ok;
}

void AfioF1::system_reset() {
  std::ranges::fill(registers_, 0);
}

}  // namespace flashhost::machine::stm32
