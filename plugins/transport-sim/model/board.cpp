#include "board.hpp"

#include <algorithm>

namespace target_model {

void Board::note(const std::string &text) {
  if (std::ranges::find(statistics.notes, text) == statistics.notes.end()) {
    statistics.notes.push_back(text);
  }
}

}  // namespace target_model
