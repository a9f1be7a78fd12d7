// The rows of the catalogue that a switch of the model makes, on each board and each way.
#include "rows.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <regex>

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

std::vector<Trial> trials() {
  std::vector<Trial> all;
  // In process on each board. Over USB, which is slow, on the two that differ most, and on one of
  // the others in turn; over CMSIS-DAP on one of all in turn: what the probe sees of a chip does
  // not depend on the way.
  std::size_t turn = 0;
  for (const Case &one : cases()) {
    const auto add = [&](const BenchBoard &board, Way way) {
      all.push_back({static_cast<unsigned>(all.size()), one, board, way});
    };
    const auto in_turn = [&](const Boards &boards, Way way) {
      if (!boards.empty() && is_tried(one, way)) add(boards[turn++ % boards.size()], way);
    };
    Boards others;
    for (const BenchBoard &board : one.boards) {
      if (is_tried(one, Way::in_process)) add(board, Way::in_process);
      const bool always = board == f1_board || board == f4_board;
      if (!always) others.push_back(board);
      if (always && is_tried(one, Way::stlink)) add(board, Way::stlink);
    }
    in_turn(others, Way::stlink);
    in_turn(one.boards, Way::cmsisdap_v2);
    in_turn(one.boards, Way::cmsisdap_v1);
  }
  return all;
}

std::string name_of(const ::testing::TestParamInfo<Trial> &info) {
  const Trial &trial = info.param;
  return fmt::format("Row{:02}_{}_{}_{}_{}", trial.what.row, trial.what.name, trial.board.chip,
                     name_of(trial.way), trial.number);
}

// With what the board has for the placeholders.
std::string on_board(std::string text, const BenchBoard &board) {
  text = std::regex_replace(text, std::regex("@chip"), board.chip);
  return std::regex_replace(text, std::regex("@size"), fmt::format("{}K", board.flash_size / kib));
}

class Rows : public ::testing::TestWithParam<Trial> {};

TEST_P(Rows, ComeOutAsTheCatalogueSays) {
  const auto &[number, what, board, way] = GetParam();
  Bench bench(board, way);
  bench.faults = what.faults;
  bench.flash_options = what.flash_options;
  bench.family = on_board(what.family, board);
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
  for (const std::string &text : what.says) {
    EXPECT_THAT(outcome.err, HasSubstr(on_board(text, board)));
  }
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
