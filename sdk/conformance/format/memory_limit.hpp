// No more memory than a little beside what the process has now.
#pragma once

#include <sys/resource.h>

#include <cstddef>

namespace flashhost::conformance {

// While it lives, an allocation that goes beyond throws std::bad_alloc. Does nothing with the
// address sanitizer, which reserves address space without measure.
class MemoryLimit {
 public:
  explicit MemoryLimit(std::size_t more);
  MemoryLimit(const MemoryLimit &) = delete;
  MemoryLimit &operator=(const MemoryLimit &) = delete;
  ~MemoryLimit();

 private:
  rlimit before_{};
};

}  // namespace flashhost::conformance
