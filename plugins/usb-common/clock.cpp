#include "clock.hpp"

#include <thread>

namespace flashhost::usb {

namespace {

class WallClock final : public Clock {
 public:
  explicit WallClock(double scale) : scale_(scale), start_(std::chrono::steady_clock::now()) {}

  Nanoseconds now() override {
    const auto real =
        std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - start_);
    return Nanoseconds(static_cast<Nanoseconds::rep>(real.count() * scale_));
  }

  void sleep(Nanoseconds time) override {
    std::this_thread::sleep_for(
        std::chrono::duration<double, std::nano>(static_cast<double>(time.count()) / scale_));
  }

 private:
  double scale_;
  std::chrono::steady_clock::time_point start_;
};

}  // namespace

std::unique_ptr<Clock> make_wall_clock(double scale) {
  return std::make_unique<WallClock>(scale);
}

double time_scale(const Settings &settings) {
  constexpr double fastest = 1000;
  const double scale = settings.number("time_scale").value_or(1);
  if (scale < 1 || scale > fastest) settings.reject("time_scale", "not within 1 and 1000");
  return scale;
}

}  // namespace flashhost::usb
