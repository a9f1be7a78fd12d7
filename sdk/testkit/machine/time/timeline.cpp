#include <flashhost/machine/timeline.hpp>

#include <algorithm>
#include <utility>

namespace flashhost::machine {

Timeline::Event Timeline::add(Handler handler) {
  events_.push_back({never, std::move(handler)});
  return events_.size() - 1;
}

void Timeline::at(Event event, Ticks time) {
  events_[event].time = time;
  find_next();
  limit = std::min(limit, next_);
}

void Timeline::find_next() {
  next_ = never;
  for (const Entry &entry : events_) next_ = std::min(next_, entry.time);
}

void Timeline::run_due() {
  while (next_ <= now) {
    const auto entry = std::ranges::find(events_, next_, &Entry::time);
    const Ticks due = std::exchange(entry->time, never);
    find_next();
    entry->handler(due);
  }
}

bool Timeline::go_on() {
  if (limit == 0 || now >= end) return false;
  run_due();
  if (limit == 0) return false;
  limit = std::min(end, next_);
  return true;
}

}  // namespace flashhost::machine
