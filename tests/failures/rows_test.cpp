// The rows of the catalogue that a switch of the model makes, on both boards and each way.
#include "rows.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace flashhost::testing {

namespace {

using ::testing::HasSubstr;
using ::testing::Not;

struct Trial {
  unsigned number;
  Case what;
  BenchBoard board;
  Way way;
};

bool on_board(const Case &one, bool f4) {
  return one.boards != (f4 ? Boards::f1 : Boards::f4);
}

std::vector<Trial> trials() {
  std::vector<Trial> all;
  const auto add = [&](const Case &one, bool f4, Way way) {
    all.push_back({static_cast<unsigned>(all.size()), one, f4 ? f4_board : f1_board, way});
  };
  bool f4_next = false;
  for (const Case &one : cases()) {
    for (const bool f4 : {false, true}) {
      for (const Way way : {Way::in_process, Way::stlink}) {
        if (on_board(one, f4) && is_tried(one, way)) add(one, f4, way);
      }
    }
    // Over CMSIS-DAP on one board, in turn: that is slow, and the other ways show what differs
    // between the two.
    const bool f4 = on_board(one, f4_next) ? f4_next : !f4_next;
    for (const Way way : {Way::cmsisdap_v2, Way::cmsisdap_v1}) {
      if (!is_tried(one, way)) continue;
      add(one, f4, way);
      f4_next = !f4;
    }
  }
  return all;
}

std::string name_of(const ::testing::TestParamInfo<Trial> &info) {
  const Trial &trial = info.param;
  return fmt::format("Row{:02}_{}_{}_{}_{}", trial.what.row, trial.what.name,
                     trial.board.first_sector == f4_board.first_sector ? "f4" : "f1",
                     name_of(trial.way), trial.number);
}

class Rows : public ::testing::TestWithParam<Trial> {};

TEST_P(Rows, ComeOutAsTheCatalogueSays) {
  const auto &[number, what, board, way] = GetParam();
  Bench bench(board, way);
  bench.faults = what.faults;
  bench.flash_options = what.flash_options;
  bench.family = what.family;
  bench.transport = what.transport;
  bench.options = what.options;
  bench.put(0, firmware(3 * board.first_sector, 1));
  if (what.image == ImageOf::firmware) {
    Bytes image = firmware(board.first_sector + 1001, 2);
    std::fill_n(image.begin() + 0x404, 4, std::uint8_t{0});  // needs every bit of a bad cell
    bench.image(0, image);
  } else {
    bench.image(static_cast<std::uint32_t>(board.first_sector) + 100, data(1501, 2));
  }
  std::string note = "faults:";
  for (const std::string &fault : what.faults) note += " " + fault;
  SCOPED_TRACE(note + "; " + what.flash_options);

  const Outcome outcome = bench.flashhost({"-v"});
  EXPECT_EQ(outcome.exit_code, what.exit_code) << outcome.err;
  for (const std::string &text : what.says) EXPECT_THAT(outcome.err, HasSubstr(text));
  // Over USB the board's clock may stand still on a busy machine, and flashhost's does not: there a
  // flash that seems slow, or a loader that seems to stand still, is no finding.
  if (way == Way::in_process) {
    for (const std::string &text : what.never) EXPECT_THAT(outcome.err, Not(HasSubstr(text)));
  }
  if (what.erases_everything) {
    bench.put(0, Bytes(3 * board.first_sector, 0xFF));
    if (what.exit_code == 0) bench.expect_done(outcome);
  } else if (what.exit_code == 0) {
    bench.expect_done(outcome);
  } else if (what.untouched) {
    bench.expect_untouched(outcome);
  } else {
    bench.expect_rest_untouched(outcome);
  }
  if (what.answers_at_the_end) {
    bench.expect_tidy(outcome, what.flash_options.find("none") != std::string::npos);
  }
  // What was cut short is completed once the trouble is over.
  if (what.exit_code == 0 || what.untouched || what.erases_everything) return;
  bench.faults.clear();
  bench.expect_done(bench.flashhost());
}

INSTANTIATE_TEST_SUITE_P(Catalogue, Rows, ::testing::ValuesIn(trials()), name_of);

}  // namespace

}  // namespace flashhost::testing
