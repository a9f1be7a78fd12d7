#include "cost.hpp"

#include <flashhost/error.hpp>

#include <malloc.h>

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <new>

namespace {

constexpr std::uint64_t never = std::numeric_limits<std::uint64_t>::max();

std::uint64_t steps = 0;
std::uint64_t stop_at = never;
std::stop_source *to_stop = nullptr;
std::size_t in_use = 0;
std::size_t peak = 0;

}  // namespace

// Called by the compiler's instrumentation.
extern "C" void __sanitizer_cov_trace_pc() {
  if (++steps == stop_at) to_stop->request_stop();
}

void *operator new(std::size_t size) {
  void *memory = std::malloc(size);
  if (memory == nullptr) throw std::bad_alloc();
  in_use += malloc_usable_size(memory);
  peak = std::max(peak, in_use);
  return memory;
}
void operator delete(void *memory) noexcept {
  in_use -= malloc_usable_size(memory);
  std::free(memory);
}
void operator delete(void *memory, std::size_t /*size*/) noexcept {
  operator delete(memory);
}

namespace flashhost::testing {

Cost cost_of(const std::function<void()> &action) {
  const std::uint64_t steps_before = steps;
  const std::size_t in_use_before = in_use;
  peak = in_use;
  action();
  return {steps - steps_before, peak - in_use_before};
}

std::uint64_t steps_after_stop(std::uint64_t at,
                               const std::function<void(const std::stop_token &)> &action) {
  std::stop_source source;
  to_stop = &source;
  stop_at = steps + at;
  const std::uint64_t asked = stop_at;
  try {
    action(source.get_token());
  } catch (const Error &error) {
    EXPECT_EQ(error.code(), Errc::interrupted);
  }
  stop_at = never;
  return steps - asked;
}

}  // namespace flashhost::testing
