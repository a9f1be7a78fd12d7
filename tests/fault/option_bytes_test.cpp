// One fault at the 1st, 2nd, ... n-th probe call of a change of option bytes. Nobody has agreed to
// erase the flash: so no byte of it may change, and the next run completes the change, or says that
// the chip has to be erased for that.
#include "flash/option_job.hpp"
#include "job_on_board.hpp"
#include "sweep.hpp"

#include <gmock/gmock.h>

#include <array>
#include <tuple>

namespace flashhost::testing {
namespace {

using ::testing::HasSubstr;

using Row = std::tuple<Series, FaultKind>;

class OptionBytesOnBoard : public JobOnBoard {
 protected:
  using JobOnBoard::JobOnBoard;

  // As flashhost option set does it: on top of what an interrupted run wanted, else of what is
  // there.
  JobResult set(Fault fault, bool may_erase = false) {
    return run(fault, [&](Target &target, Observer &observer) {
      const std::stop_token stop = stop_.get_token();
      Journal journal = open_journal(target, scenario_.options, observer, stop);
      const auto interrupted = interrupted_options(journal, target, scenario_.options);
      const OptionState state = read_option_bytes(target, observer, stop);
      OptionChange change{state.words, state.protection.read,
                          interrupted ? interrupted->before : state.words,
                          wanted_in(target, interrupted ? interrupted->wanted : state.words)};
      if (change.wanted == change.found) return FlashReport{};
      if (!may_erase && has(effects_of(target, change), OptionEffect::Kind::erases_flash)) {
        throw Error(Errc::locked, "asks before it erases the flash");
      }
      write_option_bytes(target, journal, change, observer, stop);
      return FlashReport{};
    });
  }
  [[nodiscard]] OptionWords words() {
    OptionWords words;
    const JobResult result = run({}, [&](Target &target, Observer &observer) {
      words = read_option_bytes(target, observer, {}).words;
      return FlashReport{};
    });
    EXPECT_TRUE(result.good) << result.what;
    return words;
  }
  // The first sector write-protected, no reset by Standby, and a value of the user's own or of the
  // brown-out reset.
  static OptionWords wanted_in(Target &target, OptionWords words) {
    OptionBytes &options = option_bytes(target);
    for (const OptionField &field : options.fields(target.chip())) {
      if (field.name == "nRST_STDBY") set_option_value(field, words, 0);
      if (field.name == "DATA1") set_option_value(field, words, 0x5A);
      if (field.name == "BOR_LEV") set_option_value(field, words, 1);
    }
    return options.with_write_protection(target.chip(), words, {flash_base, 4});
  }
  void expect_journal_is_gone() const {
    for (const auto &entry : std::filesystem::directory_iterator(journals())) {
      EXPECT_NE(entry.path().extension(), ".options");
    }
  }
};

class OptionSweep : public OptionBytesOnBoard, public ::testing::WithParamInterface<Row> {
 protected:
  OptionSweep() : OptionBytesOnBoard(scenario_of(std::get<0>(GetParam()))) {}

