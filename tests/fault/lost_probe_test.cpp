// The probe vanishes in the middle of something, and comes back late, with another chip, or never.
#include "flash/erase.hpp"
#include "flash/inspect.hpp"
#include "forwarding_probe.hpp"
#include "job_on_board.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <memory>
#include <span>
#include <utility>

namespace flashhost::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::uint64_t step = 11;  // between the calls that are tried

class LostProbe : public JobOnBoard {
 protected:
  // A call at which erasing and programming is going on.
  std::uint64_t call_in_the_middle() {
    start_anew();
    const std::uint64_t all = job({}).calls;
    start_anew();
    return all * 7 / 10;
  }
};

TEST_F(LostProbe, IsReopenedAndTheJobSaysSoAndGoesOn) {
  const std::uint64_t call = call_in_the_middle();
  const JobResult result = job({FaultKind::vanishes, call, 2});
  EXPECT_TRUE(result.good);
  EXPECT_TRUE(now() == wanted_);
  EXPECT_THAT(result.messages,
              AllOf(HasSubstr("the probe vanished; trying again"),
                    ContainsRegex("the connection was gone for 8\\.[0-9] s and is back")));
}

TEST_F(LostProbe, ThatStaysAwayEndsTheJobWithTheTruthAboutTheFlash) {
  bool untouched = false;
  bool incomplete = false;
  bool complete = false;
  for (std::uint64_t call = step;; call += step) {
    start_anew();
    const JobResult result = job({FaultKind::vanishes, call, for_good});
    if (!result.reached) break;
    if (!result.connected) continue;
    ASSERT_FALSE(result.good) << call;
    EXPECT_EQ(result.code, Errc::probe);
    const std::string &what = result.what;
    EXPECT_THAT(what, ContainsRegex("the connection did not come back within 1[0-9](\\.[0-9])? s"));
    const Bytes found = now();
    if (result.flash == FlashState::unchanged) {
      untouched = true;
      EXPECT_TRUE(found == before_) << call;
    } else if (result.flash == FlashState::written_and_verified) {
      complete = true;
      EXPECT_TRUE(found == wanted_) << call;
    } else {
      incomplete = true;
      EXPECT_EQ(result.flash, FlashState::partly_written);
    }
    EXPECT_THAT(result.messages, Not(HasSubstr("power-cycle it"))) << "noise";
    EXPECT_LT(result.time, 25s);
    const JobResult second = job({});
    ASSERT_TRUE(second.good) << call << ": " << second.what;
    ASSERT_TRUE(now() == wanted_) << call;
  }
  EXPECT_TRUE(untouched && incomplete && complete);
}

TEST_F(LostProbe, IsNotAskedAnyMoreOnceTheJobGaveUp) {
  const std::uint64_t call = call_in_the_middle();
  const JobResult result = job({FaultKind::vanishes, call, for_good});
  ASSERT_FALSE(result.good);
  EXPECT_EQ(result.flash, FlashState::partly_written);
  EXPECT_EQ(result.in_vain, 0U) << "only attach may be tried";
}

TEST_F(LostProbe, ThatComesBackOnAnotherChipDoesNotTouchThatOne) {
  const std::uint64_t call = call_in_the_middle();
  const JobResult result = job({FaultKind::vanishes, call, 0, true});
  ASSERT_FALSE(result.good);
  EXPECT_EQ(result.code, Errc::target);
  EXPECT_THAT(result.what,
              ContainsRegex("but connected to another chip: STM32F103x4 with the unique id "
                            "[0-9a-f]+ instead of STM32F103x4 with the unique id [0-9a-f]+"));
  EXPECT_EQ(result.flash, FlashState::partly_written);
  EXPECT_EQ(result.changes, 0U);
  EXPECT_TRUE(job({}).good);
  EXPECT_TRUE(now() == wanted_);
}

TEST_F(LostProbe, IsNotWaitedForAfterASignal) {
  const std::uint64_t call = call_in_the_middle();
  on_attach_ = [this] { stop_.request_stop(); };
  const JobResult result = job({FaultKind::vanishes, call, for_good});
  ASSERT_FALSE(result.good);
  EXPECT_EQ(result.code, Errc::probe) << "130 would promise that the target is safe";
  EXPECT_THAT(result.what, HasSubstr("interrupted while waiting for the probe"));
  EXPECT_LT(result.time, 10s);
}

TEST_F(LostProbe, IsKnownAgainThoughAnAccessFails) {
  const std::uint64_t lost = call_in_the_middle();
  for (std::uint64_t more = 1; more <= 20; ++more) {
    SCOPED_TRACE(more);
    start_anew();
    const JobResult result =
        testing::run(board(), {[&](Target &target, Observer &observer) {
                                 return flash(target, image_, scenario_.options, observer, {});
                               },
                               {{FaultKind::vanishes, lost}, {FaultKind::refused, lost + more}},
                               {}});
    ASSERT_TRUE(result.reached);
    ASSERT_TRUE(result.good) << result.what;
  }
}

// Asks for a stop when the target is too busy to answer.
class StopsWhenBusy final : public bench::ForwardingProbe {
 public:
  StopsWhenBusy(std::unique_ptr<Probe> probe, std::stop_source stop)
      : ForwardingProbe(std::move(probe)), stop_(std::move(stop)) {}
  void read_memory(std::uint32_t address, std::span<std::uint8_t> out, Width width) override {
    try {
      ForwardingProbe::read_memory(address, out, width);
    } catch (const Error &error) {
      if (error.code() == Errc::target) stop_.request_stop();
      throw;
    }
  }

