// The process is killed -9 between any two of its calls to the probe. Nothing is put back: the
// board keeps its power, and the loader goes on with what it has been told. In this process that is
// a probe through which nothing goes any more, and a job that ends by its exceptions; real
// processes are killed in tests/e2e/interruption_test.cpp. Then time passes, and a new run begins.
#include "job_on_board.hpp"
#include "sweep.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <ostream>

namespace flashhost::testing {
namespace {

using namespace std::chrono_literals;

struct Row {
  const char *name;
  Series series;
  Nanoseconds pause;     // until the next run
  std::uint64_t offset;  // of the places that are tried
  std::uint64_t step = 3;
};
void PrintTo(const Row &row, std::ostream *out) {
  *out << row.name;
}

class Killed : public JobOnBoard, public ::testing::WithParamInterface<Row> {
 protected:
  Killed() : JobOnBoard(scenario_of(GetParam().series)) {}
};

TEST_P(Killed, AtEveryCallTheNextRunCompletes) {
  const SweepPlaces tried = sweep_places(GetParam().step, GetParam().offset);
  std::uint64_t call = tried.first;
  for (bool reached = true; reached; call += tried.step) {
    SCOPED_TRACE(call);
    start_anew();
    const JobResult result = job({FaultKind::killed, call});
    reached = result.reached;
    ASSERT_NE(result.good, reached);
    ASSERT_TRUE(outside_is_untouched());
    board().target().advance(GetParam().pause);
    const Registers left = read_registers(board().target());
    const JobResult second = job({});
    ASSERT_TRUE(second.good) << "the next run failed: " << second.what;
    ASSERT_TRUE(now() == wanted_) << "after the next run";
    // What the killed one changed in the debug registers nobody can know.
    ASSERT_EQ(testing::left_behind(board().target(), left, ResetAfter::run), "");
    ASSERT_EQ(interrupt_masks(board().target()), "");
  }
  EXPECT_GT(call, 70U) << "the sweep ended before the job did anything";
}

INSTANTIATE_TEST_SUITE_P(
    Boards, Killed,
    ::testing::Values(
        Row{"f0_soon", Series::f0, 3ms, 0, 12}, Row{"f0_later", Series::f0, 1s, 6, 12},
        Row{"f1_at_once", Series::f1, 0s, 0}, Row{"f1_soon", Series::f1, 3ms, 1},
        Row{"f1_later", Series::f1, 1s, 2}, Row{"f3_soon", Series::f3, 3ms, 3, 12},
        Row{"f3_later", Series::f3, 1s, 9, 12}, Row{"f4_at_once", Series::f4, 0s, 0},
        Row{"f4_soon", Series::f4, 3ms, 1}, Row{"f4_later", Series::f4, 1s, 2},
        Row{"g0_at_once", Series::g0, 0s, 0, 12}, Row{"g0_soon", Series::g0, 3ms, 4, 12},
        Row{"g0_later", Series::g0, 1s, 8, 12}, Row{"l4_at_once", Series::l4, 0s, 2, 12},
        Row{"l4_soon", Series::l4, 3ms, 6, 12}, Row{"l4_later", Series::l4, 1s, 10, 12},
        Row{"f1_put_back_at_once", Series::f1_put_back, 0s, 0, 12},
        Row{"f1_put_back_soon", Series::f1_put_back, 3ms, 4, 12},
        Row{"f1_put_back_later", Series::f1_put_back, 1s, 8, 12},
        Row{"g0_put_back_soon", Series::g0_put_back, 3ms, 6, 24}),
    [](const auto &row) { return std::string(row.param.name); });

// An F4 answers nothing but WAIT to whoever reads its flash, or its unique id, while it erases.
class KilledWhileErasing : public JobOnBoard {
 protected:
  KilledWhileErasing() : JobOnBoard(slow_f4_scenario()) {}
};

TEST_F(KilledWhileErasing, TheNextRunWaitsUntilTheChipAnswers) {
  constexpr std::uint64_t step = 97;
  bool waited = false;
  bool reached = true;
  for (std::uint64_t call = step; reached; call += step) {
    SCOPED_TRACE(call);
    start_anew();
    reached = job({FaultKind::killed, call}).reached;
    const JobResult second = job({});
    ASSERT_TRUE(second.good) << second.what;
    ASSERT_TRUE(now() == wanted_);
    waited = waited || second.messages.find("the chip may still be erasing") != std::string::npos;
  }
  EXPECT_TRUE(waited);
}

// The loader stops when it has heard nothing for a minute.
class KilledLongAgo : public JobOnBoard {};

TEST_F(KilledLongAgo, TheLoaderHasStoppedByItselfAndTheNextRunCompletes) {
  constexpr std::uint64_t step = 29;
  for (std::uint64_t call = step;; call += step) {
    SCOPED_TRACE(call);
    start_anew();
    const bool reached = job({FaultKind::killed, call}).reached;
    board().target().advance(70s);
    const JobResult second = job({});
    ASSERT_TRUE(second.good) << second.what;
    ASSERT_TRUE(now() == wanted_);
    if (!reached) break;
  }
}

}  // namespace
}  // namespace flashhost::testing
