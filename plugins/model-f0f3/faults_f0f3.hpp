// The faults that STM32F0 and F3 can have besides those of every STM32.
#pragma once

#include "faults.hpp"

namespace flashhost::machine::stm32 {

[[nodiscard]] StmFaults parse_faults_f0f3(const std::vector<std::string> &faults);
[[nodiscard]] std::vector<FaultName> fault_names_f0f3();

}  // namespace flashhost::machine::stm32
