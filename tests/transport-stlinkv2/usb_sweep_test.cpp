// One USB fault at each transfer of a whole job over a virtual ST-Link.
#include "usb_sweep.hpp"

#include "model_bus.hpp"

#include <gtest/gtest.h>

namespace flashhost::stlink {
namespace {

using testing::UsbFault;
using Sweep = testing::UsbSweep;

class UsbSweep : public testing::TestWithParam<Sweep> {};

TEST_P(UsbSweep, LosesNothing) {
  test::StlinkRig rig;
  testing::run_usb_sweep(rig, GetParam());
}

INSTANTIATE_TEST_SUITE_P(Kinds, UsbSweep,
                         testing::Values(Sweep{UsbFault::unplug, "unplug", 3, false, 250},
                                         Sweep{UsbFault::replug, "replug", 7, true, 250},
                                         Sweep{UsbFault::no_reply, "no_reply", 11, true, 250},
                                         Sweep{UsbFault::stall, "stall", 15, true, 250},
                                         Sweep{UsbFault::short_reply, "short_reply", 15, true, 250},
                                         Sweep{UsbFault::garbage_reply, "garbage_reply", 11, false,
                                               250}),
                         [](const auto &row) { return std::string(row.param.name); });

}  // namespace
}  // namespace flashhost::stlink
