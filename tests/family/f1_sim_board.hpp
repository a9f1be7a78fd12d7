#pragma once

#include "sim_board.hpp"

namespace flashhost::test {

using SimBoard = SimBoardOf<fake::F1>;

}  // namespace flashhost::test
