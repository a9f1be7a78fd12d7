// A slow flash over a virtual ST-Link.
#include "slow_flash.hpp"

#include "model_bus.hpp"

#include <gtest/gtest.h>

namespace flashhost::stlink {
namespace {

class SlowFlash : public testing::TestWithParam<testing::SlowBoard> {};

TEST_P(SlowFlash, IsToldOverAnStLink) {
  test::StlinkRig rig({}, GetParam().part);
  testing::expect_slow_flash_is_told(rig, GetParam().family);
}

INSTANTIATE_TEST_SUITE_P(Of, SlowFlash, testing::ValuesIn(testing::slow_boards),
                         [](const auto &row) { return std::string(row.param.part); });

}  // namespace
}  // namespace flashhost::stlink
