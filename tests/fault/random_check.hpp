// What must hold after any job, and after the one that follows it.
#pragma once

#include "random_job.hpp"

namespace flashhost::testing {

struct Verdict {
  std::string problem;  // empty: all is well
  bool good = false;    // the first run succeeded
};

// Runs the job, and where it failed a second time without the causes. journals: a folder that this
// may use.
[[nodiscard]] Verdict check(const RandomJob &job, const std::filesystem::path &journals);

}  // namespace flashhost::testing
