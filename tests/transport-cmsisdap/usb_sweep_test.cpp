// One USB fault at each transfer of a whole job over a virtual CMSIS-DAP probe: v2 (bulk), v1
// (HID).
#include "usb_sweep.hpp"

#include "dap_rig.hpp"

#include <gtest/gtest.h>

#include <tuple>

namespace flashhost::cmsisdap {
namespace {

using testing::UsbFault;
using virtual_cmsisdap::Pipes;
using Sweep = testing::UsbSweep;

class DapSweep : public testing::TestWithParam<std::tuple<Pipes, Sweep>> {};

TEST_P(DapSweep, LosesNothing) {
  auto personality = *virtual_cmsisdap::find_personality("daplink");
  personality.pipes = std::get<Pipes>(GetParam());
  test::DapRig rig(personality);
  testing::run_usb_sweep(rig, std::get<Sweep>(GetParam()));
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, DapSweep,
    testing::Combine(testing::Values(Pipes::v2, Pipes::v1),
                     testing::Values(Sweep{UsbFault::unplug, "unplug", 3, false, 250},
                                     Sweep{UsbFault::replug, "replug", 7, true, 250},
                                     Sweep{UsbFault::no_reply, "no_reply", 11, true, 250},
                                     Sweep{UsbFault::late_reply, "late_reply", 11, true, 250},
                                     Sweep{UsbFault::stall, "stall", 15, true, 250},
                                     Sweep{UsbFault::short_reply, "short_reply", 15, true, 250},
                                     Sweep{UsbFault::garbage_reply, "garbage_reply", 11, false,
                                           250},
                                     Sweep{UsbFault::wrong_echo, "wrong_echo", 11, true, 150})),
    [](const auto &row) {
      const bool v1 = std::get<Pipes>(row.param) == Pipes::v1;
      return std::string(v1 ? "v1_" : "v2_") + std::get<Sweep>(row.param).name;
    });

}  // namespace
}  // namespace flashhost::cmsisdap
