// The one clock and the one event queue of the machine. There are few events: each part registers
// its own once and then only changes its time.
#pragma once

#include <flashhost/machine/ticks.hpp>

#include <cstddef>
#include <functional>
#include <vector>

namespace flashhost::machine {

class Timeline {
 public:
  using Event = std::size_t;
  using Handler = std::function<void(Ticks due)>;

  Event add(Handler handler);
  void at(Event event, Ticks time);  // replaces the event's earlier time; never: off
  void cancel(Event event) { at(event, never); }
  [[nodiscard]] Ticks time_of(Event event) const { return events_[event].time; }
  [[nodiscard]] Ticks next() const { return next_; }
  void run_due();  // everything due at `now`, earliest first
  // For the core when it reaches `limit`: runs what is due and sets the next limit. False when the
  // core must return to the outer loop: at `end`, or after attention().
  [[nodiscard]] bool go_on();

  // Makes the core stop before its next instruction, for a change that only the outer loop can
  // handle.
  void attention() { limit = 0; }

  Ticks now = 0;
  Ticks end = 0;    // when the outer loop has to return
  Ticks limit = 0;  // the core stops before the first instruction that would start at or after this

 private:
  struct Entry {
    Ticks time = never;
    Handler handler;
  };
  void find_next();

  std::vector<Entry> events_;
  Ticks next_ = never;
};

}  // namespace flashhost::machine
