// Every row of family-f4's tables.
#include "chips.hpp"
#include "registers.hpp"

#include <gmock/gmock.h>

#include <set>

namespace {

using namespace flashhost;

constexpr std::uint32_t kib = 1024;

TEST(F4Lines, EachDeviceIdStandsOnceAndIsFoundAgain) {
  std::set<std::uint32_t> ids;
  for (const f4::Line &line : f4::lines()) {
    EXPECT_TRUE(ids.insert(line.device_id).second) << line.name;
    EXPECT_EQ(f4::find_line(line.device_id), &line) << line.name;
  }
  EXPECT_EQ(ids, (std::set<std::uint32_t>{0x413, 0x419, 0x421, 0x423, 0x431, 0x433, 0x434, 0x441,
                                          0x458, 0x463}));
}

TEST(F4Lines, TheLargestPartFillsTheDie) {
  for (const f4::Line &line : f4::lines()) {
    ASSERT_FALSE(f4::flash_sizes(line).empty()) << line.name;
    EXPECT_EQ(f4::flash_sizes(line).back(), line.maximum_kib * kib) << line.name;
  }
}

TEST(F4Lines, RevisionsAreKnownAndZeroIsNoFiller) {
  for (const f4::Line &line : f4::lines()) {
    EXPECT_TRUE(f4::has_revision(line, line.revisions[0])) << line.name;
    EXPECT_FALSE(f4::has_revision(line, 0)) << line.name;
    EXPECT_FALSE(f4::has_revision(line, 0x7777)) << line.name;
  }
}

TEST(F4Lines, TheCommonNameOfEachSizeIsAPartOfThatLineAndSize) {
  for (const f4::Line &line : f4::lines()) {
    for (const std::uint32_t size : f4::flash_sizes(line)) {
      const std::string name = f4::common_name(line, size);
      const Chip chip = f4::describe(name).value_or(Chip{});
      EXPECT_EQ(chip.device_id, line.device_id) << name;
      EXPECT_EQ(chip.flash.size, size) << name;
    }
  }
}

TEST(F4Lines, PartsOfALineHaveTheSameRam) {
  for (const f4::Part &part : f4::parts()) {
    EXPECT_EQ(part.ram_kib * kib,
              stm32::least_ram(f4::parts(), part.device_id, part.flash_kib * kib))
        << part.series << part.size;
  }
}

TEST(F4Lines, EachProtectionBitStandsForASectorOfABank) {
  for (const f4::Line &line : f4::lines()) {
    const auto sectors = f4::make_chip(line, {"", line.maximum_kib * kib, 32 * kib,
                                              f4::banks_for(line, line.maximum_kib * kib, false)})
                             .sectors.size();
    const int bits = __builtin_popcount(line.nwrp);
    // F413: 16 sectors, the last two share a bit.
    EXPECT_LE(sectors / line.banks, static_cast<std::size_t>(bits) + (bits == 15 ? 1 : 0))
        << line.name;
  }
}

TEST(F4Parts, EachNameStandsOnceAndDescribesItself) {
  std::set<std::string> names;
  for (const std::string &name : f4::part_names()) {
    EXPECT_TRUE(names.insert(name).second) << name;
    EXPECT_EQ(f4::describe(name).value_or(Chip{}).name, name);
  }
  EXPECT_GE(names.size(), 100U);
}

TEST(F4Parts, EachLetterStandsForItsSize) {
  const std::string letters = "8BCDEGHI";
  const std::vector<int> sizes{64, 128, 256, 384, 512, 1024, 1536, 2048};
  for (const f4::Part &part : f4::parts()) {
    const auto at = letters.find(part.size);
    ASSERT_NE(at, std::string::npos) << part.series << part.size;
    EXPECT_EQ(part.flash_kib, sizes[at]) << part.series << part.size;
    EXPECT_NE(f4::find_line(part.device_id), nullptr) << part.series << part.size;
  }
}

class F4Part : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override { ASSERT_EQ(chip.name, GetParam()); }
  Chip chip = f4::describe(GetParam()).value_or(Chip{});
};

