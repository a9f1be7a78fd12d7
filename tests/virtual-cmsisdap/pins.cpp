#include "pins.hpp"

#include "protocol.hpp"

#include <algorithm>
#include <chrono>

namespace virtual_cmsisdap {

namespace {

constexpr std::uint8_t driven_pins = pin::swclk | pin::swdio | pin::nreset;
constexpr std::chrono::seconds longest_wait{3};

}  // namespace

void Pins::idle() {
  levels_ |= pin::swclk | pin::swdio;
  set_nreset(true);
}

void Pins::set_nreset(bool high) {
  if (high && (levels_ & pin::nreset) == 0) {
    released_ = target_.now() + config_.nreset_rises_after;
  }
  levels_ =
      static_cast<std::uint8_t>((levels_ & ~unsigned{pin::nreset}) | (high ? pin::nreset : 0U));
  if (config_.nreset_wired) target_.set_nrst(high ? 1 : 0);
}

void Pins::drive(std::uint8_t output, std::uint8_t select) {
  constexpr std::uint8_t clock_and_data = pin::swclk | pin::swdio;
  const unsigned changed = select & clock_and_data;
  levels_ = static_cast<std::uint8_t>((levels_ & ~changed) | (output & changed));
  if ((select & pin::nreset) != 0) set_nreset((output & pin::nreset) != 0);
}

std::uint8_t Pins::read() const {
  const bool low = !config_.nreset_readable || target_.now() < released_;
  return static_cast<std::uint8_t>(low ? levels_ & ~unsigned{pin::nreset} : levels_);
}

void Pins::wait(std::uint8_t output, std::uint8_t select, std::uint32_t microseconds) {
  if (!config_.timer) return;
  const auto differs = [&] { return ((read() ^ output) & select & driven_pins) != 0; };
  if (!differs()) return;
  using flashhost::Nanoseconds;
  const Nanoseconds limit =
      std::min<Nanoseconds>(std::chrono::microseconds(microseconds), longest_wait);
  const Nanoseconds end = target_.now() + limit;
  // Only a reset line that rises changes by itself.
  if (released_ > target_.now()) target_.advance(std::min(released_, end) - target_.now());
  if (differs()) target_.advance(end - target_.now());
}

}  // namespace virtual_cmsisdap
