// The faults that only an STM32F4 can have.
#pragma once

#include "faults.hpp"
#include "part.hpp"

namespace flashhost::machine::stm32 {

// Throws std::invalid_argument, also for a fault that this part cannot have.
[[nodiscard]] StmFaults parse_faults_f4(const std::vector<std::string> &faults,
                                        const StmPart &part);
[[nodiscard]] std::vector<FaultName> fault_names_f4();

}  // namespace flashhost::machine::stm32
