#include "usb_sweep.hpp"

#include "sweep.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace flashhost::testing {

using namespace std::chrono_literals;

namespace {

// Three passes that each wait for the probe to come back, and the job itself.
constexpr Nanoseconds longest_job = 60s;

}  // namespace

void run_usb_sweep(UsbRig &rig, const UsbSweep &sweep) {
  UsbJob job(rig);
  const SweepPlaces tried = sweep_places(sweep.stride, static_cast<std::uint64_t>(sweep.fault));
  std::uint64_t transfer = tried.first;
  for (bool reached = true; reached; transfer += tried.step) {
    SCOPED_TRACE(transfer);
    job.start_anew({sweep.fault, transfer});
    const bool good = job.run();
    ASSERT_LT(job.duration(), longest_job);
    reached = rig.transfers() >= transfer;
    if (good) {
      ASSERT_TRUE(job.flash() == job.wanted()) << "a false success";
      continue;
    }
    ASSERT_FALSE(sweep.mended && job.connected()) << "the job did not go on: " << job.last_error();
    const Bytes found = job.flash();
    ASSERT_TRUE(std::equal(found.begin() + UsbJob::touched, found.end(),
                           job.before().begin() + UsbJob::touched))
        << "bytes outside of the plan were changed";
    rig.plug_in();
    ASSERT_TRUE(job.run()) << "the second run failed: " << job.last_error();
    ASSERT_TRUE(job.flash() == job.wanted()) << "after the second run";
  }
  EXPECT_GT(transfer, sweep.transfers) << "the sweep ended before the job did anything";
  ::testing::Test::RecordProperty("transfers", std::to_string(transfer));
}

}  // namespace flashhost::testing
