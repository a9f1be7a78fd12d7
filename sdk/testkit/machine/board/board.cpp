#include <flashhost/machine/board.hpp>

#include <algorithm>

namespace flashhost::machine {

void Board::note(const std::string &text) {
  if (std::ranges::find(statistics.notes, text) == statistics.notes.end()) {
    statistics.notes.push_back(text);
  }
}

}  // namespace flashhost::machine
