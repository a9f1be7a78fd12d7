#include "gpio.hpp"

#include <string>

namespace flashhost::machine::stm32 {

void GpioPort::set_output(std::uint32_t value) {
  const std::uint32_t changed = (output_ ^ value) & outputs();
  output_ = value & 0xFFFF;
  for (unsigned pin = 0; pin < 16; ++pin) {
    if ((changed >> pin & 1U) == 0) continue;
    std::string name = "P";
    name += static_cast<char>('A' + port_);
    name += std::to_string(pin);
    common_.board.pin_edges.push_back({to_nanoseconds(common_.board.timeline.now), std::move(name),
                                       static_cast<std::uint8_t>(output_ >> pin & 1U)});
  }
}

void GpioPort::set_and_clear(std::uint32_t value) {
  set_output((output_ & ~(value >> 16)) | (value & 0xFFFF));
}

}  // namespace flashhost::machine::stm32
