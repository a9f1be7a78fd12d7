#pragma once

#include "sim_board.hpp"

namespace flashhost::test {

// Its chip is as identified: with the banks and the width of programming that it has now.
struct F4SimBoard : SimBoardOf<fake::F4> {
  explicit F4SimBoard(const std::string &part, const std::vector<std::string> &faults = {})
      : SimBoardOf(part, faults) {
    chip = identified();
  }
};

}  // namespace flashhost::test
