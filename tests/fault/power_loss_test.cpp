// The supply fails in the middle of every flash operation of a job, and of the job that completes
// it. docs/failures.md, section 29: meanwhile the board boots neither firmware, and then every byte
// is right.
#include "job_on_board.hpp"
#include "sweep.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>

namespace flashhost::testing {
namespace {

struct Row {
  const char *name;
  Scenario (*scenario)();
  bool guarded;          // the image covers the vectors, and they are the last to be programmed
  std::uint64_t stride;  // usually, of the operations of the next run
  bool ecc = false;      // words that lost power cannot be read without error
};
void PrintTo(const Row &row, std::ostream *out) {
  *out << row.name;
}

// As small as it can be: each operation costs two jobs.
Scenario f1_code() {
  Scenario scenario = f1_scenario();
  std::fill(scenario.before.begin() + 1500, scenario.before.begin() + 3072, std::uint8_t{0xFF});
  scenario.segments = {{flash_base, firmware(600, 2, new_marker)},
                       {flash_base + 1024 + 101, pattern(99, 3)}};
  return scenario;
}
// Nothing of what starts: the old firmware always does.
Scenario data_only(Scenario scenario, std::size_t at, std::size_t size) {
  const auto offset = static_cast<std::uint32_t>(at);
  scenario.segments = {{flash_base + offset, pattern(size, 7)}};
  return scenario;
}
Scenario f1_data() {
  return data_only(f1_code(), 1024 + 101, 301);
}
Scenario f4_data() {
  return data_only(f4_scenario(), 0x4000 + 123, 401);
}

Scenario g0_code() {
  return scenario_of(Series::g0);
}
Scenario g0b_code() {
  return scenario_of(Series::g0b);
}
Scenario g0_data() {
  return data_only(g0_code(), 2048 + 123, 1201);
}

class PowerLoss : public JobOnBoard, public ::testing::WithParamInterface<Row> {
 protected:
  PowerLoss() : JobOnBoard(GetParam().scenario()) {}

  machine::Target &target() { return board().target(); }
  [[nodiscard]] std::uint64_t operations() {
    const machine::Statistics &done = target().statistics();
    return done.page_erases + done.mass_erases + done.programmed_units;
  }
  // How many operations a job on the board as it is takes.
  [[nodiscard]] std::uint64_t length_of_job() {
    const std::uint64_t before = operations();
    EXPECT_TRUE(job({}).good);
    return operations() - before;
  }

  // A job whose power fails at that operation.
  void fail_at(std::uint64_t operation) {
    target().lose_power_at(operation);
    const JobResult result = job({});
    ASSERT_FALSE(target().powered()) << "the job ended before its operation " << operation;
    ASSERT_FALSE(result.good) << "a success without power";
    ASSERT_TRUE(outside_is_untouched());
  }
  // Switches the board on again, and says what runs.
  void expect_it_boots(bool old_may, bool new_may) {
    const std::uint32_t marker = marker_after_power_cycle(target());
    if (!old_may) {
      EXPECT_NE(marker, old_marker) << "half of the old firmware runs";
    }
    if (!new_may) {
      EXPECT_NE(marker, new_marker) << "half of the new firmware runs";
    }
    if (old_may && !new_may) {
      EXPECT_EQ(marker, old_marker) << "the old firmware does not run any more";
    }
  }
  void complete() {
    const JobResult second = job({});
    ASSERT_TRUE(second.good) << "the next run failed: " << second.what;
    ASSERT_TRUE(now() == wanted_) << "after the next run";
    ASSERT_EQ(left_behind(), "");
    EXPECT_EQ(marker_after_power_cycle(target()), GetParam().guarded ? new_marker : old_marker);
    if (!GetParam().ecc) return;
    const JobResult third = job({});
    EXPECT_EQ(third.report.programmed_bytes, 0U) << "not every word can be read";
    EXPECT_EQ(third.messages.find("cannot be read without error"), std::string::npos);
  }
};

TEST_P(PowerLoss, AtEveryOperationBootsNothingHalfAndTheNextRunCompletes) {
  const std::uint64_t last = length_of_job();
  ASSERT_GT(last, 100U);
  const SweepPlaces tried = sweep_places(3);
  for (std::uint64_t operation = tried.first; operation <= last; operation += tried.step) {
    SCOPED_TRACE(operation);
    start_anew();
    fail_at(operation);
    if (HasFatalFailure()) return;
    expect_it_boots(!GetParam().guarded, GetParam().guarded && operation == last);
    complete();
    if (HasFailure()) return;
  }
}

TEST_P(PowerLoss, AgainInTheNextRunLosesNothingEither) {
  const std::uint64_t last = length_of_job();
  const SweepPlaces tried = sweep_places(GetParam().stride);
  for (const std::uint64_t first : {std::uint64_t{1}, std::uint64_t{2}, last / 2, last - 1}) {
    SCOPED_TRACE(first);
    start_anew();
    fail_at(first);
    if (HasFatalFailure()) return;
    target().power_cycle();
    const std::uint64_t more = length_of_job();
    for (std::uint64_t second = 1 + (tried.first - 1) % more; second <= more;
         second += tried.step) {
      SCOPED_TRACE(second);
      start_anew();
      fail_at(first);
      if (HasFatalFailure()) return;
      target().power_cycle();
      fail_at(second);
      if (HasFatalFailure()) return;
      expect_it_boots(!GetParam().guarded, GetParam().guarded && second == more);
      complete();
      if (HasFailure()) return;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Boards, PowerLoss,
    ::testing::Values(Row{"f1", f1_code, true, 15}, Row{"f1_data", f1_data, false, 11},
                      Row{"f4", f4_scenario, true, 27}, Row{"f4_data", f4_data, false, 27},
                      Row{"g0", g0_code, true, 27, true}, Row{"g0b", g0b_code, true, 27, true},
                      Row{"g0_data", g0_data, false, 27, true}),
    [](const auto &row) { return std::string(row.param.name); });

}  // namespace
}  // namespace flashhost::testing
