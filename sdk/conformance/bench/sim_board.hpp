// A simulated board that keeps its flash and its power from one session to the next.
#pragma once

#include "sim_probe.hpp"

#include <flashhost/machine/target.hpp>
#include <flashhost/types.hpp>

#include <cstdint>
#include <memory>
#include <optional>

namespace flashhost::bench {

class SimBoard {
 public:
  // Powered on, with its firmware running. content: from the start of the flash; the rest is
  // erased.
  SimBoard(const machine::Config &config, const Bytes &content);

  // The board stays powered when the probe is closed. host must outlive the probe. speed_hz: of
  // SWD.
  [[nodiscard]] std::unique_ptr<Probe> probe(Host &host, std::uint32_t speed_hz = 4'000'000);
  [[nodiscard]] machine::Target &target() { return board_->target; }
  [[nodiscard]] Bytes flash() const;

 private:
  sim::SimSettings settings_;
  std::shared_ptr<sim::SimBoard> board_;
};

// A word, read without any probe; waits while the bus stalls. Empty where the board does not
// answer.
[[nodiscard]] std::optional<std::uint32_t> read_word(machine::Target &target,
                                                     std::uint32_t address);

}  // namespace flashhost::bench
