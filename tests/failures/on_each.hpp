// Tests that run on two boards in process and on the ST-Link, where the chip matters on all others
// in process, and some over CMSIS-DAP as well.
#pragma once

#include "bench.hpp"

#include <tuple>

namespace flashhost::testing {

class OnEach : public ::testing::TestWithParam<std::tuple<BenchBoard, Way>> {
 protected:
  Bench bench{std::get<0>(GetParam()), std::get<1>(GetParam())};
};

inline auto every_bench() {
  return ::testing::Combine(::testing::Values(f1_board, f4_board),
                            ::testing::Values(Way::in_process, Way::stlink));
}

inline auto others_in_process() {
  return ::testing::Combine(::testing::Values(f0_board, f3_board, g0_board, g4_board, l4_board),
                            ::testing::Values(Way::in_process));
}

// In addition, over CMSIS-DAP. One board is enough: the other ways show what differs between two.
template <typename Board>
inline auto one_over_cmsisdap(const Board &board,
                              const std::vector<Way> &ways = {Way::cmsisdap_v2}) {
  std::vector<std::tuple<Board, Way>> all;
  for (const Way way : ways) {
    if (cmsisdap_is_tried) all.emplace_back(board, way);
  }
  return ::testing::ValuesIn(all);
}

inline std::string bench_name(const ::testing::TestParamInfo<std::tuple<BenchBoard, Way>> &info) {
  const auto &[board, way] = info.param;
  return std::string(board.chip) + "_" + name_of(way);
}

}  // namespace flashhost::testing
