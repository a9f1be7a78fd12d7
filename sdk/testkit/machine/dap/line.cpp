#include "dap/line.hpp"

namespace flashhost::machine::dap {
namespace {

constexpr unsigned reset_ones = 50;
constexpr unsigned reset_idle = 2;
constexpr unsigned switch_bits = 16;
constexpr std::uint32_t jtag_to_swd = 0xE79E;
constexpr std::uint32_t swd_to_jtag = 0xE73C;

}  // namespace

void Line::drive(std::span<const std::uint8_t> data, std::size_t bits) {
  for (std::size_t i = 0; i < bits; ++i) drive((data[i / 8] >> (i % 8) & 1) != 0);
}

void Line::drive(bool high) {
  follow_switch(high);
  if (!jtag_) follow_reset(high);
  ones_ = high ? ones_ + 1 : 0;
}

void Line::follow_switch(bool high) {
  if (!high && ones_ >= reset_ones) {
    taking_code_ = true;
    code_ = code_bits_ = 0;
  }
  if (!taking_code_) return;
  code_ |= (high ? 1U : 0U) << code_bits_;
  if (++code_bits_ < switch_bits) return;
  taking_code_ = false;
  if (code_ == jtag_to_swd) jtag_ = false;
  if (code_ == swd_to_jtag) jtag_ = true;
  if (code_ == jtag_to_swd || code_ == swd_to_jtag) state_ = State::lost;
}

void Line::follow_reset(bool high) {
  if (high) {
    idle_ = 0;
    // Anywhere else a one starts a request, and one made of single bits is not understood here.
    state_ = ones_ + 1 >= reset_ones ? State::reset : State::lost;
  } else if (++idle_ >= reset_idle && state_ == State::reset) {
    state_ = State::fresh;
    ++resets_;
  }
}

bool Line::takes_request(bool dpidr_read) {
  ones_ = 0;
  taking_code_ = false;
  if (state_ == State::fresh && dpidr_read) state_ = State::ready;
  if (state_ != State::ready) state_ = State::lost;
  return state_ == State::ready;
}

}  // namespace flashhost::machine::dap
