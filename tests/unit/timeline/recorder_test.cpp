#include "timeline/recorder.hpp"

#include <gmock/gmock.h>

namespace flashhost::timeline {

// For gmock's messages.
void PrintTo(const Interval &one, std::ostream *out) {
  *out << one.begin.count() << ".." << one.end.count() << ", busy " << one.busy.count();
}

namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr Nanoseconds start = 5s;  // of the probe's clock, when the recording began

Interval busy(Nanoseconds begin, Nanoseconds end) {
  return {begin, end, end - begin};
}

Nanoseconds exclusive(const Sums &sums) {
  return sums.flash_only + sums.wire + sums.usb + sums.host + sums.idle;
}

Nanoseconds busy_in(const Intervals &lane) {
  Nanoseconds all{};
  for (const Interval &one : lane.all) all += one.busy;
  return all;
}

// What must be so in every timeline.
void expect_whole(const Timeline &timeline) {
  Nanoseconds at = 0ns;
  for (const Step &step : timeline.steps) {
    EXPECT_EQ(step.begin, at) << step.name;
    EXPECT_EQ(exclusive(step.sums), step.end - step.begin) << step.name;
    EXPECT_LE(step.sums.flash_only, step.sums.flash_busy) << step.name;
    at = step.end;
  }
  EXPECT_EQ(at, timeline.total);
  const Sums sums = timeline.sums();
  EXPECT_EQ(busy_in(timeline.lane(Lane::flash)), sums.flash_busy);
  EXPECT_EQ(busy_in(timeline.lane(Lane::wire)), sums.wire);
  EXPECT_EQ(busy_in(timeline.lane(Lane::usb)), sums.usb);
  EXPECT_EQ(busy_in(timeline.lane(Lane::host)), sums.host);
  EXPECT_EQ(busy_in(timeline.lane(Lane::idle)), sums.idle);
  for (const Intervals &lane : timeline.lanes) {
    EXPECT_LE(lane.all.size(), most_intervals);
    for (std::size_t i = 0; i < lane.all.size(); ++i) {
      EXPECT_LE(lane.all[i].busy, lane.all[i].end - lane.all[i].begin);
      if (i > 0) {
        EXPECT_GE(lane.all[i].begin, lane.all[i - 1].end);
      }
    }
  }
}

class TimelineRecorder : public ::testing::Test {
 protected:
  TimelineRecorder() {
    recorder.speed(4'600'000);  // a transfer takes 10 us
    recorder.begin(start);
  }
  void call(Nanoseconds begin, Nanoseconds end, const Traffic &traffic = {}) {
    recorder.call(start + begin, start + end, traffic);
  }
  void sleep(Nanoseconds begin, Nanoseconds end) { recorder.sleep(start + begin, start + end); }

