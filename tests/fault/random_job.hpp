// A whole job, drawn from a seed: chip, old content, image, options, causes of trouble on the board
// and at the probe.
#pragma once

#include "job.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace flashhost::testing {

struct RandomJob {
  BoardSpec board;
  Bytes before;
  std::vector<Segment> segments;
  FlashOptions options;
  TargetOptions target;
  std::vector<Fault> probe_faults;
  bool same_board = false;  // the next run finds the board as it was left, with its power on

  [[nodiscard]] Image image() const;
};

[[nodiscard]] RandomJob draw_job(std::uint64_t seed);
[[nodiscard]] std::string describe(const RandomJob &job);

}  // namespace flashhost::testing
