#include "thrown.hpp"
#include "uf2.hpp"
#include "uf2_maker.hpp"

#include <gtest/gtest.h>

#include <numeric>
#include <random>

namespace flashhost {
namespace {

using test::uf2_file;
using test::Uf2Block;

Bytes counting(std::size_t size) {
  Bytes bytes(size);
  std::iota(bytes.begin(), bytes.end(), std::uint8_t{0});
  return bytes;
}

TEST(Uf2Writer, blocks_end_at_multiples_of_256) {
  const Bytes data = counting(600);
  const auto part = [&](std::ptrdiff_t from, std::ptrdiff_t to) {
    return Bytes(data.begin() + from, data.begin() + to);
  };
  EXPECT_EQ(uf2::write({{{0x080000F0, data}}, {}}), uf2_file({{0x080000F0, part(0, 16), 0, 4},
                                                              {0x08000100, part(16, 272), 1, 4},
                                                              {0x08000200, part(272, 528), 2, 4},
                                                              {0x08000300, part(528, 600), 3, 4}}));
}

TEST(Uf2Writer, parts_of_one_page_are_blocks_of_their_own) {
  EXPECT_EQ(uf2::write({{{0x08000000, {1}}, {0x08000002, {2, 3}}}, {}}),
            uf2_file({{0x08000000, {1}, 0, 2}, {0x08000002, {2, 3}, 1, 2}}));
}

TEST(Uf2Writer, the_chips_become_a_family_id) {
  EXPECT_EQ(uf2::write({{{0, {1}}}, {}, "STM32F1"}),
            uf2_file({{0, {1}, 0, 1, 0x2000, 0x5ee21072}}));
  EXPECT_EQ(bench::text_of(Errc::image, [] { return uf2::write({{{0, {1}}}, {}, "STM32U5"}); }),
            "there is no UF2 family id for STM32U5");
}

TEST(Uf2Writer, an_entry_point_is_left_out) {
  EXPECT_EQ(uf2::write({{{0, {1}}}, 5}), uf2_file({{0, {1}}}));
}

TEST(Uf2Writer, nothing_is_no_file) {
  EXPECT_EQ(bench::text_of(Errc::image, [] { return uf2::write({}); }),
            "a UF2 file cannot be without data, and there is none");
}

TEST(Uf2Writer, the_end_of_the_address_space_is_written) {
  const ParsedFile content{{{0xFFFFFF81, counting(127)}}, {}};
  EXPECT_EQ(uf2::parse(uf2::write(content)), content);
}

TEST(Uf2Writer, what_is_written_reads_the_same) {
  std::minstd_rand random(1);  // NOLINT(cert-msc51-cpp): the same in each run
  for (int round = 0; round < 300; ++round) {
    ParsedFile content;
    std::uint64_t at = random() % 0x10000;
    for (unsigned i = 0; i < 1 + random() % 5; ++i) {
      content.segments.push_back({static_cast<std::uint32_t>(at), counting(1 + random() % 2000)});
      at = content.segments.back().end() + 1 + random() % 600;
    }
    if (round % 2 == 0) content.made_for = "STM32F4";
    ASSERT_EQ(uf2::parse(uf2::write(content)), content) << round;
  }
}

}  // namespace
}  // namespace flashhost
