// What ends the program before its work is done. Signals (Ctrl-C, a closed terminal, SIGTERM): the
// first asks the job to stop, the second one exits at once. A time limit does the same.
#pragma once

#include "output/stream.hpp"

#include <flashhost/descriptor.hpp>

#include <atomic>
#include <chrono>
#include <functional>
#include <optional>
#include <stop_token>
#include <string_view>
#include <thread>

namespace flashhost {

struct TimeLimit {
  std::chrono::milliseconds job;  // from now on
  std::chrono::milliseconds to_stop{
      70'000};  // then, for the longest operation of a flash; beyond that it is left at once
};

enum class StopReason : std::uint8_t { none, signal, time_limit };

// Create it before any other thread. It blocks the signals in the calling thread (later threads
// inherit that) and receives them on a thread of its own. Signals that the parent process set to be
// ignored (nohup, a background job) stay ignored.
//
// Before begin_work nothing can be left half-done. So the first signal ends the program soon even
// if the job does not check its token, because it is in a plugin or waits for a reader: the job
// gets a fifth of a second to end by itself; then last_words is called on the receiving thread, and
// the program exits with 130, or 11 when the time limit was the reason. last_words must not wait
// for anything.
class StopOnSignal {
 public:
  // what_became: one or two sentences about the chip for the end of a job that is left at once. It
  // is called on the receiving thread, and the job must not change the chip any more once it
  // returns.
  explicit StopOnSignal(std::function<void(StopReason)> last_words, std::optional<TimeLimit> limit,
                        std::function<std::string_view()> what_became);
  ~StopOnSignal();
  StopOnSignal(const StopOnSignal &) = delete;
  StopOnSignal &operator=(const StopOnSignal &) = delete;

  [[nodiscard]] std::stop_token token() const { return source_.get_token(); }

  // Why the job was asked to stop.
  [[nodiscard]] StopReason reason() const { return reason_; }

  // Call it before the target, or a file that must not stay behind, is changed: from now on a
  // signal only asks to stop. Errc::interrupted when a signal has come already. May be called
  // again.
  void begin_work();
  // Call it when only output is left to do: from now on a signal ends the program with this exit
  // code. May be called again, with another code.
  void end_work(int exit_code) noexcept;

 private:
  enum class Phase : std::uint8_t { nothing_to_put_back, target_in_work, ended, leaving };

  void receive();
  void stop(StopReason reason);
  [[nodiscard]] int milliseconds_left() const;  // for poll
  void time_is_over();
  [[nodiscard]] int code_of_reason() const;
  [[nodiscard]] bool quits_soon() const;
  void enter(Phase phase) noexcept;

  std::function<void(StopReason)> last_words_;
  std::function<std::string_view()> what_became_;
  std::optional<std::chrono::steady_clock::time_point> deadline_;
  std::chrono::milliseconds time_to_stop_{};
  bool limit_has_passed_ = false;
  std::stop_source source_;
  std::atomic<Phase> phase_ = Phase::nothing_to_put_back;
  std::atomic<int> exit_code_ = 0;
  std::atomic<StopReason> reason_ = StopReason::none;
  Stream standard_error_;
  Descriptor signals_, quit_;
  std::thread thread_;
};

}  // namespace flashhost