 private:
  std::stop_source stop_;
};

class LostWhileErasing : public JobOnBoard {
 protected:
  LostWhileErasing() : JobOnBoard(slow_f4_scenario()) {}
};

TEST_F(LostWhileErasing, IsNotWaitedForAfterASignal) {
  bool stopped = false;
  bool reached = true;
  for (std::uint64_t call = step; reached && !stopped; call += step) {
    SCOPED_TRACE(call);
    start_anew();
    std::stop_source stop;
    Job first{[&](Target &target, Observer &observer) {
                return flash(target, image_, scenario_.options, observer, stop.get_token());
              },
              {{FaultKind::vanishes, call}},
              {}};
    first.probe = [&](std::unique_ptr<Probe> probe) {
      return std::make_unique<StopsWhenBusy>(std::move(probe), stop);
    };
    const JobResult result = testing::run(board(), first);
    reached = result.reached;
    stopped = stop.stop_requested();
    if (!stopped) continue;
    ASSERT_FALSE(result.good);
    EXPECT_EQ(result.code, Errc::target) << "130 would promise that the target is safe";
    EXPECT_EQ(result.what, "interrupted while waiting for the chip to answer");
    EXPECT_EQ(result.flash, FlashState::partly_written);
    EXPECT_EQ(result.changes, 0U);
    const JobResult second = job({});
    ASSERT_TRUE(second.good) << second.what;
    ASSERT_TRUE(now() == wanted_);
  }
  EXPECT_TRUE(stopped);
}

// One bit of the chip's unique id is wrong the first time.
class MisreadId final : public bench::ForwardingProbe {
 public:
  using ForwardingProbe::ForwardingProbe;
  void read_memory(std::uint32_t address, std::span<std::uint8_t> out, Width width) override {
    constexpr std::uint32_t unique_id = 0x1FFFF7E8;
    ForwardingProbe::read_memory(address, out, width);
    if (address > unique_id || unique_id - address >= out.size() || !std::exchange(now_, false))
      return;
    out[unique_id - address] ^= 1;
  }

 private:
  bool now_ = true;
};

TEST_F(LostProbe, AfterTheIdWasMisreadLosesNothing) {
  start_anew();
  const std::uint64_t all = job({}).calls;
  for (std::uint64_t percent = 30; percent < 100; percent += 2) {
    SCOPED_TRACE(percent);
    start_anew();
    Job first{[&](Target &target, Observer &observer) {
                return flash(target, image_, scenario_.options, observer, {});
              },
              {{FaultKind::killed, all * percent / 100}},
              {}};
    first.probe = [](std::unique_ptr<Probe> probe) {
      return std::make_unique<MisreadId>(std::move(probe));
    };
    ASSERT_FALSE(testing::run(board(), first).good);
    const JobResult second = job({});
    ASSERT_TRUE(second.good) << second.what;
    ASSERT_TRUE(now() == wanted_);
  }
}

TEST_F(LostProbe, ReopenedUnderResetLeavesTheCoreHaltedWhenThatWasAsked) {
  scenario_.target.connect = Connect::under_reset;
  scenario_.target.reset = ResetAfter::none;
  for (std::uint64_t call = 1;; ++call) {
    SCOPED_TRACE(call);
    start_anew();
    const JobResult result = job({FaultKind::vanishes, call});
    ASSERT_NE(result.good, !result.connected) << result.what;
    if (!result.connected) continue;
    ASSERT_EQ(left_behind(), "");
    if (!result.reached) break;
  }
}

TEST_F(LostProbe, DoesNotKeepAnEraseFromBeingDone) {
  for (std::uint64_t call = step;; call += step) {
    start_anew();
    const JobResult result =
        run({FaultKind::vanishes, call}, [&](Target &target, Observer &observer) {
          FlashOptions options;
          options.journal_directory = journals();
          const Image nothing = erased_image(target.chip().flash, target.flashes());
          return flash(target, nothing, options, observer, {});
        });
    if (!result.connected) continue;
    ASSERT_TRUE(result.good) << call << ": " << result.what;
    ASSERT_TRUE(now() == Bytes(before_.size(), 0xFF)) << call;
    if (!result.reached) break;
  }
}

// They do not go on, but the core does not stay halted when the probe is lost on the way out.
TEST_F(LostProbe, EndsAVerbThatOnlyReads) {
  for (const ReadMode mode : {ReadMode::non_intrusive, ReadMode::fast}) {
    bool ended = false;
    bool saved = false;
    for (std::uint64_t call = 1;; ++call) {
      start_anew();
      const JobResult result =
          run({FaultKind::vanishes, call}, [&](Target &target, Observer &observer) {
            const Bytes bytes = read_range(target, {0x08000000, 5000}, mode, observer, {});
            EXPECT_TRUE(std::equal(bytes.begin(), bytes.end(), before_.begin()));
            return FlashReport{};
          });
      ASSERT_TRUE(now() == before_);
      ASSERT_FALSE(HasFailure()) << "call " << call;
      if (result.good && !result.reached) break;
      if (!result.connected) continue;
      ended = ended || !result.good;
      saved = saved || result.good;
      ASSERT_EQ(result.good ? Errc::probe : result.code, Errc::probe);
    }
    EXPECT_TRUE(ended);
    EXPECT_TRUE(saved);
  }
}

}  // namespace
}  // namespace flashhost::testing
