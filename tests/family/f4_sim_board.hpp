#pragma once

#include "f4.hpp"
#include "registers.hpp"
#include "sim_board.hpp"

namespace flashhost::test {

struct F4Functions {
  static const std::vector<Part> &parts() { return f4::parts(); }
  static Identity identify(ProbeReader &probe) { return f4::identify(probe); }
  static void settle(ProbeReader &probe, Chip &chip) { f4::settle(probe, chip); }
  static void prepare(Host &host, Probe &probe, const Chip &chip, UndoLog &undo) {
    f4::prepare(host, probe, chip, undo);
  }
};

// Its chip is as identified: with the banks and the width of programming that it has now.
struct F4SimBoard : SimBoardOf<F4Functions> {
  explicit F4SimBoard(const std::string &part, const std::vector<std::string> &faults = {})
      : SimBoardOf(part, faults) {
    chip = identified(probe);
  }
};

}  // namespace flashhost::test
