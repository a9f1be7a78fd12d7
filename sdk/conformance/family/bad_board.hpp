// Boards that are not in order, by the faults that their models have.
#pragma once

#include "family/on_board.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace flashhost::conformance {

// What can be wrong with any flash (fault_table.hpp), in place of how a chip was set up.
[[nodiscard]] bool is_of_the_flash(std::string_view fault);

class FamilyWithFaults : public FamilyOnBoard {
 protected:
  // A board that has these faults; nothing where this part cannot have them.
  [[nodiscard]] static std::unique_ptr<Session> board(const std::vector<std::string> &faults,
                                                      const Bytes &content);
  // Of the model, without those of any flash.
  [[nodiscard]] static std::vector<std::string> own_faults();
  [[nodiscard]] static bool has_fault(std::string_view name);
  // Of which there is more than a code.
  static void expect_words(const std::string &text);
  [[nodiscard]] static Protection protection_of(Session &session);
};

}  // namespace flashhost::conformance
