#include "board.hpp"

#include "test_models.hpp"

namespace flashhost::testing {

Board::Board(const BoardSpec &spec, const Bytes &content) {
  make(spec, content);
}

void Board::replace(const BoardSpec &spec) {
  make(spec, flash());
}

void Board::make(const BoardSpec &spec, const Bytes &content) {
  speed_hz_ = spec.speed_hz;
  machine::Config config = test::board_config(spec.part, spec.faults);
  config.nrst_wired = spec.nrst;
  config.seed = spec.seed;
  board_ = std::make_unique<bench::SimBoard>(config, content);
}

std::unique_ptr<Probe> Board::probe() {
  return board_->probe(host_, speed_hz_);
}

}  // namespace flashhost::testing
