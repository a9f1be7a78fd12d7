// Ctrl-C, a closed terminal, a polite kill: asks the job to stop; the second one leaves at once.
#pragma once

#include <stop_token>
#include <thread>

namespace flashhost {

// To be made before any other thread: it blocks the signals in the thread that makes it, which
// threads made later inherit, and receives them on a thread of its own.
class StopOnSignal {
 public:
  StopOnSignal();
  ~StopOnSignal();
  StopOnSignal(const StopOnSignal &) = delete;
  StopOnSignal &operator=(const StopOnSignal &) = delete;

  [[nodiscard]] std::stop_token token() const { return source_.get_token(); }

 private:
  void receive();

  std::stop_source source_;
  int signals_ = -1;
  int quit_ = -1;
  std::thread thread_;
};

}  // namespace flashhost
