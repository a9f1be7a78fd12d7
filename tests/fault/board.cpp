#include "board.hpp"

#include "test_models.hpp"

#include <algorithm>

namespace flashhost::testing {

namespace {

constexpr std::uint32_t swd_speed = 4'000'000;

class Cells final : public sim::FlashStorage {
 public:
  Cells(std::size_t size, const Bytes &content) : cells_(size, 0xFF) {
    std::copy_n(content.begin(), std::min(size, content.size()), cells_.begin());
  }
  [[nodiscard]] std::span<std::uint8_t> cells() override { return cells_; }

 private:
  Bytes cells_;
};

}  // namespace

Board::Board(const BoardSpec &spec, const Bytes &content) {
  make(spec, content);
}

void Board::replace(const BoardSpec &spec) {
  make(spec, flash());
}

void Board::make(const BoardSpec &spec, const Bytes &content) {
  settings_.board = test::board_config(spec.part, spec.faults);
  settings_.board.nrst_wired = spec.nrst;
  settings_.board.seed = spec.seed;
  const std::uint32_t size = test::flash_size(spec.part);
  board_ = std::make_shared<sim::SimBoard>(settings_.board, std::make_unique<Cells>(size, content));
}

std::unique_ptr<Probe> Board::probe() {
  return std::make_unique<sim::SimProbe>(host_, settings_, swd_speed, board_);
}

Bytes Board::flash() const {
  const auto cells = board_->flash->cells();
  return {cells.begin(), cells.end()};
}

}  // namespace flashhost::testing
