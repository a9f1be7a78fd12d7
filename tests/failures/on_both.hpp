// Tests that run on both boards, in both ways.
#pragma once

#include "bench.hpp"

#include <tuple>

namespace flashhost::testing {

class OnBoth : public ::testing::TestWithParam<std::tuple<BenchBoard, Way>> {
 protected:
  Bench bench{std::get<0>(GetParam()), std::get<1>(GetParam())};
};

inline auto every_bench() {
  return ::testing::Combine(::testing::Values(f1_board, f4_board),
                            ::testing::Values(Way::in_process, Way::over_usb));
}

inline std::string bench_name(const ::testing::TestParamInfo<std::tuple<BenchBoard, Way>> &info) {
  const auto &[board, way] = info.param;
  return std::string(board.chip) + (way == Way::over_usb ? "_usb" : "_sim");
}

}  // namespace flashhost::testing
