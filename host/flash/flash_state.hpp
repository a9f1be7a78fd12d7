// What a run has made of the chip so far. It counts what stays: flash and option bytes, not RAM and
// registers.
#pragma once

#include <cstdint>
#include <mutex>
#include <string_view>

namespace flashhost {

enum class FlashState : std::uint8_t {
  unchanged,
  partly_written,  // something was erased or programmed, and the job is not finished
  written,         // all of it, and not verified
  written_and_verified,
};

// "partly_written": for machines.
[[nodiscard]] std::string_view name(FlashState state);
// What the report of an error adds: one sentence or two.
[[nodiscard]] std::string_view to_text(FlashState state);

// [any thread]
class FlashRecord {
 public:
  void set(FlashState state) {
    const std::lock_guard lock(mutex_);
    state_ = state;
  }
  [[nodiscard]] FlashState get() const {
    const std::lock_guard lock(mutex_);
    return state_;
  }
  // For a thread that ends the program without waiting for the job: whoever wants to change the
  // state afterwards waits for ever, so what is said about it stays true.
  [[nodiscard]] FlashState freeze() {
    mutex_.lock();
    return state_;
  }

 private:
  mutable std::mutex mutex_;
  FlashState state_ = FlashState::unchanged;
};

}  // namespace flashhost
