// Every row of family-f1's tables.
#include "f1.hpp"
#include "registers.hpp"

#include <flashhost/text.hpp>

#include <gmock/gmock.h>

#include <algorithm>
#include <bit>
#include <set>

namespace {

using namespace flashhost;

constexpr std::uint32_t kib = 1024;

Chip described(std::string_view name) {
  return find_chip(f1::parts(), name).value_or(Chip{});
}

TEST(F1Lines, EachDeviceIdStandsOnceAndItsChipsFindTheirLine) {
  std::set<std::uint32_t> ids;
  for (const f1::Line &line : f1::lines()) {
    EXPECT_TRUE(ids.insert(line.device_id).second) << line.name;
    EXPECT_EQ(&f1::line_of(f1::make_chip(line)), &line) << line.name;
  }
  EXPECT_EQ(ids, (std::set<std::uint32_t>{0x410, 0x412, 0x414, 0x418, 0x420, 0x428, 0x430}));
}

TEST(F1Lines, TheLargestPartFillsTheDie) {
  for (const f1::Line &line : f1::lines()) {
    const auto sizes = flash_sizes(f1::parts(), line.device_id);
    ASSERT_FALSE(sizes.empty()) << line.name;
    EXPECT_EQ(sizes.back(), line.maximum_kib * kib) << line.name;
  }
}

TEST(F1Lines, RevisionsAreKnownAndZeroIsNoFiller) {
  for (const f1::Line &line : f1::lines()) {
    ASSERT_GT(line.revision_count, 0) << line.name;
    ASSERT_LE(line.revision_count, line.revision_list.size()) << line.name;
    const bool has_zero = std::ranges::find(line.revisions(), 0) != line.revisions().end();
    EXPECT_EQ(has_zero, line.device_id == 0x410) << line.name;
  }
}

TEST(F1Lines, SystemMemoryEndsBeforeTheOptionBytes) {
  for (const f1::Line &line : f1::lines()) {
    EXPECT_EQ(line.system_memory.end(), f1::option_base) << line.name;
  }
}

TEST(F1Lines, TheCommonNameOfEachSizeIsAPartOfThatLineAndSize) {
  for (const f1::Line &line : f1::lines()) {
    for (const std::uint32_t size : flash_sizes(f1::parts(), line.device_id)) {
      const std::string name = common_part(f1::parts(), line.device_id, size, line.part_names).name;
      EXPECT_TRUE(name.starts_with(line.part_names)) << name;
      const Chip chip = described(name);
      EXPECT_EQ(chip.device_id, line.device_id) << name;
      EXPECT_EQ(chip.flash.size, size) << name;
    }
  }
}

TEST(F1Lines, TheLeastSramIsThatOfARealPartAndOfNoneLess) {
  for (const f1::Line &line : f1::lines()) {
    for (const std::uint32_t size : flash_sizes(f1::parts(), line.device_id)) {
      const std::uint32_t least = common_part(f1::parts(), line.device_id, size, "").ram_size;
      bool real = false;
      for (const Part &part : f1::parts()) {
        if (part.chip.device_id != line.device_id || part.chip.flash.size != size) continue;
        EXPECT_LE(least, part.chip.ram.size) << part.pattern;
        real = real || least == part.chip.ram.size;
      }
      EXPECT_TRUE(real) << line.name << " " << size;
    }
  }
}

TEST(F1Parts, EachNameStandsOnceAndDescribesItself) {
  std::set<std::string> names;
  for (const std::string &name : part_names(f1::parts())) {
    EXPECT_TRUE(names.insert(name).second) << name;
    EXPECT_EQ(described(name).name, name);
  }
  EXPECT_EQ(names.size(), 95U) << "the parts of the manual, all packages";
}

TEST(F1Parts, EachLetterStandsForItsSizeAndItsLine) {
  const std::string letters = "468BCDEFG";
  const std::vector<std::uint32_t> sizes{16, 32, 64, 128, 256, 384, 512, 768, 1024};
  for (const Part &part : f1::parts()) {
    const auto at = letters.find(part.pattern.back());
    ASSERT_NE(at, std::string::npos) << part.pattern;
    EXPECT_EQ(part.chip.flash.size, sizes[at] * kib) << part.pattern;
    EXPECT_EQ(part.chip.die_flash_size, f1::line_of(part.chip).maximum_kib * kib) << part.pattern;
  }
}

class F1Part : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override { ASSERT_EQ(chip.name, GetParam()); }
  Chip chip = described(GetParam());
};

TEST_P(F1Part, SectorsTileTheFlash) {
  std::uint64_t next = chip.flash.address;
  for (const Sector &sector : chip.sectors) {
    EXPECT_EQ(sector.address, next);
    EXPECT_TRUE(std::has_single_bit(sector.size));
    EXPECT_GT(sector.erase_typical, Nanoseconds(0));
    EXPECT_LE(sector.erase_typical, sector.erase_maximum);
    next = sector.range().end();
  }
  EXPECT_EQ(next, chip.flash.end());
}

TEST_P(F1Part, SizesAndTimesArePlausible) {
  EXPECT_EQ(chip.flash.address, 0x08000000U);
  EXPECT_GE(chip.die_flash_size, chip.flash.size);
  EXPECT_GE(chip.ram.size, 4 * kib);
  EXPECT_LE(chip.ram.size, 96 * kib);
  EXPECT_EQ(chip.program_unit, 2U);
  EXPECT_LE(chip.program_typical, chip.program_maximum);
  EXPECT_LE(chip.mass_erase_typical, chip.mass_erase_maximum);
  EXPECT_EQ(chip.erased_value, 0xFF);
}

TEST_P(F1Part, NoSpecialRangeTouchesTheFlashOrAnother) {
  for (std::size_t i = 0; i < chip.special.size(); ++i) {
    EXPECT_FALSE(chip.special[i].name.empty());
    EXPECT_FALSE(chip.special[i].range.overlaps(chip.flash)) << chip.special[i].name;
    for (std::size_t j = 0; j < i; ++j) {
      EXPECT_FALSE(chip.special[i].range.overlaps(chip.special[j].range))
          << chip.special[i].name << " and " << chip.special[j].name;
    }
  }
}

TEST_P(F1Part, OnlyTheXlLineHasTwoBanks) {
  EXPECT_EQ(chip.mass_erase_typical > chip.sectors.front().erase_typical, chip.device_id == 0x430);
}

INSTANTIATE_TEST_SUITE_P(All, F1Part, testing::ValuesIn(part_names(f1::parts())),
                         [](const auto &name) { return name.param; });

}  // namespace
