// The places at which a sweep breaks something.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <string>

namespace flashhost {

struct SweepPlaces {
  std::uint64_t first;
  std::uint64_t step;
};

// With FLASHHOST_SWEEP=all every place. Otherwise every `usual_step`th: the number in
// FLASHHOST_SEED (0 without it) plus `offset` says which, so another seed tries other places. With
// the sanitizers, under which a job takes several times as long, a third of them.
[[nodiscard]] inline SweepPlaces sweep_places(std::uint64_t usual_step, std::uint64_t offset = 0) {
  const auto from_environment = [](const char *name) {
    const char *text = std::getenv(name);
    return std::string(text == nullptr ? "" : text);
  };
  if (from_environment("FLASHHOST_SWEEP") == "all") return {1, 1};
#ifdef FLASHHOST_SANITIZED
  usual_step *= 3;
#endif
  const std::uint64_t seed = std::strtoull(from_environment("FLASHHOST_SEED").c_str(), nullptr, 10);
  return {1 + (seed + offset) % usual_step, usual_step};
}

}  // namespace flashhost
