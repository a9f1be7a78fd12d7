#include "core/poll_skipper.hpp"

#include <algorithm>

namespace flashhost::machine {
namespace {

constexpr unsigned most_strangers = 8;
constexpr unsigned longest_patience = 64;

}  // namespace

void PollSkipper::anchor(const Engine &engine, std::uint32_t address, Ticks now,
                         std::uint64_t instructions) {
  anchored_ = true;
  clean_ = true;
  polls_ = false;
  address_ = address;
  strangers_ = 0;
  state_ = engine.state();
  now_ = now;
  instructions_ = instructions;
}

void PollSkipper::at_loop_head(const Engine &engine, std::uint32_t address, Ticks limit, Ticks &now,
                               std::uint64_t &instructions) {
  if (!enabled_) return;
  if (!anchored_ || address != address_) {
    if (anchored_ && ++strangers_ < most_strangers) return;
    patience_ = 1;
    wait_ = 0;
    anchor(engine, address, now, instructions);
    return;
  }
  strangers_ = 0;
  // Loops that only compute are checked less and less often.
  if (wait_ > 0 && !polls_) {
    if (--wait_ == 0) anchor(engine, address, now, instructions);
    return;
  }
  if (clean_ && engine.state() == state_) {
    const Ticks round = now - now_;
    const Ticks rounds = round > 0 ? (limit - 1 - now) / round : 0;
    if (rounds > 0) {
      instructions += static_cast<std::uint64_t>(rounds) * (instructions - instructions_);
      now += rounds * round;
    }
    now_ = now;
    instructions_ = instructions;
    polls_ = false;
    patience_ = 1;
    return;
  }
  patience_ = std::min(2 * patience_, longest_patience);
  wait_ = polls_ ? 0 : patience_;
  if (wait_ == 0) anchor(engine, address, now, instructions);
}

}  // namespace flashhost::machine
