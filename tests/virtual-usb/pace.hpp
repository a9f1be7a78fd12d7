// How the model's time follows the wall clock.
#pragma once

#include <flashhost/machine/target.hpp>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string_view>

namespace virtual_usb {

using flashhost::machine::Nanoseconds;
using Wall = std::chrono::steady_clock::time_point;

inline constexpr double fast_pace = 4;  // what the model keeps up with on a modest machine

// "real", "fast" or "fast=K": model time per wall time. Empty: neither.
[[nodiscard]] std::optional<double> parse_pace(std::string_view text);

// A pace for programs in the same process: time passes only when they step.
inline constexpr double stepped_pace = 0;

// Model time runs a factor faster than the wall clock, but for the time in which the computing of
// the model was behind: that is lag.
class ModelClock {
 public:
  explicit ModelClock(double factor)
      : stepped_(factor == stepped_pace), factor_(stepped_ ? 1 : factor), start_(wall()) {}

  void start(Nanoseconds model) {
    start_ = wall();
    offset_ = model;
  }
  void step_to(Nanoseconds model) { step_ = std::max(step_, wall_of(model)); }  // if stepped
  [[nodiscard]] Nanoseconds now() const;
  [[nodiscard]] Wall wall_of(Nanoseconds model) const;
  // The model has been computed up to here; if it is later by now, that was lag.
  void computed(Nanoseconds model);
  [[nodiscard]] Nanoseconds lag() const { return lag_; }  // wall time
  [[nodiscard]] Nanoseconds elapsed() const {             // wall time, with the lag
    return wall() - start_;
  }
  [[nodiscard]] double factor() const { return factor_; }

 private:
  [[nodiscard]] Wall wall() const { return stepped_ ? step_ : std::chrono::steady_clock::now(); }

  bool stepped_;
  double factor_;
  Wall step_;
  Wall start_;
  Nanoseconds offset_{};
  Nanoseconds lag_{};
};

}  // namespace virtual_usb
