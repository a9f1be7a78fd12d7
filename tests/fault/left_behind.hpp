// What a job must leave as it found it, or as the board file asks.
#pragma once

#include "flash/options.hpp"

#include <flashhost/machine/target.hpp>

#include <cstdint>
#include <map>
#include <string>

namespace flashhost::testing {

// Registers by name, read past any probe. Empty when the target does not answer.
using Registers = std::map<std::string, std::uint32_t>;
[[nodiscard]] Registers read_registers(machine::Target &target);

// Which masks of the core are set. Halts it for a moment.
[[nodiscard]] std::string interrupt_masks(machine::Target &target);

// What is not in order after a job that wrote, or tried to; empty: nothing. before: registers then.
[[nodiscard]] std::string left_behind(machine::Target &target, const Registers &before,
                                      ResetAfter reset);

}  // namespace flashhost::testing
