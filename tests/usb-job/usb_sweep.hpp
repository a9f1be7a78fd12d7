// One USB fault at the 1st, 2nd, ... n-th transfer of a whole job, until the job no longer reaches
// it. A success means that every byte is right; after anything else the bytes outside of the image
// are untouched, and a second run with the probe plugged in again completes the job. No job takes
// longer than its bound.
#pragma once

#include "usb_job.hpp"

namespace flashhost::testing {

struct UsbSweep {
  UsbFault fault;
  const char *name;
  std::uint64_t stride;     // usually, of the transfers
  bool mended;              // a single one of them must not fail the job once it has begun
  std::uint64_t transfers;  // that a job has at least
};

// As a part of a test: its failures are the sweep's.
void run_usb_sweep(UsbRig &rig, const UsbSweep &sweep);

}  // namespace flashhost::testing
