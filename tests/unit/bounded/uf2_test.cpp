// UF2 files made to cost time or memory: both stay in proportion to the file.
#include "cost.hpp"

#include <flashhost/error.hpp>

#include <format-uf2/uf2_maker.hpp>
#include <uf2.hpp>

#include <algorithm>
#include <random>
#include <string>

namespace flashhost {
namespace {

using test::uf2_file;
using test::Uf2Block;
using testing::cost_of;
using testing::expect_near_linear;
using testing::expect_to_stop_soon;
using Blocks = std::vector<Uf2Block>;
using Maker = Blocks (*)(std::uint32_t count);

void parse(const Bytes &file, const std::stop_token &stop = {}) {
  try {
    static_cast<void>(uf2::parse(file, {}, stop));
  } catch (const Error &error) {
    if (error.code() == Errc::interrupted) throw;
  }
}

Blocks in_order(std::uint32_t count) {
  Blocks blocks;
  for (std::uint32_t i = 0; i < count; ++i) blocks.push_back({476 * i, Bytes(476, 7), i, count});
  return blocks;
}
Blocks single_bytes(std::uint32_t count) {
  Blocks blocks;
  for (std::uint32_t i = 0; i < count; ++i) blocks.push_back({2 * i, {1}, i, count});
  return blocks;
}
Blocks backwards(std::uint32_t count) {
  Blocks blocks = single_bytes(count);
  std::reverse(blocks.begin(), blocks.end());
  return blocks;
}
Blocks shuffled(std::uint32_t count) {
  Blocks blocks = single_bytes(count);
  std::shuffle(blocks.begin(), blocks.end(), std::minstd_rand(1));
  return blocks;
}
Blocks the_same_again(std::uint32_t count) {
  return Blocks(count, Uf2Block{0, Bytes(476, 7)});
}
// Each starts one byte behind the one before it.
Blocks overlapping(std::uint32_t count) {
  Blocks blocks;
  for (std::uint32_t i = 0; i < count; ++i) blocks.push_back({i, Bytes(476, 7), i, count});
  return blocks;
}
Blocks a_contradiction_at_the_end(std::uint32_t count) {
  Blocks blocks = overlapping(count);
  blocks.back().data.front() = 8;
  return blocks;
}
Blocks a_family_each(std::uint32_t count) {
  Blocks blocks;
  for (std::uint32_t i = 0; i < count; ++i) blocks.push_back({0, {1}, 0, 1, 0x2000, i * 7919});
  return blocks;
}
Blocks comments(std::uint32_t count) {
  Blocks blocks;
  for (std::uint32_t i = 0; i < count; ++i) blocks.push_back({0, {}, i, count, 1});
  return blocks;
}
Blocks the_last_missing(std::uint32_t count) {
  Blocks blocks = single_bytes(count);
  for (Uf2Block &block : blocks) block.total = 0xFFFFFFFF;
  return blocks;
}

struct Hostile {
  const char *name;
  Maker make;
};

class Uf2Cost : public ::testing::TestWithParam<Hostile> {};

TEST_P(Uf2Cost, TimeIsNearLinear) {
  expect_near_linear(
      [](std::size_t count) {
        const Bytes file = uf2_file(GetParam().make(static_cast<std::uint32_t>(count)));
        return cost_of([&] { parse(file); });
      },
      2'000);
}

TEST_P(Uf2Cost, MemoryIsAtMostThreeTimesTheFile) {
  const Bytes file = uf2_file(GetParam().make(8'000));
  EXPECT_LT(cost_of([&] { parse(file); }).peak, 3 * file.size());
}

TEST_P(Uf2Cost, AStopIsNoticedAtOnce) {
  const Bytes file = uf2_file(GetParam().make(10'000));
  expect_to_stop_soon([&](const std::stop_token &stop) { parse(file, stop); });
}

INSTANTIATE_TEST_SUITE_P(
    Hostile, Uf2Cost,
    ::testing::Values(Hostile{"InOrder", in_order}, Hostile{"SingleBytes", single_bytes},
                      Hostile{"Backwards", backwards}, Hostile{"Shuffled", shuffled},
                      Hostile{"TheSameAgain", the_same_again}, Hostile{"Overlapping", overlapping},
                      Hostile{"AContradictionAtTheEnd", a_contradiction_at_the_end},
                      Hostile{"AFamilyEach", a_family_each}, Hostile{"Comments", comments},
                      Hostile{"TheLastMissing", the_last_missing}),
    [](const auto &test) { return std::string(test.param.name); });

}  // namespace
}  // namespace flashhost
