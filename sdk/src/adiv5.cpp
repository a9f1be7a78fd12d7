#include <flashhost/adiv5.hpp>

#include <chrono>
#include <thread>

namespace flashhost::adiv5 {

Nanoseconds Wire::now() {
  return std::chrono::steady_clock::now().time_since_epoch();
}

void Wire::sleep(Nanoseconds time) {
  std::this_thread::sleep_for(time);
}

}  // namespace flashhost::adiv5
