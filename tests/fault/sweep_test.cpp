// One fault at the 1st, 2nd, ... n-th probe call of a whole job, until the job no longer reaches
// it. After each: a success means that every byte is right; after anything else the bytes outside
// the image are untouched and a run without faults succeeds. A probe that is lost and comes back
// does not even end the job.
#include "job_on_board.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

namespace flashhost::testing {
namespace {

class Sweep : public JobOnBoard, public ::testing::WithParamInterface<FaultKind> {};

TEST_P(Sweep, LosesNothing) {
  std::uint64_t successes = 0;
  std::uint64_t call = 1;
  for (bool reached = true; reached; ++call) {
    start_anew();
    const JobResult result = job({GetParam(), call});
    reached = result.reached;
    const Bytes found = now();
    if (result.good) {
      ++successes;
      ASSERT_TRUE(found == wanted_) << "a false success, call " << call;
      ASSERT_FALSE(HasFailure()) << "the target was not left tidy, call " << call;
      continue;
    }
    const bool comes_back = GetParam() == FaultKind::vanishes || GetParam() == FaultKind::cut_off;
    ASSERT_FALSE(result.connected && comes_back)
        << "the job did not go on, call " << call << ": " << result.what;
    ASSERT_TRUE(std::equal(found.begin() + 3072, found.end(), before_.begin() + 3072))
        << "bytes outside of the plan were changed, call " << call;
    const JobResult second = job({});
    ASSERT_TRUE(second.good) << "the run after call " << call << " failed: " << second.what;
    ASSERT_TRUE(now() == wanted_) << "the run after call " << call;
  }
  EXPECT_GT(call, 100U) << "the sweep ended before the job did anything";
  RecordProperty("calls", std::to_string(call));
  RecordProperty("successes", std::to_string(successes));
}

std::string name_of(const ::testing::TestParamInfo<FaultKind> &kind) {
  constexpr std::array names = {"refused",       "no_answer",  "read_damaged",
                                "write_damaged", "write_lost", "last_word_lost",
                                "target_reset",  "vanishes",   "cut_off"};
  return names.at(static_cast<std::size_t>(kind.param));
}

INSTANTIATE_TEST_SUITE_P(Kinds, Sweep,
                         ::testing::Values(FaultKind::refused, FaultKind::no_answer,
                                           FaultKind::read_damaged, FaultKind::write_damaged,
                                           FaultKind::write_lost, FaultKind::last_word_lost,
                                           FaultKind::target_reset, FaultKind::vanishes,
                                           FaultKind::cut_off),
                         name_of);

}  // namespace
}  // namespace flashhost::testing
