// A GPIO port: its output pins, and a record of their edges.
#pragma once

#include "common.hpp"

namespace flashhost::machine::stm32 {

class GpioPort : public Peripheral {
 public:
  GpioPort(const Common &common, unsigned port) : common_(common), port_(port) {}

 protected:
  [[nodiscard]] virtual std::uint32_t outputs() const = 0;  // pins that drive their output register
  [[nodiscard]] bool clocked() const { return (common_.clocks.gpio >> port_ & 1U) != 0; }
  [[nodiscard]] std::uint32_t output() const { return output_; }
  [[nodiscard]] unsigned port() const { return port_; }
  void set_output(std::uint32_t value);
  void set_and_clear(std::uint32_t value);  // BSRR
  void reset_output() { output_ = 0; }

 private:
  const Common &common_;
  unsigned port_;
  std::uint32_t output_ = 0;
};

}  // namespace flashhost::machine::stm32
