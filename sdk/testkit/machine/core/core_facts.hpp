// What one Cortex-M has and another has not.
#pragma once

#include <flashhost/machine/model.hpp>

namespace flashhost::machine {

struct CoreFacts {
  CoreKind kind;
  std::uint32_t cpuid;
  bool mpu;
};

[[nodiscard]] CoreFacts core_facts(const Part &part);

}  // namespace flashhost::machine
