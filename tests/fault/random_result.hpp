// What may come of a random job, by what is wrong with its board and its probe.
#pragma once

#include "job.hpp"
#include "random_job.hpp"

#include <string>
#include <string_view>

namespace flashhost::testing {

[[nodiscard]] bool has_fault(const RandomJob &job, std::string_view name);  // its beginning
[[nodiscard]] bool has_fault(const RandomJob &job, FaultKind kind);

// What the chip is, and not what is wrong with it.
[[nodiscard]] bool is_of_the_chip(std::string_view fault);
[[nodiscard]] bool is_in_the_flash(std::string_view fault);

// Lifting read protection erases all. On an F1 it is on, too, while write protection is being
// lifted: between erasing and writing the option bytes.
[[nodiscard]] bool may_erase_all(const RandomJob &job);

// What is wrong with the error of a job that failed; empty: it has a cause that a person can do
// something about.
[[nodiscard]] std::string judge_text(const RandomJob &job, const JobResult &result);

// Whether the target may be left as it is.
[[nodiscard]] bool may_be_left(const RandomJob &job, const JobResult &result);

}  // namespace flashhost::testing
