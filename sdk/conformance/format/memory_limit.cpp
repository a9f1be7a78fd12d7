#include "format/memory_limit.hpp"

#include <unistd.h>

#include <fstream>

namespace flashhost::conformance {

MemoryLimit::MemoryLimit([[maybe_unused]] std::size_t more) {
  getrlimit(RLIMIT_AS, &before_);
#ifndef __SANITIZE_ADDRESS__
  std::size_t pages = 0;
  if (!(std::ifstream("/proc/self/statm") >> pages)) return;
  rlimit limit = before_;
  limit.rlim_cur = pages * static_cast<std::size_t>(sysconf(_SC_PAGESIZE)) + more;
  setrlimit(RLIMIT_AS, &limit);
#endif
}

MemoryLimit::~MemoryLimit() {
  setrlimit(RLIMIT_AS, &before_);
}

}  // namespace flashhost::conformance
