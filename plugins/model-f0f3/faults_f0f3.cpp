#include "faults_f0f3.hpp"

namespace flashhost::machine::stm32 {
namespace {

using Text = std::string_view;

constexpr FaultRow<StmFaults> rows_f0f3[] = {
    {{"read_protected_for_ever", "", "option byte RDP = 0xCC"},
     [](StmFaults &f, Text, Text) { f.read_protected_for_ever = true; }},
    {{"read_protected_by_damage", "",
      "the complement of the option byte RDP is wrong, so that it counts as 0xFF"},
     [](StmFaults &f, Text, Text) { f.damaged_rdp = true; }},
};

}  // namespace

StmFaults parse_faults_f0f3(const std::vector<std::string> &faults) {
  return parse_faults(faults, rows_f0f3);
}

std::vector<FaultName> fault_names_f0f3() {
  return fault_names(rows_f0f3);
}

}  // namespace flashhost::machine::stm32
