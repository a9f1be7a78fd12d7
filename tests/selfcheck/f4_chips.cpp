// Every row of family-f4's tables.
#include "f4.hpp"
#include "registers.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <set>

namespace {

using namespace flashhost;

constexpr std::uint32_t kib = 1024;

Chip described(std::string_view name) {
  return find_chip(f4::parts(), name).value_or(Chip{});
}

// As identified at 3.3 V. The option bit is for chips of a megabyte.
Chip built(const Chip &part, bool option_bit) {
  const bool divided = option_bit && part.flash.size == 1024 * kib;
  Chip chip = f4::make_chip(f4::line_of(part), f4::Parallelism::x32,
                            divided ? f4::Megabyte::two_banks : f4::Megabyte::one_bank);
  f4::set_flash(chip, part.flash.size);
  return chip;
}

TEST(F4Lines, EachDeviceIdStandsOnceAndItsChipsFindTheirLine) {
  std::set<std::uint32_t> ids;
  for (const f4::Line &line : f4::lines()) {
    EXPECT_TRUE(ids.insert(line.device_id).second) << line.name;
    for (const f4::Megabyte megabyte : {f4::Megabyte::one_bank, f4::Megabyte::two_banks}) {
      const Chip chip = f4::make_chip(line, f4::Parallelism::x32, megabyte);
      EXPECT_EQ(&f4::line_of(chip), &line) << line.name;
    }
  }
  EXPECT_EQ(ids, (std::set<std::uint32_t>{0x413, 0x419, 0x421, 0x423, 0x431, 0x433, 0x434, 0x441,
                                          0x458, 0x463}));
}

TEST(F4Lines, TheLargestPartFillsTheDie) {
  for (const f4::Line &line : f4::lines()) {
    const auto sizes = flash_sizes(f4::parts(), line.device_id);
    ASSERT_FALSE(sizes.empty()) << line.name;
    EXPECT_EQ(sizes.back(), line.maximum_kib * kib) << line.name;
  }
}

TEST(F4Lines, RevisionsAreKnownAndZeroIsNoFiller) {
  for (const f4::Line &line : f4::lines()) {
    EXPECT_FALSE(line.revisions().empty()) << line.name;
    EXPECT_EQ(std::ranges::find(line.revisions(), 0), line.revisions().end()) << line.name;
  }
}

TEST(F4Lines, TheCommonNameOfEachSizeIsAPartOfThatLineAndSize) {
  for (const f4::Line &line : f4::lines()) {
    for (const std::uint32_t size : flash_sizes(f4::parts(), line.device_id)) {
      const std::string name = common_part(f4::parts(), line.device_id, size, line.part_names).name;
      EXPECT_TRUE(name.starts_with(line.part_names)) << name;
      const Chip chip = described(name);
      EXPECT_EQ(chip.device_id, line.device_id) << name;
      EXPECT_EQ(chip.flash.size, size) << name;
    }
  }
}

TEST(F4Lines, PartsOfALineHaveTheSameRam) {
  for (const Part &part : f4::parts()) {
    EXPECT_EQ(part.chip.ram.size,
              common_part(f4::parts(), part.chip.device_id, part.chip.flash.size, "").ram_size)
        << part.pattern;
  }
}

TEST(F4Lines, EachProtectionBitStandsForASectorOfABank) {
  for (const f4::Line &line : f4::lines()) {
    const auto sectors =
        f4::make_chip(line, f4::Parallelism::x32, f4::Megabyte::one_bank).sectors.size();
    const int bits = __builtin_popcount(line.nwrp);
    // F413: 16 sectors, the last two share a bit.
    EXPECT_LE(sectors / line.banks, static_cast<std::size_t>(bits) + (bits == 15 ? 1 : 0))
        << line.name;
  }
}

TEST(F4Parts, EachNameStandsOnceAndDescribesItself) {
  std::set<std::string> names;
  for (const std::string &name : part_names(f4::parts())) {
    EXPECT_TRUE(names.insert(name).second) << name;
    EXPECT_EQ(described(name).name, name);
  }
  EXPECT_GE(names.size(), 100U);
}

TEST(F4Parts, EachLetterStandsForItsSize) {
  const std::string letters = "8BCDEGHI";
  const std::vector<std::uint32_t> sizes{64, 128, 256, 384, 512, 1024, 1536, 2048};
  for (const Part &part : f4::parts()) {
    const auto at = letters.find(part.pattern.back());
    ASSERT_NE(at, std::string::npos) << part.pattern;
    EXPECT_EQ(part.chip.flash.size, sizes[at] * kib) << part.pattern;
  }
}

class F4Part : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override { ASSERT_EQ(chip.name, GetParam()); }
  Chip chip = described(GetParam());
};

TEST_P(F4Part, SectorsTileTheFlash) {
  for (const bool option_bit : {false, true}) {
    const Chip made = built(chip, option_bit);
    std::uint64_t next = made.flash.address;
    for (const Sector &sector : made.sectors) {
      EXPECT_EQ(sector.address, next);
      EXPECT_TRUE(sector.size == 16 * kib || sector.size == 64 * kib || sector.size == 128 * kib);
      EXPECT_EQ(sector.address % sector.size, 0U);
      EXPECT_EQ(2 * sector.erase_typical, sector.erase_maximum);
      next = sector.range().end();
    }
    EXPECT_EQ(next, made.flash.end());
    EXPECT_EQ(wrong_flash_size(made, made.flash.size), std::nullopt);
  }
}

TEST_P(F4Part, SectorNumbersAscendWithinABankAndTheSecondStartsAt16) {
  for (const bool option_bit : {false, true}) {
    const Chip made = built(chip, option_bit);
    std::uint32_t expected = 0;
    for (const Sector &sector : made.sectors) {
      const bool second_bank = f4::two_banks(made) && expected < 0x10 &&
                               sector.address >= made.flash.address + f4::bank_size(made);
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
  Nanoseconds last{};
  for (const f4::Parallelism width :
       {f4::Parallelism::x32, f4::Parallelism::x16, f4::Parallelism::x8}) {
    const Chip made = f4::make_chip(f4::line_of(chip), width, f4::Megabyte::one_bank);
    EXPECT_GT(made.sectors.front().erase_typical, last);
    EXPECT_EQ(made.program_unit, static_cast<std::uint32_t>(width));
    last = made.sectors.front().erase_typical;
  }
}

INSTANTIATE_TEST_SUITE_P(All, F4Part, testing::ValuesIn(part_names(f4::parts())),
                         [](const auto &name) { return name.param; });

TEST(F4Banks, DependOnSizeAndOptionBit) {
  const auto in_two_banks = [](std::uint32_t device_id, std::uint32_t size, bool option_bit) {
    const auto part = std::ranges::find_if(f4::parts(), [&](const Part &one) {
      return one.chip.device_id == device_id && one.chip.flash.size == size;
    });
    return f4::two_banks(built(part->chip, option_bit));
  };
  EXPECT_TRUE(in_two_banks(0x419, 2048 * kib, false));
  EXPECT_FALSE(in_two_banks(0x419, 1024 * kib, false));
  EXPECT_TRUE(in_two_banks(0x419, 1024 * kib, true));
  EXPECT_FALSE(in_two_banks(0x419, 512 * kib, true));
  EXPECT_FALSE(in_two_banks(0x413, 1024 * kib, true));
}

}  // namespace
