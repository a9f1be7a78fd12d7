#include "pace.hpp"

#include <charconv>

namespace virtual_usb {

namespace {

constexpr double fastest = 1000;

Nanoseconds scaled(Nanoseconds time, double factor) {
  return Nanoseconds(static_cast<Nanoseconds::rep>(static_cast<double>(time.count()) * factor));
}

}  // namespace

std::optional<double> parse_pace(std::string_view text) {
  constexpr std::string_view fast = "fast";
  if (text == "real") return 1;
  if (text == fast) return fast_pace;
  const bool slow = text.starts_with("slow=");
  if (!slow && !text.starts_with("fast=")) return {};
  text.remove_prefix(fast.size() + 1);
  double factor = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), factor);
  if (error != std::errc{} || end != text.data() + text.size()) return {};
  if (factor >= 1 && factor <= fastest) return slow ? 1 / factor : factor;
  return {};
}

Nanoseconds ModelClock::now() const {
  return offset_ + scaled(elapsed() - lag_, factor_);
}

Wall ModelClock::wall_of(Nanoseconds model) const {
  return start_ + lag_ + scaled(model - offset_, 1 / factor_);
}

void ModelClock::computed(Nanoseconds model) {
  const Nanoseconds late = now() - model;
  if (late > Nanoseconds::zero()) lag_ += scaled(late, 1 / factor_);
}

}  // namespace virtual_usb
