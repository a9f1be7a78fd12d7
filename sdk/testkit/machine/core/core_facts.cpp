#include "core/core_facts.hpp"

#include <stdexcept>

namespace flashhost::machine {

CoreFacts core_facts(const Part &part) {
  const auto facts = [&](std::uint32_t cpuid) {
    return CoreFacts{part.core, part.cpuid.value_or(cpuid), part.mpu};
  };
  switch (part.core) {
    case CoreKind::cortex_m3:
      return facts(0x411FC231);
    case CoreKind::cortex_m4:
      return facts(0x410FC241);
  }
  throw std::invalid_argument("simulator: the model names a core that the machine does not have");
}

}  // namespace flashhost::machine
