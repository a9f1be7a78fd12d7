#include "family/bad_board.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace flashhost::conformance {

bool is_of_the_flash(std::string_view fault) {
  return std::ranges::any_of(std::array{"flash_time", "stuck_busy", "bad_cell", "bad_erase"},
                             [&](const char *name) { return fault.starts_with(name); });
}

std::unique_ptr<Session> FamilyWithFaults::board(const std::vector<std::string> &faults,
                                                 const Bytes &content) {
  try {
    return std::make_unique<Session>(board_with(part(), faults), content);
  } catch (const std::invalid_argument &) {
    return nullptr;
  }
}

std::vector<std::string> FamilyWithFaults::own_faults() {
  std::vector<std::string> faults = faults_to_try(part()).faults;
  std::erase_if(faults, is_of_the_flash);
  return faults;
}

bool FamilyWithFaults::has_fault(std::string_view name) {
  const auto names = models().with_part(part())->fault_names();
  return std::ranges::any_of(names,
                             [&](const machine::FaultName &fault) { return fault.name == name; });
}

void FamilyWithFaults::expect_words(const std::string &text) {
  EXPECT_NE(text.find(' '), std::string::npos) << "no explanation: " << text;
}

Protection FamilyWithFaults::protection_of(Session &session) {
  session.prepared();
  return session.target().protection();
}

}  // namespace flashhost::conformance