  OptionWords wanted() {
    start_anew();
    EXPECT_TRUE(set({}).good);
    return words();
  }
};

TEST_P(OptionSweep, LosesNothing) {
  const FaultKind kind = std::get<1>(GetParam());
  const bool comes_back = kind == FaultKind::vanishes || kind == FaultKind::cut_off;
  const OptionWords goal = wanted();
  ASSERT_TRUE(now() == before_);
  // Every place where a reset may close the chip.
  const SweepPlaces tried = kind == FaultKind::target_reset ? SweepPlaces{1, 1} : sweep_places(2);
  std::uint64_t call = tried.first;
  std::uint64_t closed = 0;
  for (bool reached = true; reached; call += tried.step) {
    SCOPED_TRACE(call);
    start_anew();
    const JobResult first = set({kind, call});
    reached = first.reached;
    ASSERT_TRUE(now() == before_) << "the flash was changed";
    if (first.good) {
      ASSERT_EQ(words(), goal) << "a false success";
      expect_journal_is_gone();
      ASSERT_FALSE(HasFailure());
      continue;
    }
    ASSERT_FALSE(first.connected && comes_back) << "the job did not go on: " << first.what;
    ASSERT_NE(first.code, Errc::internal) << first.what;
    // Nothing that would reset a half-written chip is done meanwhile.
    const JobResult between = job({});
    ASSERT_TRUE(between.good || between.code == Errc::refused || between.code == Errc::locked)
        << between.what;
    const Bytes content = now();
    if (!between.good) {
      ASSERT_TRUE(content == before_) << "the flash was changed";
    }
    const JobResult second = set({});
    if (!second.good) {
      // A reset at the wrong moment closes an F1: its option bytes were erased. A damaged bit may
      // do it, too.
      ASSERT_TRUE(kind == FaultKind::target_reset || kind == FaultKind::write_damaged)
          << second.what;
      ASSERT_EQ(second.code, Errc::locked) << second.what;
      ASSERT_TRUE(now() == content) << "the flash was changed";
      ++closed;
      JobResult third = set({}, true);
      if (!third.good && third.code == Errc::locked) {
        // So it is on an F4 that a debugger was attached to while it was closed.
        ASSERT_NE(third.what.find("stays shut until the board is power-cycled"), std::string::npos);
        board().target().power_cycle();
        third = set({});
      }
      ASSERT_TRUE(third.good) << third.what;
      ASSERT_EQ(words(), goal);
      continue;
    }
    ASSERT_TRUE(now() == content) << "the flash was changed";
    ASSERT_EQ(words(), goal) << "after the second run";
    expect_journal_is_gone();
    ASSERT_FALSE(HasFailure());
  }
  EXPECT_GT(call, 80U) << "the sweep ended before the job did anything";
  RecordProperty("calls", std::to_string(call));
  RecordProperty("closed", std::to_string(closed));
  if (std::get<0>(GetParam()) == Series::f1 && kind == FaultKind::target_reset && tried.step == 1) {
    EXPECT_GT(closed, 0U) << "no reset came while the option bytes were erased";
  }
}

// Lifting write protection, which keeps the flash, by unprotect or by a job with unlock.
class UnprotectSweep : public OptionBytesOnBoard, public ::testing::WithParamInterface<Row> {
 protected:
  static Scenario with_protection(Scenario scenario) {
    scenario.board.faults.emplace_back("write_protected=0");
    scenario.options.unlock = true;
    return scenario;
  }
  UnprotectSweep() : OptionBytesOnBoard(with_protection(scenario_of(std::get<0>(GetParam())))) {}
};

TEST_P(UnprotectSweep, ByAJobErasesNothingThatIsNotToBeWritten) {
  const FaultKind kind = std::get<1>(GetParam());
  const SweepPlaces tried = sweep_places(4, static_cast<std::uint64_t>(kind));
  std::uint64_t call = tried.first;
  for (bool reached = true; reached && call < 200; call += tried.step) {
    SCOPED_TRACE(call);
    start_anew();
    const JobResult first = job({kind, call});
    reached = first.reached;
    if (first.good) {
      ASSERT_TRUE(now() == wanted_) << "a false success";
      continue;
    }
    ASSERT_TRUE(outside_is_untouched()) << first.what;
    // These may have closed the chip, and opening it again erases everything.
    if (kind == FaultKind::target_reset || kind == FaultKind::write_damaged) continue;
    const JobResult second = job({});
    ASSERT_TRUE(second.good) << second.what;
    ASSERT_TRUE(now() == wanted_) << "after the second run; the first: " << first.what;
  }
  EXPECT_GT(call, 80U);
}

std::string name_of(const ::testing::TestParamInfo<Row> &row) {
  constexpr std::array names = {"refused",    "no_answer",      "read_damaged", "write_damaged",
                                "write_lost", "last_word_lost", "target_reset", "vanishes",
                                "cut_off",    "killed"};
  const auto [series, kind] = row.param;
  return name_of(series) + "_" + names.at(static_cast<std::size_t>(kind));
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, OptionSweep,
    ::testing::Combine(
        ::testing::Values(Series::f0, Series::f1, Series::f3, Series::f4, Series::g0),
        ::testing::Values(FaultKind::refused, FaultKind::no_answer, FaultKind::read_damaged,
                          FaultKind::write_damaged, FaultKind::write_lost,
                          FaultKind::last_word_lost, FaultKind::target_reset, FaultKind::vanishes,
                          FaultKind::cut_off, FaultKind::killed)),
    name_of);
INSTANTIATE_TEST_SUITE_P(
    Kinds, UnprotectSweep,
    ::testing::Combine(
        ::testing::Values(Series::f0, Series::f1, Series::f3, Series::f4, Series::g0),
        ::testing::Values(FaultKind::refused, FaultKind::no_answer, FaultKind::write_damaged,
                          FaultKind::write_lost, FaultKind::target_reset, FaultKind::vanishes,
                          FaultKind::cut_off, FaultKind::killed)),
    name_of);

}  // namespace
}  // namespace flashhost::testing
