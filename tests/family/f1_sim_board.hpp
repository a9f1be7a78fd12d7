#pragma once

#include "f1.hpp"
#include "registers.hpp"
#include "sim_board.hpp"

namespace flashhost::test {

struct F1Functions {
  static const std::vector<Part> &parts() { return f1::parts(); }
  static Identity identify(ProbeReader &probe) { return f1::identify(probe); }
  static void settle(ProbeReader &probe, Chip &chip) { f1::settle(probe, chip); }
  static void prepare(Host &host, Probe &probe, const Chip &chip, UndoLog &undo) {
    f1::prepare(host, probe, chip, undo);
  }
};
using SimBoard = SimBoardOf<F1Functions>;

}  // namespace flashhost::test
