// The faults that only a chip with an L4's flash controller can have.
#pragma once

#include "faults.hpp"
#include "parts_l4.hpp"

namespace flashhost::machine::stm32 {

// Throws std::invalid_argument, also for a fault that this part cannot have.
[[nodiscard]] StmFaults parse_faults_l4(const std::vector<std::string> &faults, const PartL4 &part);
[[nodiscard]] std::vector<FaultName> fault_names_l4();

}  // namespace flashhost::machine::stm32
