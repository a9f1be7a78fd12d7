#include "recorder.hpp"

#include <algorithm>
#include <ranges>

namespace flashhost::timeline {

using namespace std::chrono_literals;

namespace {

constexpr Nanoseconds first_grain = 10us;

Nanoseconds overlap(Nanoseconds begin, Nanoseconds end, Nanoseconds from, Nanoseconds to) {
  return std::max(std::min(end, to) - std::max(begin, from), Nanoseconds::zero());
}

Nanoseconds wire_time(const Traffic &traffic, std::optional<std::uint32_t> speed_hz) {
  if (!speed_hz || *speed_hz == 0) return 0ns;
  return Nanoseconds(static_cast<Nanoseconds::rep>(traffic.transfers * clocks_per_transfer *
                                                   1'000'000'000 / *speed_hz));
}

bool belongs_to(const Interval &last, Nanoseconds begin, Nanoseconds grain) {
  if (begin == last.end && last.busy == last.end - last.begin) return true;
  return grain > 0ns && begin / grain == last.begin / grain;
}

void append(Intervals &lane, const Interval &one) {
  if (lane.all.empty() || !belongs_to(lane.all.back(), one.begin, lane.grain)) {
    lane.all.push_back(one);
    return;
  }
  lane.all.back().end = one.end;
  lane.all.back().busy += one.busy;
}

// In place: allocates nothing.
void coarsen(Intervals &lane) {
  lane.grain = lane.grain == 0ns ? first_grain : 2 * lane.grain;
  std::size_t kept = 0;
  for (const Interval one : lane.all) {
    if (kept > 0 && belongs_to(lane.all[kept - 1], one.begin, lane.grain)) {
      lane.all[kept - 1].end = one.end;
      lane.all[kept - 1].busy += one.busy;
    } else {
      lane.all[kept++] = one;
    }
  }
  lane.all.resize(kept);
}

}  // namespace

void Recorder::cut() noexcept {
  recording_ = false;
  timeline_.complete = false;
}

void Recorder::begin(Nanoseconds now) noexcept {
  try {
    timeline_ = {};
    for (Intervals &lane : timeline_.lanes) lane.all.reserve(most_intervals + 1);
    timeline_.steps.reserve(most_steps);
    timeline_.steps.push_back({first_step_, {}, {}, {}});
    origin_ = now;
    recording_ = true;
  } catch (...) {
    cut();
  }
}

void Recorder::step(std::string_view name) noexcept {
  try {
    if (!recording_) {
      first_step_ = name;
      return;
    }
    if (timeline_.steps.size() >= most_steps) return;
    timeline_.steps.push_back({std::string(name), timeline_.total, timeline_.total, {}});
  } catch (...) {
    cut();
  }
}

void Recorder::add(Lane lane, Nanoseconds begin, Nanoseconds end) {
  if (end <= begin) return;
  Intervals &intervals = timeline_.lanes[static_cast<std::size_t>(lane)];
  append(intervals, {begin, end, end - begin});
  while (intervals.all.size() > most_intervals) coarsen(intervals);
}

void Recorder::advance(Nanoseconds now) {
  const Nanoseconds before = timeline_.total;
  if (now <= before) return;
  add(Lane::host, before, now);
  sums().host += now - before;
  timeline_.total = timeline_.steps.back().end = now;
}

void Recorder::at(Nanoseconds now) noexcept {
  if (recording_) advance(now - origin_);
}

void Recorder::call(Nanoseconds begin, Nanoseconds end, const Traffic &traffic) noexcept {
  if (!recording_) return;
  advance(begin - origin_);
  call_begin_ = timeline_.total;
  call_end_ = std::max(end - origin_, call_begin_);
  const Nanoseconds time = call_end_ - call_begin_;
  const Nanoseconds wire = std::min(wire_time(traffic, speed_hz_), time);
  const Nanoseconds wire_begin = call_begin_ + (time - wire) / 2;
  add(Lane::usb, call_begin_, wire_begin);
  add(Lane::wire, wire_begin, wire_begin + wire);
  add(Lane::usb, wire_begin + wire, call_end_);
  Sums &all = sums();
  all.wire += wire;
  all.usb += time - wire;
  ++all.calls;
  all.bytes += traffic.bytes;
  timeline_.total = timeline_.steps.back().end = call_end_;
}

void Recorder::sleep(Nanoseconds begin, Nanoseconds end) noexcept {
  if (!recording_) return;
  advance(begin - origin_);
  const Sleep sleep{
      timeline_.total, std::max(end - origin_, timeline_.total), {}, timeline_.steps.size() - 1};
  timeline_.total = timeline_.steps.back().end = sleep.end;
  if (commands_.empty()) return decide(sleep);
  if (sleep_count_ == most_sleeps) decide_sleeps_until(sleep.end);
  sleeps_[sleep_count_++] = sleep;
}

void Recorder::decide(const Sleep &sleep) {
  const Nanoseconds idle = sleep.end - sleep.begin - sleep.flash;
  add(Lane::idle, sleep.end - idle, sleep.end);
  Sums &all = timeline_.steps[sleep.step].sums;
  all.idle += idle;
  all.flash_only += sleep.flash;
}

void Recorder::decide_sleeps_until(Nanoseconds time) {
  const auto begin = sleeps_.begin();
  const auto end = begin + static_cast<std::ptrdiff_t>(sleep_count_);
  const auto later = std::find_if(begin, end, [&](const Sleep &one) { return one.end > time; });
  std::for_each(begin, later, [&](const Sleep &one) { decide(one); });
  sleep_count_ = static_cast<std::size_t>(std::move(later, end, begin) - begin);
}

void Recorder::flash_was_busy(Nanoseconds begin, Nanoseconds end) {
  if (end <= begin) return;
  add(Lane::flash, begin, end);
  for (Step &step : timeline_.steps | std::views::reverse) {
    step.sums.flash_busy += overlap(begin, end, step.begin, step.end);
    if (step.begin <= begin) break;
  }
  for (std::size_t i = 0; i < sleep_count_; ++i) {
    sleeps_[i].flash += overlap(begin, end, sleeps_[i].begin, sleeps_[i].end);
  }
}

void Recorder::flash_given(Nanoseconds expected) noexcept {
  if (!recording_) return;
  try {
    commands_.push_back({call_end_, expected});
    timeline_.flash_expected += expected;
  } catch (...) {
    cut();
  }
}

void Recorder::flash_left(std::size_t count) noexcept {
  if (recording_) look(count, call_begin_, call_end_);
}

// Of those that were done between two looks the ends are not known, but the order is, and that none
// began before it was given.
void Recorder::look(std::size_t left, Nanoseconds asked, Nanoseconds answered) {
  while (commands_.size() > left) {
    const Command command = commands_.front();
    commands_.pop_front();
    const Nanoseconds begin = std::max(command.given, flash_free_);
    const Nanoseconds seen_at_work = std::max(begin, flash_known_);
    flash_free_ =
        std::max(std::min(begin + command.expected, answered), std::min(seen_at_work, answered));
    if (command.expected > 0ns) flash_was_busy(seen_at_work, flash_free_);
  }
  if (!commands_.empty()) {
    const Nanoseconds begin = std::max({commands_.front().given, flash_free_, flash_known_});
    if (commands_.front().expected > 0ns) flash_was_busy(begin, asked);
    flash_known_ = std::max(flash_known_, asked);
  }
  decide_sleeps_until(commands_.empty() ? answered : asked);
}

Timeline Recorder::timeline() const {
  // Of commands that nobody has looked at since, and sleeps meanwhile, no more will be known.
  Recorder copy = *this;
  copy.look(0, timeline_.total, timeline_.total);
  copy.decide_sleeps_until(copy.timeline_.total);
  return std::move(copy.timeline_);
}

}  // namespace flashhost::timeline
