// A slow flash over a virtual CMSIS-DAP probe: v2 (bulk), v1 (HID).
#include "slow_flash.hpp"

#include "dap_rig.hpp"

#include <gtest/gtest.h>

#include <string>
#include <tuple>

namespace flashhost::cmsisdap {
namespace {

using testing::SlowBoard;
using virtual_cmsisdap::Pipes;

class SlowFlash : public testing::TestWithParam<std::tuple<Pipes, SlowBoard>> {};

TEST_P(SlowFlash, IsToldOverCmsisDap) {
  const auto &[pipes, board] = GetParam();
  auto personality = *virtual_cmsisdap::find_personality("daplink");
  personality.pipes = pipes;
  test::DapRig rig(personality, board.part);
  testing::expect_slow_flash_is_told(rig, board.family);
}

std::string name_of(const testing::TestParamInfo<std::tuple<Pipes, SlowBoard>> &info) {
  const auto &[pipes, board] = info.param;
  return std::string(pipes == Pipes::v1 ? "v1_" : "v2_") + board.part;
}

INSTANTIATE_TEST_SUITE_P(Of, SlowFlash,
                         testing::Combine(testing::Values(Pipes::v2, Pipes::v1),
                                          testing::ValuesIn(testing::slow_boards)),
                         name_of);

}  // namespace
}  // namespace flashhost::cmsisdap
