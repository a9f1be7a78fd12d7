// Boards with something wrong, made by the faults of their models.
#pragma once

#include "family/on_board.hpp"

#include <flashhost/error.hpp>

#include <functional>
#include <memory>
#include <optional>
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
  [[nodiscard]] static bool is_protected(const Protection &found, const Sector &sector);
  // The first and the last sector, and those at the borders of what is protected.
  [[nodiscard]] static std::vector<Sector> sectors_at_borders(const Chip &chip,
                                                              const Protection &found);
  // The loader, and the direct path by its first width.
  [[nodiscard]] static std::vector<Way> two_ways(Session &session);
  // The error of an operation; empty: it succeeded.
  [[nodiscard]] static std::optional<Error> end_of(Session &session, const Way &way,
                                                   const std::function<void(FlashAccess &)> &act);
  static void expect_protected(const std::optional<Error> &end);
  // Erasing each sector at a border is refused just where protection says so, and changes nothing
  // else.
  static void expect_just_these_refuse(Session &session, const Protection &found);
};

}  // namespace flashhost::conformance
