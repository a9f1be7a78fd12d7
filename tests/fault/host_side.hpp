// A job whose host fails, on a board that does not.
#pragma once

#include "failing_files.hpp"
#include "job.hpp"

namespace flashhost::testing {

struct HostFaults {
  FailingFiles *files = nullptr;  // null: all file calls are made
  bool count_allocations = false;
  std::uint64_t failing_allocation = 0;  // 0: none
};

// From the moment that `files` says that the program has crashed, nothing reaches the board.
[[nodiscard]] JobResult run_on_host(Board &board, const HostFaults &faults, const Work &work);

}  // namespace flashhost::testing
