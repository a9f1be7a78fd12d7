#include "ihex.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace flashhost {
namespace {

std::string written(const ParsedFile &content) {
  const Bytes file = ihex::write(content);
  return {file.begin(), file.end()};
}

ParsedFile parsed(const std::string &text) {
  return ihex::parse({reinterpret_cast<const std::uint8_t *>(text.data()), text.size()});
}

TEST(IhexWriter, nothing_is_an_end_record) {
  EXPECT_EQ(written({}), ":00000001FF\n");
}

TEST(IhexWriter, says_the_upper_half_of_an_address_once_for_each_64_kib) {
  EXPECT_EQ(written({{{0x0800FFFE, {1, 2, 3}}, {0x08010010, {4}}}, {}}),
            ":020000040800F2\n"
            ":02FFFE000102FE\n"
            ":020000040801F1\n"
            ":0100000003FC\n"
            ":0100100004EB\n"
            ":00000001FF\n");
}

TEST(IhexWriter, needs_no_upper_half_below_64_kib) {
  EXPECT_EQ(written({{{0x10, {1, 2, 3, 4}}}, {}}), ":0400100001020304E2\n:00000001FF\n");
}

TEST(IhexWriter, cuts_lines_at_multiples_of_16) {
  EXPECT_EQ(written({{{0x0E, Bytes(19, 0)}}, {}}),
            ":02000E000000F0\n"
            ":1000100000000000000000000000000000000000E0\n"
            ":0100200000DF\n"
            ":00000001FF\n");
}

TEST(IhexWriter, keeps_the_entry_point) {
  EXPECT_EQ(written({{}, 0x08000131}), ":0400000508000131BD\n:00000001FF\n");
}

TEST(IhexWriter, reaches_the_last_byte_of_the_address_space) {
  const ParsedFile content{{{0xFFFFFFFD, {1, 2, 3}}}, {}};
  EXPECT_EQ(parsed(written(content)), content);
}

TEST(IhexWriter, what_it_wrote_parses_to_the_same) {
  std::mt19937 random(1);  // NOLINT(cert-msc51-cpp): the same images in each run
  for (int round = 0; round < 500; ++round) {
    ParsedFile content;
    std::uint64_t at = random();
    while (content.segments.size() < 5 && at < 0xFFF00000) {
      Bytes bytes(1 + random() % (round % 10 == 0 ? 0x20000 : 300));
      for (std::uint8_t &byte : bytes) byte = static_cast<std::uint8_t>(random());
      content.segments.push_back({static_cast<std::uint32_t>(at), std::move(bytes)});
      at = content.segments.back().end() + 1 + random() % 0x30000;
    }
    ASSERT_EQ(parsed(written(content)), content) << "round " << round;
  }
}

}  // namespace
}  // namespace flashhost
