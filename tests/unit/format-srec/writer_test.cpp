#include "srec.hpp"
#include "thrown.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace flashhost {
namespace {

std::string written(const ParsedFile &content) {
  const Bytes file = srec::write(content);
  return {file.begin(), file.end()};
}

TEST(SrecWriter, nothing_is_a_title_a_count_and_an_end) {
  EXPECT_EQ(written({}), "S00600004844521B\nS5030000FC\nS9030000FC\n");
}

TEST(SrecWriter, the_highest_address_decides_the_width) {
  EXPECT_EQ(written({{{0x10, {1, 2, 3, 4}}, {0xFFFF, {5}}}, {}}),
            "S00600004844521B\nS107001001020304DE\nS104FFFF05F8\nS5030002FA\nS9030000FC\n");
  EXPECT_EQ(written({{{0, {1}}, {0x10000, {5}}}, {}}),
            "S00600004844521B\nS20500000001F9\nS20501000005F4\nS5030002FA\nS804000000FB\n");
  EXPECT_EQ(written({{{0x08000000, {0xAB}}}, 0x08000131}),
            "S00600004844521B\nS30608000000AB46\nS5030001FB\nS70508000131C0\n");
}

TEST(SrecWriter, the_entry_point_may_need_more_width_than_the_data) {
  EXPECT_EQ(written({{{0, {1}}}, 0x123456}),
            "S00600004844521B\nS20500000001F9\nS5030001FB\nS8041234565F\n");
}

TEST(SrecWriter, cuts_lines_at_multiples_of_16) {
  EXPECT_EQ(written({{{0x0E, Bytes(19, 0)}}, {}}),
            "S00600004844521B\n"
            "S105000E0000EC\n"
            "S113001000000000000000000000000000000000DC\n"
            "S104002000DB\n"
            "S5030003F9\n"
            "S9030000FC\n");
}

TEST(SrecWriter, more_records_than_s5_can_count_are_counted_by_s6) {
  const auto last_but_one = [](const std::string &text) {
    const std::size_t end = text.rfind("\nS");
    return text.substr(text.rfind('\n', end - 1) + 1, 10);
  };
  EXPECT_EQ(last_but_one(written({{{0, Bytes(0xFFFF0)}}, {}})), "S503FFFFFE");
  EXPECT_EQ(last_but_one(written({{{0, Bytes(0x100000)}}, {}})), "S604010000");
}

TEST(SrecWriter, an_entry_point_of_0_cannot_be_told_from_none) {
  EXPECT_EQ(bench::text_and_hint_of(Errc::image, [] { return srec::write({{}, 0}); }),
            "S-records cannot express an entry point of 0x00000000 | An address of 0 in the last "
            "record means that there is none. Leave the entry point out, or use another format.");
}

TEST(SrecWriter, what_it_wrote_parses_to_the_same) {
  std::mt19937 random(1);  // NOLINT(cert-msc51-cpp): the same images in each run
  for (int round = 0; round < 500; ++round) {
    const std::uint64_t largest = (std::uint64_t{1} << (8 * (2 + round % 3))) - 1;
    ParsedFile content;
    std::uint64_t at = random() % largest;
    while (content.segments.size() < 5 && at < largest) {
      Bytes bytes(1 + random() % (round % 30 == 2 ? 0x20000 : 300));
      if (at + bytes.size() > largest + 1) break;
      for (std::uint8_t &byte : bytes) byte = static_cast<std::uint8_t>(random());
      content.segments.push_back({static_cast<std::uint32_t>(at), std::move(bytes)});
      at = content.segments.back().end() + 1 + random() % 0x3000;
    }
    if (round % 2 == 0) content.entry_point = static_cast<std::uint32_t>(1 + random() % largest);
    ASSERT_EQ(srec::parse(srec::write(content)), content) << "round " << round;
  }
}

TEST(SrecWriter, reaches_the_last_byte_of_the_address_space) {
  const ParsedFile content{{{0xFFFFFFFD, {1, 2, 3}}}, {}};
  EXPECT_EQ(srec::parse(srec::write(content)), content);
}

}  // namespace
}  // namespace flashhost
