#include "uf2.hpp"

#include "families.hpp"
#include "thrown.hpp"
#include "uf2_maker.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>

namespace flashhost {
namespace {

using bench::text_and_hint_of;
using bench::text_of;
using test::uf2_file;
using test::Uf2Block;
using testing::StartsWith;
using Blocks = std::vector<Uf2Block>;
using Segments = std::vector<Segment>;

constexpr std::uint32_t f4 = 0x57755a57;
constexpr std::uint32_t rp2040 = 0xe48bff56;
constexpr std::uint32_t with_family = 0x2000;

ParsedFile parse(const Blocks &blocks, std::optional<std::uint32_t> family = {}) {
  return uf2::parse(uf2_file(blocks), family);
}
std::string error_of(const Blocks &blocks, std::optional<std::uint32_t> family = {}) {
  return text_of(Errc::image, [&] { return parse(blocks, family); });
}
std::string error_of_file(const Bytes &file) {
  return text_of(Errc::image, [&] { return uf2::parse(file); });
}

// Two blocks that follow each other, and one behind a gap.
Blocks three() {
  return {{0x08000000, {1, 2}, 0, 3}, {0x08000002, {3}, 1, 3}, {0x08000100, {4}, 2, 3}};
}
const Segments three_segments{{0x08000000, {1, 2, 3}}, {0x08000100, {4}}};

TEST(Uf2, blocks_that_follow_each_other_join_and_gaps_stay_gaps) {
  EXPECT_EQ(parse(three()), (ParsedFile{three_segments, {}}));
}

TEST(Uf2, blocks_may_come_in_any_order_and_several_times) {
  const Blocks blocks = three();
  EXPECT_EQ(parse({blocks[2], blocks[0], blocks[1], blocks[0]}).segments, three_segments);
}

TEST(Uf2, a_block_holds_up_to_476_bytes) {
  const Bytes data(476, 0x5A);
  EXPECT_EQ(parse({{0x08000000, data}}).segments, (Segments{{0x08000000, data}}));
}

TEST(Uf2, blocks_that_are_not_for_the_main_flash_are_passed_over) {
  Blocks blocks = three();
  blocks[1].flags = 1;
  blocks[1].size = 70000;
  EXPECT_EQ(parse(blocks).segments, (Segments{{0x08000000, {1, 2}}, {0x08000100, {4}}}));
  for (Uf2Block &block : blocks) block.flags |= 1;
  EXPECT_EQ(parse(blocks), ParsedFile{});
}

TEST(Uf2, md5_sums_and_extension_tags_are_passed_over) {
  Blocks blocks = three();
  for (Uf2Block &block : blocks) block.flags = 0xC000;
  EXPECT_EQ(parse(blocks).segments, three_segments);
}

TEST(Uf2, the_family_says_what_chips_the_file_is_for) {
  EXPECT_EQ(parse({{0, {1}, 0, 1, with_family, f4}}).made_for, "STM32F4");
  EXPECT_EQ(parse({{0, {1}, 0, 1, with_family, rp2040}}).made_for, "RP2040");
  EXPECT_EQ(parse({{0, {1}, 0, 1, with_family, 0x12345678}}).made_for, "");
  EXPECT_EQ(parse({{0, {1}, 0, 1, 0, f4}}).made_for, "");  // without the flag it is a size
}

// As `cat a.uf2 b.uf2` makes it: each counts its own blocks.
Blocks two_families() {
  return {{0x08000000, {1}, 0, 2, with_family, f4},
          {0x08000001, {2}, 1, 2, with_family, f4},
          {0x10000000, {3}, 0, 1, with_family, rp2040}};
}

TEST(Uf2, of_several_families_one_has_to_be_chosen) {
  EXPECT_EQ(text_and_hint_of(Errc::image, [] { return parse(two_families()); }),
            "its blocks are for different chips: STM32F4 (0x57755a57), RP2040 (0xe48bff56) | Say "
            "which are wanted: [image.settings] family = \"0x57755a57\".");
  EXPECT_EQ(parse(two_families(), f4), (ParsedFile{{{0x08000000, {1, 2}}}, {}, "STM32F4"}));
  EXPECT_EQ(parse(two_families(), rp2040), (ParsedFile{{{0x10000000, {3}}}, {}, "RP2040"}));
  EXPECT_EQ(error_of(two_families(), 0x5ee21072),
            "none of its blocks is for STM32F1 (0x5ee21072); they are for STM32F4 (0x57755a57), "
            "RP2040 (0xe48bff56)");
  Blocks blocks = two_families();
  blocks[2].flags = 0;
  EXPECT_EQ(error_of(blocks), "its blocks are for different chips: any chip, STM32F4 (0x57755a57)");
  blocks[2].flags = 1;
  blocks.pop_back();
  EXPECT_EQ(parse(blocks).made_for, "STM32F4");
  EXPECT_EQ(error_of({{0, {1}, 0, 1, 1}}, f4), "none of its blocks is for STM32F4 (0x57755a57)");
}

TEST(Uf2, comments_between_the_blocks_of_a_family_count) {
  EXPECT_EQ(
      parse({{0, {1}, 0, 3, with_family, f4}, {0, {9}, 1, 3, 1}, {1, {2}, 2, 3, with_family, f4}})
          .segments,
      (Segments{{0, {1, 2}}}));
}

TEST(Uf2, many_families_are_not_all_listed) {
  Blocks blocks;
  for (std::uint32_t i = 0; i < 20; ++i) blocks.push_back({i, {1}, 0, 1, with_family, i});
  EXPECT_THAT(error_of(blocks), testing::EndsWith("family 0x00000007 and 12 more"));
}

TEST(Uf2, a_missing_block_is_named) {
  Blocks blocks = three();
  blocks.erase(blocks.begin() + 1);
  EXPECT_EQ(error_of(blocks), "block 1 of 0 to 2 is missing");
  blocks.erase(blocks.begin());
  EXPECT_EQ(error_of(blocks), "blocks 0 to 1 of 0 to 2 are missing");
  EXPECT_EQ(error_of({{0, {1}, 0, 0xFFFFFFFF}}),
            "blocks 1 to 4294967294 of 0 to 4294967294 are missing");
}

TEST(Uf2, a_block_that_is_there_twice_must_be_the_same) {
  Blocks blocks = three();
  blocks.push_back(blocks[1]);
  blocks.back().data = {9};
  EXPECT_EQ(error_of(blocks), "block 1 is there twice, at offsets 512 and 1536, and not the same");
  blocks.back() = blocks[1];
  blocks.back().address += 8;
  EXPECT_EQ(error_of(blocks), "block 1 is there twice, at offsets 512 and 1536, and not the same");
}

TEST(Uf2, bytes_given_twice_must_be_equal) {
  Blocks blocks = three();
  blocks[1].address = 0x08000001;
  EXPECT_EQ(text_and_hint_of(Errc::image, [&] { return parse(blocks); }),
            "block 1: byte 0x03 at 0x08000001 differs from 0x02 given in block 0 | Two parts of "
            "the firmware overlap: check what was converted, and to which address.");
  blocks[1].data = {2};
  EXPECT_EQ(parse(blocks).segments, (Segments{{0x08000000, {1, 2}}, {0x08000100, {4}}}));
}

TEST(Uf2, the_last_byte_of_the_address_space_is_an_address_and_the_next_is_not) {
  EXPECT_EQ(parse({{0xFFFFFFFE, {1, 2}}}).segments, (Segments{{0xFFFFFFFE, {1, 2}}}));
  EXPECT_EQ(error_of({{0xFFFFFFFF, {1, 2}}}),
            "block at offset 0: 2 bytes at 0xffffffff reach beyond the 32-bit address space");
}

struct Refusal {
  std::string text;
  std::function<void(Uf2Block &)> change;
};

TEST(Uf2, each_malformed_block_is_named_with_its_offset) {
  const std::vector<Refusal> refusals{
      {"it holds a part of a file for the device's file system",
       [](Uf2Block &block) { block.flags = 0x1000; }},
      {"it holds a part of a file for the device's file system",
       [](Uf2Block &block) { block.flags = 0x1001; }},
      {"it says that it holds 0 bytes; that must be 1 to 476",
       [](Uf2Block &block) { block.size = 0; }},
      {"it says that it holds 477 bytes; that must be 1 to 476",
       [](Uf2Block &block) { block.size = 477; }},
      {"it says that it holds 4294967295 bytes; that must be 1 to 476",
       [](Uf2Block &block) { block.size = 0xFFFFFFFF; }},
      {"its number is 3, but there are 3 blocks, counted from 0",
       [](Uf2Block &block) { block.number = 3; }},
      {"its number is 1, but there are 0 blocks, counted from 0",
       [](Uf2Block &block) { block.total = 0; }},
      {"it says that there are 4 blocks, the one at offset 0 says 3",
       [](Uf2Block &block) { block.total = 4; }},
  };
  for (const Refusal &refusal : refusals) {
    Blocks blocks = three();
    refusal.change(blocks[1]);
    EXPECT_EQ(error_of(blocks), "block at offset 512: " + refusal.text);
  }
  for (const auto &[at, text] : std::vector<std::pair<std::size_t, std::string>>{
           {0, "it does not begin with UF2's magic numbers"},
           {7, "it does not begin with UF2's magic numbers"},
           {508, "it does not end with UF2's magic number 0x0ab16f30"},
           {511, "it does not end with UF2's magic number 0x0ab16f30"}}) {
    Bytes file = uf2_file(three());
    file[512 + at] ^= 1;
    EXPECT_EQ(error_of_file(file), "block at offset 512: " + text);
  }
}

TEST(Uf2, every_truncation_is_noticed) {
  const Bytes file = uf2_file(three());
  for (std::size_t size = 0; size < file.size(); ++size) {
    EXPECT_NE(error_of_file(Bytes(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(size))),
              "")
        << size;
  }
  EXPECT_EQ(error_of_file(Bytes()), "it does not begin as a UF2 file does");
  EXPECT_EQ(error_of_file(Bytes(file.begin(), file.begin() + 1000)),
            "the file ends inside a block: it has 1000 bytes, not a multiple of 512");
  EXPECT_EQ(error_of_file(Bytes(file.begin(), file.begin() + 1024)),
            "block 2 of 0 to 2 is missing");
}

TEST(Uf2, a_file_of_something_else_is_told_so) {
  EXPECT_EQ(text_and_hint_of(Errc::image, [] { return uf2::parse(Bytes(512)); }),
            "it does not begin as a UF2 file does | Is this a UF2 file? If not, name its format: "
            "--format, "
            "or image.format in the board file.");
}

TEST(Uf2, families_are_found_by_id_and_by_name) {
  EXPECT_EQ(uf2::family_name(0x5ee21072), "STM32F1");
  EXPECT_EQ(uf2::family_name(0), "");
  EXPECT_EQ(uf2::family_id("STM32F4"), f4);
  EXPECT_EQ(uf2::family_id("STM32F411"), 0x06d1097bU);
  EXPECT_EQ(uf2::family_id("STM32"), std::nullopt);
}

}  // namespace
}  // namespace flashhost
