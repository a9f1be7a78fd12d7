#include "failing_new.hpp"

#include <cstdlib>
#include <new>

namespace flashhost::testing {

namespace {

// Threads that others start allocate, too.
thread_local bool armed = false;
thread_local int paused = 0;
thread_local std::uint64_t failing = 0;
thread_local std::uint64_t count = 0;

bool fails() noexcept {
  return armed && paused == 0 && ++count == failing;
}

}  // namespace

FailingNew::FailingNew(std::uint64_t number) noexcept {
  count = 0;
  failing = number;
  armed = true;
}
FailingNew::~FailingNew() {
  armed = false;
}
std::uint64_t FailingNew::counted() noexcept {
  return count;
}
NotOurMemory::NotOurMemory() noexcept {
  ++paused;
}
NotOurMemory::~NotOurMemory() {
  --paused;
}

}  // namespace flashhost::testing

void *operator new(std::size_t size) {
  void *const memory = flashhost::testing::fails() ? nullptr : std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
void *operator new[](std::size_t size) {
  return operator new(size);
}
void *operator new(std::size_t size, const std::nothrow_t & /*tag*/) noexcept {
  return flashhost::testing::fails() ? nullptr : std::malloc(size == 0 ? 1 : size);
}
void *operator new[](std::size_t size, const std::nothrow_t &tag) noexcept {
  return operator new(size, tag);
}
void operator delete(void *memory) noexcept {
  std::free(memory);
}
void operator delete[](void *memory) noexcept {
  std::free(memory);
}
void operator delete(void *memory, std::size_t /*size*/) noexcept {
  std::free(memory);
}
void operator delete[](void *memory, std::size_t /*size*/) noexcept {
  std::free(memory);
}
void operator delete(void *memory, const std::nothrow_t & /*tag*/) noexcept {
  std::free(memory);
}
void operator delete[](void *memory, const std::nothrow_t & /*tag*/) noexcept {
  std::free(memory);
}
