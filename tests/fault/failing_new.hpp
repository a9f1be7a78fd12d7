// Makes one allocation of the program fail. Replaces the global operator new: link it into one
// program, and arm it around what is tested.
#pragma once

#include <cstdint>

namespace flashhost::testing {

// Between its construction and destruction allocations are counted, and the number-th throws
// std::bad_alloc. [one thread, one at a time]
class FailingNew {
 public:
  explicit FailingNew(std::uint64_t number) noexcept;  // from 1; 0: none fails
  ~FailingNew();
  FailingNew(const FailingNew &) = delete;
  FailingNew &operator=(const FailingNew &) = delete;

  [[nodiscard]] static std::uint64_t counted() noexcept;  // by the last one
};

// Meanwhile allocations neither fail nor count: the board is hardware.
class NotOurMemory {
 public:
  NotOurMemory() noexcept;
  ~NotOurMemory();
  NotOurMemory(const NotOurMemory &) = delete;
  NotOurMemory &operator=(const NotOurMemory &) = delete;
};

}  // namespace flashhost::testing
