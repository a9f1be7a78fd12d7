// One USB fault at the 1st, 2nd, ... n-th transfer of a whole job, until the job no longer reaches
// it. A success means that every byte is right; after anything else the bytes outside of the image
// are untouched, and a second run with the probe plugged in again completes the job. No job takes
// longer than its bound.
#include "sweep.hpp"
#include "usb_job.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace flashhost::stlink {
namespace {

using namespace std::chrono_literals;
using test::UsbFault;

// Three passes that each wait for the probe to come back, and the job itself.
constexpr Nanoseconds longest_job = 60s;

struct Kind {
  UsbFault fault;
  const char *name;
  std::uint64_t stride;  // usually, of the transfers
  bool mended;           // a single one of them must not fail the job once it has begun
};

class UsbSweep : public testing::TestWithParam<Kind> {};

TEST_P(UsbSweep, LosesNothing) {
  const Kind &kind = GetParam();
  test::UsbJob job;
  const SweepPlaces tried = sweep_places(kind.stride, static_cast<std::uint64_t>(kind.fault));
  std::uint64_t transfer = tried.first;
  for (bool reached = true; reached; transfer += tried.step) {
    SCOPED_TRACE(transfer);
    job.start_anew();
    const bool good = job.run({kind.fault, transfer});
    ASSERT_LT(job.duration(), longest_job);
    reached = job.board().transfers >= transfer;
    if (good) {
      ASSERT_TRUE(job.flash() == job.wanted()) << "a false success";
      continue;
    }
    ASSERT_FALSE(kind.mended && job.connected()) << "the job did not go on: " << job.last_error();
    const Bytes found = job.flash();
    ASSERT_TRUE(std::equal(found.begin() + test::UsbJob::touched, found.end(),
                           job.before().begin() + test::UsbJob::touched))
        << "bytes outside of the plan were changed";
    ASSERT_TRUE(job.run()) << "the second run failed: " << job.last_error();
    ASSERT_TRUE(job.flash() == job.wanted()) << "after the second run";
  }
  EXPECT_GT(transfer, 300U) << "the sweep ended before the job did anything";
  RecordProperty("transfers", std::to_string(transfer));
}

INSTANTIATE_TEST_SUITE_P(Kinds, UsbSweep,
                         testing::Values(Kind{UsbFault::unplug, "unplug", 3, false},
                                         Kind{UsbFault::replug, "replug", 7, true},
                                         Kind{UsbFault::no_reply, "no_reply", 11, true},
                                         Kind{UsbFault::stall, "stall", 15, true},
                                         Kind{UsbFault::short_reply, "short_reply", 15, true},
                                         Kind{UsbFault::garbage_reply, "garbage_reply", 11, false}),
                         [](const auto &row) { return std::string(row.param.name); });

}  // namespace
}  // namespace flashhost::stlink
