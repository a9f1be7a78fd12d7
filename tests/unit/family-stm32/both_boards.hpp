// For tests that are the same for all STM32 families: TYPED_TEST_SUITE(Suite, fake::Boards,
// fake::FamilyName).
#pragma once

#include "f1_board.hpp"
#include "f4_board.hpp"

namespace fake {

using Boards = testing::Types<F1Board, F4Board>;
struct FamilyName {
  template <class Board>
  static std::string GetName(int /*index*/) {
    return Board::Family::name;
  }
};

}  // namespace fake
