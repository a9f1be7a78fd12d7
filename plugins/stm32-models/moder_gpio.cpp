#include "moder_gpio.hpp"

namespace flashhost::machine::stm32 {
namespace {

constexpr std::uint32_t moder = 0x00;
constexpr std::uint32_t idr = 0x10;
constexpr std::uint32_t odr = 0x14;
constexpr std::uint32_t bsrr = 0x18;
constexpr std::uint32_t swd_mask = 0x3C000000;
constexpr std::uint32_t swd_mode = 0x28000000;  // alternate function

}  // namespace

std::uint32_t ModerGpio::outputs() const {
  std::uint32_t mask = 0;
  for (unsigned pin = 0; pin < 16; ++pin) {
    if ((registers_[moder] >> 2 * pin & 3U) == 1) mask |= 1U << pin;
  }
  return mask;
}

bool ModerGpio::swd_off() const {
  return (registers_[moder] & swd_mask) != swd_mode;
}

std::uint32_t ModerGpio::read(std::uint32_t offset, Master) {
  if (!clocked() || offset / 4 >= registers_.size()) return 0;
  // Nothing is connected: a pin shows its output.
  if (offset == idr || offset == odr) return output();
  return registers_[offset / 4];
}

Outcome ModerGpio::write(std::uint32_t offset, std::uint32_t value, Master) {
  if (!clocked() || offset / 4 >= registers_.size()) return Outcome::ok;
  if (offset == odr) {
    set_output(value);
  } else if (offset == bsrr) {
    set_and_clear(value);
  } else if (offset != idr) {
    registers_[offset / 4] = value;
  }
  return Outcome::ok;
}

void ModerGpio::system_reset() {
  registers_.fill(0);
  reset_output();
  registers_[moder] = reset_modes_;
}

}  // namespace flashhost::machine::stm32
