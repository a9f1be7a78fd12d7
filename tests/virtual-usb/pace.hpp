// How the model's time follows the wall clock.
#pragma once

#include <flashhost/machine/target.hpp>

#include <chrono>
#include <optional>
#include <string_view>

namespace virtual_usb {

using flashhost::machine::Nanoseconds;
using Wall = std::chrono::steady_clock::time_point;

inline constexpr double fast_pace = 4;  // what the model keeps up with on a modest machine

// "real", "fast" or "fast=K": model time per wall time. Empty: neither.
[[nodiscard]] std::optional<double> parse_pace(std::string_view text);

// Model time runs a factor faster than the wall clock, but for the time in which the computing of
// the model was behind: that is lag.
class ModelClock {
 public:
  explicit ModelClock(double factor) : factor_(factor), start_(std::chrono::steady_clock::now()) {}

  void start(Nanoseconds model) {
    start_ = std::chrono::steady_clock::now();
    offset_ = model;
  }
  [[nodiscard]] Nanoseconds now() const;
  [[nodiscard]] Wall wall_of(Nanoseconds model) const;
  // The model has been computed up to here; if it is later by now, that was lag.
  void computed(Nanoseconds model);
  [[nodiscard]] Nanoseconds lag() const { return lag_; }  // wall time
  [[nodiscard]] Nanoseconds elapsed() const {             // wall time, with the lag
    return std::chrono::steady_clock::now() - start_;
  }
  [[nodiscard]] double factor() const { return factor_; }

 private:
  double factor_;
  Wall start_;
  Nanoseconds offset_{};
  Nanoseconds lag_{};
};

}  // namespace virtual_usb
