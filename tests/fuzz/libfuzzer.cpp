// libFuzzer's way to a fuzz target.
#include "check.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  static_cast<void>(flashhost::fuzz::outcome_of({data, size}));
  return 0;
}