  Recorder recorder;
};

TEST_F(TimelineRecorder, SplitsACallIntoWireAndUsb) {
  call(1ms, 3ms, {40, 20});
  const Timeline timeline = recorder.timeline();
  EXPECT_EQ(timeline.total, 3ms);
  EXPECT_THAT(timeline.lane(Lane::host).all, ElementsAre(busy(0ms, 1ms)));
  EXPECT_THAT(timeline.lane(Lane::wire).all, ElementsAre(busy(1900us, 2100us)));
  EXPECT_THAT(timeline.lane(Lane::usb).all, ElementsAre(busy(1ms, 1900us), busy(2100us, 3ms)));
  EXPECT_EQ(timeline.sums().bytes, 40U);
  EXPECT_EQ(timeline.sums().calls, 1U);
  expect_whole(timeline);
}

TEST_F(TimelineRecorder, TheWireTakesNoLongerThanTheCall) {
  call(0ms, 1ms, {4000, 1000});
  EXPECT_EQ(recorder.timeline().sums().wire, 1ms);
  recorder.speed({});
  call(1ms, 2ms, {4000, 1000});
  EXPECT_EQ(recorder.timeline().sums().usb, 1ms) << "the clock is not known";
  expect_whole(recorder.timeline());
}

TEST_F(TimelineRecorder, AStepBeginsWhereTheLastOneEnds) {
  call(0ms, 2ms);
  recorder.step("programming");
  sleep(3ms, 4ms);
  recorder.at(start + 5ms);
  const Timeline timeline = recorder.timeline();
  ASSERT_EQ(timeline.steps.size(), 2U);
  EXPECT_EQ(timeline.steps[0].name, "connecting");
  EXPECT_EQ(timeline.steps[1].name, "programming");
  EXPECT_EQ(timeline.steps[1].begin, 2ms);
  EXPECT_EQ(timeline.steps[1].sums.host, 2ms);
  EXPECT_EQ(timeline.steps[1].sums.idle, 1ms);
  expect_whole(timeline);
}

TEST_F(TimelineRecorder, KnowsTheStepThatHadBegunBefore) {
  Recorder another;
  another.step("connecting");
  another.step("waiting");
  EXPECT_THAT(another.timeline().steps, IsEmpty());
  another.begin(start);
  another.at(start + 1ms);
  ASSERT_EQ(another.timeline().steps.size(), 1U);
  EXPECT_EQ(another.timeline().steps.front().name, "waiting");
}

TEST_F(TimelineRecorder, ASleepDuringAFlashCommandIsAWaitForTheFlash) {
  call(0ms, 1ms);
  recorder.flash_given(5ms);
  sleep(1ms, 2ms);
  call(2ms, 3ms);
  recorder.flash_left(1);  // at work until 2 ms at least
  sleep(3ms, 7ms);
  call(7ms, 8ms);
  recorder.flash_left(0);  // as the datasheet says, until 6 ms
  sleep(8ms, 9ms);
  const Timeline timeline = recorder.timeline();
  EXPECT_THAT(timeline.lane(Lane::flash).all, ElementsAre(busy(1ms, 6ms)));
  EXPECT_EQ(timeline.sums().flash_busy, 5ms);
  EXPECT_EQ(timeline.sums().flash_only, 4ms);
  EXPECT_THAT(timeline.lane(Lane::idle).all, ElementsAre(busy(6ms, 7ms), busy(8ms, 9ms)));
  EXPECT_EQ(timeline.flash_expected, 5ms);
  expect_whole(timeline);
}

TEST_F(TimelineRecorder, LooksBoundTheTimeOfACommand) {
  call(0ms, 1ms);
  recorder.flash_given(1ms);
  call(9ms, 10ms);
  recorder.flash_left(1);
  call(10ms, 11ms);
  recorder.flash_left(0);
  EXPECT_THAT(recorder.timeline().lane(Lane::flash).all, ElementsAre(busy(1ms, 9ms)))
      << "slower than the datasheet says: seen at work";
  recorder.flash_given(50ms);
  call(12ms, 13ms);
  recorder.flash_left(0);
  EXPECT_EQ(recorder.timeline().sums().flash_busy, 10ms) << "faster: seen done";
  expect_whole(recorder.timeline());
}

TEST_F(TimelineRecorder, CommandsAreExecutedOneAfterTheOther) {
  call(0ms, 1ms);
  recorder.flash_given(2ms);
  recorder.flash_given(0ms);  // a checksum
  recorder.flash_given(3ms);
  call(4ms, 10ms);
  recorder.flash_given(1ms);  // the flash had nothing to do meanwhile
  call(15ms, 20ms);
  recorder.flash_left(0);
  EXPECT_THAT(recorder.timeline().lane(Lane::flash).all,
              ElementsAre(busy(1ms, 6ms), busy(10ms, 11ms)));
  expect_whole(recorder.timeline());
}

TEST_F(TimelineRecorder, CommandsThatNobodyLookedAtEndWithTheJob) {
  call(0ms, 1ms);
  recorder.flash_given(10ms);
  recorder.step("leaving the target");
  sleep(1ms, 3ms);
  const Timeline timeline = recorder.timeline();
  EXPECT_EQ(timeline.sums().flash_busy, 2ms);
  EXPECT_EQ(timeline.steps.back().sums.flash_only, 2ms);
  expect_whole(timeline);
}

TEST_F(TimelineRecorder, TimeThatAStepSharesWithTheNextOneIsInBoth) {
  call(0ms, 1ms);
  recorder.flash_given(10ms);
  call(1ms, 3ms);
  recorder.step("verifying");
  call(3ms, 20ms);
  recorder.flash_left(0);
  const Timeline timeline = recorder.timeline();
  EXPECT_EQ(timeline.steps[0].sums.flash_busy, 2ms);
  EXPECT_EQ(timeline.steps[1].sums.flash_busy, 8ms);
  expect_whole(timeline);
}

TEST_F(TimelineRecorder, StaysSmallHoweverLongTheJobIs) {
  Nanoseconds now = 0ns;
  for (int i = 0; i < 100'000; ++i) {
    if (i % 10 == 0) recorder.step("step");
    call(now + 20us, now + 700us, {64, 19});
    recorder.flash_given(300us);
    call(now + 710us, now + 900us);
    recorder.flash_left(0);
    sleep(now + 900us, now + 1000us);
    now += 1ms + 7us;
  }
  const Timeline timeline = recorder.timeline();
  EXPECT_EQ(timeline.steps.size(), most_steps);
  EXPECT_EQ(timeline.sums().calls, 200'000U);
  EXPECT_GT(timeline.lane(Lane::usb).grain, 0ns);
  EXPECT_GT(timeline.lane(Lane::usb).all.size(), most_intervals / 4) << "no coarser than needed";
  EXPECT_EQ(timeline.sums().idle, 100'000 * 100us);
  expect_whole(timeline);
}

TEST_F(TimelineRecorder, AClockThatStandsStillDoesNoHarm) {
  call(3ms, 3ms);
  call(2ms, 1ms);
  sleep(1ms, 2ms);
  recorder.at(start);
  EXPECT_EQ(recorder.timeline().total, 3ms);
  expect_whole(recorder.timeline());
}

}  // namespace
}  // namespace flashhost::timeline
