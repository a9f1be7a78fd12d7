// A simulated board that keeps its flash and its power from one job to the next.
#pragma once

#include "hosts.hpp"
#include "sim_board.hpp"

#include <flashhost/types.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace flashhost::testing {

struct BoardSpec {
  std::string part = "STM32F103C4";
  std::vector<std::string> faults;  // of the model
  bool nrst = true;
  std::uint64_t seed = 1;              // the same seed: the same unique id
  std::uint32_t speed_hz = 4'000'000;  // of SWD
};

class Board {
 public:
  // Powered on, with its firmware in full swing. content: from the start of the flash; the rest is
  // erased.
  Board(const BoardSpec &spec, const Bytes &content);

  // Another chip of the same kind and id, with the content that this one has.
  void replace(const BoardSpec &spec);

  // Its power stays on when the probe is closed.
  [[nodiscard]] std::unique_ptr<Probe> probe();
  [[nodiscard]] machine::Target &target() { return board_->target(); }
  [[nodiscard]] Bytes flash() const { return board_->flash(); }

 private:
  void make(const BoardSpec &spec, const Bytes &content);

  QuietHost host_;
  std::unique_ptr<bench::SimBoard> board_;
  std::uint32_t speed_hz_ = 0;
};

}  // namespace flashhost::testing
