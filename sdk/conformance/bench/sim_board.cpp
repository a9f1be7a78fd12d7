#include "sim_board.hpp"

#include <flashhost/machine/models.hpp>

#include <algorithm>
#include <chrono>

namespace flashhost::bench {

using namespace std::chrono_literals;

namespace {

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

SimBoard::SimBoard(const machine::Config &config, const Bytes &content) {
  settings_.board = config;
  const machine::Part *part = machine::find_part(*config.model, config.part);
  board_ = std::make_shared<sim::SimBoard>(
      settings_.board, std::make_unique<Cells>(part == nullptr ? 0 : part->flash_size, content));
}

std::unique_ptr<Probe> SimBoard::probe(Host &host, std::uint32_t speed_hz) {
  return std::make_unique<sim::SimProbe>(host, settings_, speed_hz, board_);
}

Bytes SimBoard::flash() const {
  const auto cells = board_->flash->cells();
  return {cells.begin(), cells.end()};
}

std::optional<std::uint32_t> read_word(machine::Target &target, std::uint32_t address) {
  std::uint32_t value = 0;
  target.clear_sticky_error();
  for (int attempt = 0; attempt < 100; ++attempt) {
    const machine::Ack ack = target.read(address, 4, value);
    if (ack == machine::Ack::ok) return value;
    if (ack != machine::Ack::wait) break;
    target.advance(1ms);
  }
  target.clear_sticky_error();
  return std::nullopt;
}

}  // namespace flashhost::bench
