#pragma once

#include "f1.hpp"
#include "registers.hpp"
#include "sim_board.hpp"

namespace flashhost::test {

struct F1Functions {
  static std::optional<Chip> describe(std::string_view part) { return f1::describe(part); }
  static std::optional<Chip> identify(ProbeReader &probe, const IdentifyOptions &options) {
    return f1::identify(probe, options);
  }
  static void prepare(Host &host, Probe &probe, const Chip &chip, UndoLog &undo) {
    f1::prepare(host, probe, chip, undo);
  }
};
using SimBoard = SimBoardOf<F1Functions>;

}  // namespace flashhost::test
