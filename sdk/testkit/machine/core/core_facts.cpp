#include "core/core_facts.hpp"

#include <stdexcept>

namespace flashhost::machine {

CoreFacts core_facts(const Part &part) {
  const auto v6m = [&](std::uint32_t cpuid, bool plus) {
    return CoreFacts{.kind = part.core,
                     .architecture = Architecture::v6m,
                     .cpuid = part.cpuid.value_or(cpuid),
                     .mpu = part.mpu,
                     .vector_table_offset = plus,
                     .unprivileged = plus,
                     .branch_cycles = plus ? 1U : 2U,
                     .entry_cycles = plus ? 15U : 16U};
  };
  const auto v7m = [&](std::uint32_t cpuid) {
    return CoreFacts{.kind = part.core,
                     .architecture = Architecture::v7m,
                     .cpuid = part.cpuid.value_or(cpuid),
                     .mpu = part.mpu,
                     .vector_table_offset = true,
                     .unprivileged = true,
                     .branch_cycles = 2,
                     .entry_cycles = 12};
  };
  switch (part.core) {
    case CoreKind::cortex_m0:
      return v6m(0x410CC200, false);
    case CoreKind::cortex_m0_plus:
      return v6m(0x410CC601, true);
    case CoreKind::cortex_m3:
      return v7m(0x411FC231);
    case CoreKind::cortex_m4:
      return v7m(0x410FC241);
  }
  throw std::invalid_argument("simulator: the model names a core that the machine does not have");
}

}  // namespace flashhost::machine
