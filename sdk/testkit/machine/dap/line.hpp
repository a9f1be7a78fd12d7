// SWDIO as the debug port sees it between transfers: line resets and the switch between JTAG and
// SWD, bit by bit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace flashhost::machine::dap {

class Line {
 public:
  enum class State : std::uint8_t {
    lost,   // deaf until a line reset: the protocol was broken, or this is JTAG
    reset,  // in a line reset, which needs two idle cycles to end
    fresh,  // after a line reset: the first access must be a read of DPIDR
    ready,
  };

  void power_on() { *this = Line(); }
  void drive(std::span<const std::uint8_t> data, std::size_t bits);
  void lose() { state_ = State::lost; }
  // A request has come. False: the port takes no notice of it, and is lost if it broke the
  // protocol.
  [[nodiscard]] bool takes_request(bool dpidr_read);
  // Line resets that were completed, since power-on.
  [[nodiscard]] std::uint64_t resets() const { return resets_; }

 private:
  void drive(bool high);
  void follow_switch(bool high);
  void follow_reset(bool high);

  bool jtag_ = true;  // an SWJ-DP starts so
  State state_ = State::lost;
  unsigned ones_ = 0;  // in sequence, up to now
  unsigned idle_ = 0;  // zeros in sequence
  std::uint32_t code_ = 0;
  unsigned code_bits_ = 0;  // taken of a switch code, behind at least 50 ones
  bool taking_code_ = false;
  std::uint64_t resets_ = 0;
};

}  // namespace flashhost::machine::dap