TEST_P(F4Part, SectorsTileTheFlash) {
  for (const bool option_bit : {false, true}) {
    const f4::Line &line = *f4::find_line(chip.device_id);
    const Chip made = f4::make_chip(line, {chip.name, chip.flash.size, chip.ram.size,
                                           f4::banks_for(line, chip.flash.size, option_bit)});
    std::uint64_t next = made.flash.address;
    for (const Sector &sector : made.sectors) {
      EXPECT_EQ(sector.address, next);
      EXPECT_TRUE(sector.size == 16 * kib || sector.size == 64 * kib || sector.size == 128 * kib);
      EXPECT_EQ(sector.address % sector.size, 0U);
      EXPECT_EQ(2 * sector.erase_typical, sector.erase_maximum);
      next = sector.range().end();
    }
    EXPECT_EQ(next, made.flash.end());
    EXPECT_TRUE(f4::whole_sectors(made.flash.size));
  }
}

TEST_P(F4Part, SectorNumbersAscendWithinABankAndTheSecondStartsAt16) {
  for (const bool option_bit : {false, true}) {
    const f4::Line &line = *f4::find_line(chip.device_id);
    const Chip made = f4::make_chip(line, {chip.name, chip.flash.size, chip.ram.size,
                                           f4::banks_for(line, chip.flash.size, option_bit)});
    std::uint32_t expected = 0;
    for (const Sector &sector : made.sectors) {
      const bool second_bank = f4::banks_of(made) == f4::Banks::two && expected < 0x10 &&
                               sector.address >= made.flash.address + made.flash.size / 2;
      if (second_bank) expected = 0x10;
      EXPECT_EQ(f4::sector_number(made, sector.address), expected) << sector.address;
      EXPECT_EQ(f4::sector_number(made, sector.address + sector.size - 1), expected);
      ++expected;
    }
  }
}

TEST_P(F4Part, SizesAndTimesArePlausible) {
  EXPECT_EQ(chip.flash.address, 0x08000000U);
  EXPECT_GE(chip.die_flash_size, chip.flash.size);
  EXPECT_GE(chip.ram.size, 32 * kib);
  EXPECT_LE(chip.ram.size, 320 * kib);
  EXPECT_EQ(chip.program_unit, 4U);
  EXPECT_LE(chip.program_typical, chip.program_maximum);
  EXPECT_LE(chip.mass_erase_typical, chip.mass_erase_maximum);
  EXPECT_EQ(chip.erased_value, 0xFF);
}

TEST_P(F4Part, NoSpecialRangeTouchesTheFlashOrAnother) {
  for (std::size_t i = 0; i < chip.special.size(); ++i) {
    EXPECT_FALSE(chip.special[i].name.empty());
    EXPECT_FALSE(chip.special[i].range.overlaps(chip.flash)) << chip.special[i].name;
    for (std::size_t j = 0; j < i; ++j) {
      EXPECT_FALSE(chip.special[i].range.overlaps(chip.special[j].range))
          << chip.special[i].name << " and " << chip.special[j].name;
    }
  }
}

TEST_P(F4Part, NarrowerProgrammingErasesMoreSlowly) {
  const f4::Line &line = *f4::find_line(chip.device_id);
  Nanoseconds last{};
  for (const f4::Parallelism width :
       {f4::Parallelism::x32, f4::Parallelism::x16, f4::Parallelism::x8}) {
    const Chip made =
        f4::make_chip(line, {chip.name, chip.flash.size, chip.ram.size, f4::Banks::one, width});
    EXPECT_GT(made.sectors.front().erase_typical, last);
    EXPECT_EQ(f4::parallelism_of(made), width);
    last = made.sectors.front().erase_typical;
  }
}

INSTANTIATE_TEST_SUITE_P(All, F4Part, testing::ValuesIn(f4::part_names()),
                         [](const auto &name) { return name.param; });

TEST(F4Banks, DependOnSizeAndOptionBit) {
  const f4::Line &dual = *f4::find_line(0x419);
  EXPECT_EQ(f4::banks_for(dual, 2048 * kib, false), f4::Banks::two);
  EXPECT_EQ(f4::banks_for(dual, 1024 * kib, false), f4::Banks::one);
  EXPECT_EQ(f4::banks_for(dual, 1024 * kib, true), f4::Banks::two);
  EXPECT_EQ(f4::banks_for(dual, 512 * kib, true), f4::Banks::one);
  EXPECT_EQ(f4::banks_for(*f4::find_line(0x413), 1024 * kib, true), f4::Banks::one);
}

}  // namespace
