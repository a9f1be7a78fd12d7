// Every row of family-f4's tables: what holds for the F4 alone.
#include "family-f4/f4.hpp"
#include "family-f4/registers.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace {

using namespace flashhost;
using stm32::kib;

// As identified at 3.3 V. The option bit is for chips of a megabyte.
Chip built(const Chip &part, bool option_bit) {
  const bool divided = option_bit && part.flash.size == 1024 * kib;
  Chip chip = f4::make_chip(f4::line_of(part), f4::Parallelism::x32,
                            divided ? f4::Megabyte::two_banks : f4::Megabyte::one_bank);
  f4::set_flash(chip, part.flash.size);
  return chip;
}

TEST(F4Lines, RevisionsAreKnownAndZeroIsNoFiller) {
  for (const f4::Line &line : f4::lines()) {
    EXPECT_FALSE(line.revisions().empty()) << line.name;
    EXPECT_EQ(std::ranges::find(line.revisions(), 0), line.revisions().end()) << line.name;
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

class F4Part : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override { ASSERT_EQ(chip.name, GetParam()); }
  Chip chip = find_chip(f4::parts(), GetParam()).value_or(Chip{});
};

TEST_P(F4Part, SectorsTileTheFlash) {
  for (const bool option_bit : {false, true}) {
    const Chip made = built(chip, option_bit);
    EXPECT_EQ(&f4::line_of(made), &f4::line_of(chip));
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
