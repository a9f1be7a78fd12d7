// One fault at the 1st, 2nd, ... n-th probe call of a whole job, until the job no longer reaches
// it. After each: a success means that every byte is right; after anything else the bytes outside
// the plan are untouched and a run without faults succeeds, on the board as it was left. A probe
// that is lost and comes back does not even end the job.
#include "sweep.hpp"

#include "job_on_board.hpp"

#include <flashhost/loader_abi.h>

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <tuple>

namespace flashhost::testing {
namespace {

using Row = std::tuple<Series, FaultKind>;

// What is read or written is wrong, and nobody says so.
bool lies(FaultKind kind) {
  return kind == FaultKind::read_damaged || kind == FaultKind::write_damaged ||
         kind == FaultKind::write_lost || kind == FaultKind::last_word_lost;
}

class Sweep : public JobOnBoard, public ::testing::WithParamInterface<Row> {
 protected:
  Sweep() : JobOnBoard(scenario_of(std::get<0>(GetParam()))) {}
};

TEST_P(Sweep, LosesNothing) {
  const FaultKind kind = std::get<1>(GetParam());
  const bool comes_back = kind == FaultKind::vanishes || kind == FaultKind::cut_off;
  std::uint64_t successes = 0;
  const SweepPlaces tried = sweep_places(3, static_cast<std::uint64_t>(kind));
  std::uint64_t call = tried.first;
  for (bool reached = true; reached; call += tried.step) {
    SCOPED_TRACE(call);
    start_anew();
    const JobResult result = job({kind, call});
    reached = result.reached;
    if (result.good) {
      ++successes;
      ASSERT_TRUE(now() == wanted_) << "a false success";
      if (!lies(kind)) {
        ASSERT_EQ(left_behind(), "");
      }
      ASSERT_FALSE(HasFailure());
      continue;
    }
    ASSERT_FALSE(result.connected && comes_back) << "the job did not go on: " << result.what;
    ASSERT_NE(result.code, Errc::internal) << result.what;
    ASSERT_TRUE(outside_is_untouched()) << "bytes outside of the plan were changed";
    const JobResult second = job({});
    ASSERT_TRUE(second.good) << "the second run failed: " << second.what;
    ASSERT_TRUE(now() == wanted_) << "after the second run";
    // A damaged write may have shut the debug port itself (DBG_SWEN of a G0) until the next reset.
    const bool shut = lies(kind) && result.what.find("did not come back") != std::string::npos;
    if (!shut) {
      ASSERT_EQ(left_behind(), "") << "after the second run";
    }
  }
  EXPECT_GT(call, 70U) << "the sweep ended before the job did anything";
  RecordProperty("calls", std::to_string(call));
  RecordProperty("successes", std::to_string(successes));
}

class ClearingScenario : public JobOnBoard {
 protected:
  ClearingScenario() : JobOnBoard(clearing_f4_scenario()) {}
};

TEST_F(ClearingScenario, ErasesTheBootSectorAlone) {
  const JobResult result = job({});
  ASSERT_TRUE(result.good) << result.what;
  EXPECT_EQ(board().target().statistics().page_erases, 1U);
  EXPECT_EQ(result.report.kept_sectors, 2U);
}

class PackedScenario : public JobOnBoard {
 protected:
  PackedScenario() : JobOnBoard(packed_f4_scenario()) {}

  // The loader's mailbox, which nobody clears afterwards.
  [[nodiscard]] std::uint32_t unpack_entry() {
    constexpr std::uint32_t ram = 0x20000000;
    constexpr auto field = static_cast<std::uint32_t>(offsetof(fh_mailbox, unpack));
    return bench::read_word(board().target(), ram + FH_VECTOR_TABLE_SIZE + field).value_or(0);
  }
};

TEST_F(PackedScenario, SendsPackedCommands) {
  ASSERT_TRUE(job({}).good);
  EXPECT_NE(unpack_entry(), 0U);
  start_anew();
  scenario_.options.compress = false;
  ASSERT_TRUE(job({}).good);
  EXPECT_EQ(unpack_entry(), 0U);
}

std::string name_of(const ::testing::TestParamInfo<Row> &row) {
  constexpr std::array names = {"refused",       "no_answer",  "read_damaged",
                                "write_damaged", "write_lost", "last_word_lost",
                                "target_reset",  "vanishes",   "cut_off"};
  const auto [series, kind] = row.param;
  return name_of(series) + "_" + names.at(static_cast<std::size_t>(kind));
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, Sweep,
    ::testing::Combine(::testing::Values(Series::f0, Series::f1, Series::f3, Series::f4,
                                         Series::f4_clear, Series::f4_packed, Series::g0,
                                         Series::f1_put_back),
                       ::testing::Values(FaultKind::refused, FaultKind::no_answer,
                                         FaultKind::read_damaged, FaultKind::write_damaged,
                                         FaultKind::write_lost, FaultKind::last_word_lost,
                                         FaultKind::target_reset, FaultKind::vanishes,
                                         FaultKind::cut_off)),
    name_of);

}  // namespace
}  // namespace flashhost::testing
