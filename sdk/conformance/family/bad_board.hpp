// Boards with something wrong, made by the faults of their models.
#pragma once

#include "family/on_board.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace flashhost::conformance {

// Whether the fault is one that any flash may have (fault_table.hpp), not one of the chip's own.
[[nodiscard]] bool is_of_the_flash(std::string_view fault);

class FamilyWithFaults : public FamilyOnBoard {
 protected:
  // A board that has these faults; null when this part cannot have them.
  [[nodiscard]] static std::unique_ptr<Session> board(const std::vector<std::string> &faults,
                                                      const Bytes &content);
  // The faults of the model, without those that any flash may have.
  [[nodiscard]] static std::vector<std::string> own_faults();
  [[nodiscard]] static bool has_fault(std::string_view name);
  // The text must be an explanation in words, not only a number.
  static void expect_words(const std::string &text);
  [[nodiscard]] static Protection protection_of(Session &session);
};

}  // namespace flashhost::conformance
