// In what the Cortex-M cores differ.
#pragma once

#include <flashhost/machine/model.hpp>

namespace flashhost::machine {

enum class Architecture : std::uint8_t { v6m, v7m };

struct CoreFacts {
  CoreKind kind;
  Architecture architecture;
  std::uint32_t cpuid;
  bool mpu;
  bool vector_table_offset;  // VTOR
  bool unprivileged;         // thread mode can give up its privileges
  unsigned branch_cycles;    // additional cost of a taken branch
  unsigned entry_cycles;     // of an exception

  [[nodiscard]] bool v6m() const { return architecture == Architecture::v6m; }
  [[nodiscard]] std::uint8_t priority_bits() const { return v6m() ? 0xC0 : 0xF0; }
};

[[nodiscard]] CoreFacts core_facts(const Part &part);

}  // namespace flashhost::machine
