#include <flashhost/parts.hpp>

#include <gmock/gmock.h>

namespace {

using namespace flashhost;
using testing::ElementsAre;

Part part(const char *pattern, std::uint32_t id, std::uint32_t flash, std::uint32_t ram) {
  Chip chip;
  chip.device_id = id;
  chip.flash.size = flash;
  chip.ram.size = ram;
  return {pattern, chip};
}

std::string name_of(const std::vector<Part> &parts, std::string_view name) {
  return find_chip(parts, name).value_or(Chip{}).name;
}

TEST(Parts, BracketsStandForEachOfTheirLetters) {
  const std::vector<Part> parts{part("AB[CD]1[E]", 1, 1, 1), part("XY", 2, 1, 1)};
  EXPECT_THAT(part_names(parts), ElementsAre("ABC1E", "ABD1E", "XY"));
  EXPECT_EQ(common_name("AB[CD]1[E]"), "ABx1x");
}

TEST(Parts, ANameIsFoundInAnyCaseWithXForABracketAndWithARest) {
  const std::vector<Part> parts{part("AB[CD]1", 1, 1, 1)};
  EXPECT_EQ(name_of(parts, "abd1"), "ABD1");
  EXPECT_EQ(name_of(parts, "ABX1"), "ABx1");
  EXPECT_EQ(name_of(parts, "ABC1T6TR"), "ABC1");
  EXPECT_EQ(name_of(parts, "ABC1123456789"), "ABC1");
  for (const char *name : {"", "AB", "ABE1", "XBC1", "ABC", "ABC1-T6", "ABC1 ", "ABC11234567890"}) {
    EXPECT_EQ(name_of(parts, name), "") << name;
  }
}

TEST(Parts, OfTwoPatternsTheLongerOneCounts) {
  const std::vector<Part> parts{part("AB1", 1, 1, 1), part("AB12", 2, 1, 1)};
  EXPECT_EQ(find_chip(parts, "AB12").value_or(Chip{}).device_id, 2U);
  EXPECT_EQ(find_chip(parts, "AB13").value_or(Chip{}).device_id, 1U);
}

TEST(Parts, WhatADeviceIdStandsForIsTheLargestPartThatTheFlashHolds) {
  const std::vector<Part> parts{part("A1S", 1, 64, 10), part("B1S", 1, 64, 8),
                                part("B1L", 1, 128, 20), part("C2S", 2, 64, 4)};
  EXPECT_THAT(flash_sizes(parts, 1), ElementsAre(64U, 128U));
  EXPECT_EQ(common_part(parts, 1, 100, "B1").name, "B1S");
  EXPECT_EQ(common_part(parts, 1, 100, "").name, "A1S");
  EXPECT_EQ(common_part(parts, 1, 100, "B1").ram_size, 8U) << "the least of its kind";
  EXPECT_EQ(common_part(parts, 1, 500, "B1").name, "B1L");
  EXPECT_EQ(common_part(parts, 1, 10, "B1").name, "B1S") << "the smallest when none fits";
  EXPECT_EQ(common_part(parts, 9, 64, "B1").name, "");
}

}  // namespace
