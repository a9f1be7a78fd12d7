// Limits the process to little more memory than it has now.
#pragma once

#include <sys/resource.h>

#include <cstddef>

namespace flashhost::conformance {

// While this object lives, an allocation above the limit throws std::bad_alloc. Has no effect with
// the address sanitizer, which reserves huge address ranges.
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
