// Ctrl-C, a closed terminal, a polite kill: asks the job to stop; the second one leaves at once.
#pragma once

#include "output/stream.hpp"

#include <flashhost/descriptor.hpp>

#include <atomic>
#include <functional>
#include <stop_token>
#include <thread>

namespace flashhost {

// To be made before any other thread: it blocks the signals in the thread that makes it, which
// threads made later inherit, and receives them on a thread of its own. Signals that whoever
// started the program has it ignore (nohup, a background job) stay ignored.
//
// Until begin_work nothing can be left half-done. So the first signal ends the program soon even
// where the job does not look at its token, in a plugin or waiting for a reader: it may end by
// itself for a fifth of a second, then last_words is called on the thread that receives, and the
// program exits with 130. last_words must not wait for anything.
class StopOnSignal {
 public:
  explicit StopOnSignal(std::function<void()> last_words);
  ~StopOnSignal();
  StopOnSignal(const StopOnSignal &) = delete;
  StopOnSignal &operator=(const StopOnSignal &) = delete;

  [[nodiscard]] std::stop_token token() const { return source_.get_token(); }

  // The target, or a file that must not stay behind, is about to be touched: from now on a signal
  // only asks to stop. Errc::interrupted when one has come. May be called again.
  void begin_work();
  // All is done but for saying so: a signal may cut that short, with this exit code. May be called
  // again, with another code.
  void end_work(int exit_code) noexcept;

 private:
  enum class Phase : std::uint8_t { nothing_to_put_back, target_in_work, ended, leaving };

  void receive();
  void stop();
  [[nodiscard]] bool quits_soon() const;
  void enter(Phase phase) noexcept;

  std::function<void()> last_words_;
  std::stop_source source_;
  std::atomic<Phase> phase_ = Phase::nothing_to_put_back;
  std::atomic<int> exit_code_ = 0;
  Stream standard_error_;
  Descriptor signals_, quit_;
  std::thread thread_;
};

}  // namespace flashhost
