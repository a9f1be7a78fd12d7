#include "family/family_suite.hpp"

#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <algorithm>
#include <bit>
#include <cctype>
#include <set>

namespace flashhost::conformance {

FLASHHOST_CONFORMANCE_SUITE(FamilyFacts, family, 1);

std::vector<Chip> FamilyFacts::all_chips() {
  std::vector<Chip> chips;
  for (Part &part : family().parts()) {
    part.chip.name = common_name(part.pattern);
    chips.push_back(std::move(part.chip));
  }
  return chips;
}

TEST_P(FamilyFacts, UnknownSettingIsRejectedByName) {
  expect_unknown_setting_is_refused<Family>();
}

TEST_P(FamilyFacts, EveryChipIsListedOnceAndDescribedInAnyCase) {
  const std::vector<Part> parts = family().parts();
  const std::vector<std::string> names = part_names(parts);
  EXPECT_FALSE(names.empty());
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), names.size());
  for (const std::string &name : names) {
    const auto chip = find_chip(parts, name);
    ASSERT_TRUE(chip.has_value()) << name;
    EXPECT_EQ(chip.value_or(Chip{}).name, name)
        << "another row of the table matches this name, too";
    std::string lower = name;
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    EXPECT_EQ(find_chip(parts, lower), chip) << name;
  }
}

TEST_P(FamilyFacts, OrderCodesAreUnderstood) {
  const std::vector<Part> parts = family().parts();
  for (const auto &[code, chip] : given().order_codes) {
    const auto found = find_chip(parts, code);
    const auto named = find_chip(parts, chip);
    ASSERT_TRUE(found && named) << code;
    const Chip by_code = found.value_or(Chip{});
    const Chip by_name = named.value_or(Chip{});
    EXPECT_EQ(by_code.flash, by_name.flash) << code;
    EXPECT_EQ(by_code.ram, by_name.ram) << code;
    EXPECT_EQ(by_code.sectors, by_name.sectors) << code;
  }
}

TEST_P(FamilyFacts, UnknownChipIsNothing) {
  for (const char *name : {"", "NO-SUCH-CHIP-0000", "\xff\xfe"}) {
    EXPECT_EQ(find_chip(family().parts(), name), std::nullopt) << name;
  }
}

TEST_P(FamilyFacts, SectorsTileTheFlash) {
  for (const Chip &chip : all_chips()) {
    SCOPED_TRACE(chip.name);
    EXPECT_GT(chip.flash.size, 0U);
    EXPECT_GE(chip.die_flash_size, chip.flash.size);
    std::uint64_t next = chip.flash.address;
    for (const Sector &sector : chip.sectors) {
      ASSERT_EQ(sector.address, next);
      ASSERT_GT(sector.size, 0U);
      next = sector.range().end();
    }
    EXPECT_EQ(next, chip.flash.end());
    EXPECT_TRUE(chip.flash.contains(chip.boot_address)) << hex(chip.boot_address);
    EXPECT_EQ(wrong_flash_size(chip, chip.flash.size), std::nullopt);
    Chip cut = chip;
    set_flash_size(cut, chip.flash.size);
    EXPECT_EQ(cut.sectors, chip.sectors)
        << "the chip's sectors are not the first ones of die_sectors";
  }
}

TEST_P(FamilyFacts, TimesAreGivenAndMaximaAreNotBelowTypicals) {
  for (const Chip &chip : all_chips()) {
    SCOPED_TRACE(chip.name);
    EXPECT_GT(chip.program_typical.count(), 0);
    EXPECT_GE(chip.program_maximum, chip.program_typical);
    EXPECT_GE(chip.mass_erase_typical.count(), 0);
    EXPECT_GE(chip.mass_erase_maximum, chip.mass_erase_typical);
    for (const Sector &sector : chip.sectors) {
      ASSERT_GT(sector.erase_typical.count(), 0) << hex(sector.address);
      ASSERT_GE(sector.erase_maximum, sector.erase_typical) << hex(sector.address);
    }
  }
}

TEST_P(FamilyFacts, ProgrammingUnitDividesEverySector) {
  for (const Chip &chip : all_chips()) {
    SCOPED_TRACE(chip.name);
    ASSERT_TRUE(std::has_single_bit(chip.program_unit));
    ASSERT_TRUE(chip.ecc_unit == 0 || std::has_single_bit(chip.ecc_unit));
    for (const Sector &sector : chip.sectors) {
      ASSERT_EQ(sector.address % chip.write_unit(), 0U);
      ASSERT_EQ(sector.size % chip.write_unit(), 0U);
    }
  }
}

TEST_P(FamilyFacts, MemoriesDoNotOverlapAndSpecialRangesAreNamed) {
  for (const Chip &chip : all_chips()) {
    SCOPED_TRACE(chip.name);
    EXPECT_GT(chip.ram.size, 0U);
    EXPECT_FALSE(chip.ram.overlaps(chip.flash));
    for (const NamedRange &special : chip.special) {
      EXPECT_FALSE(special.name.empty());
      EXPECT_GT(special.range.size, 0U) << special.name;
      EXPECT_FALSE(special.range.overlaps(chip.flash)) << special.name;
    }
  }
}

TEST_P(FamilyFacts, ATableKnowsNoUniqueId) {
  for (const Chip &chip : all_chips()) EXPECT_TRUE(chip.unique_id.empty()) << chip.name;
}

TEST_P(FamilyFacts, LoaderOffsetsLieInItsCodeAndWhatIsNeededIsThere) {
  for (const Chip &chip : all_chips()) {
    SCOPED_TRACE(chip.name);
    const LoaderCode loader = family().loader(chip);
    const auto inside = [&](std::uint32_t entry) { return entry < loader.code.size(); };
    for (const std::uint32_t entry : loader.entries()) {
      EXPECT_TRUE(entry == LoaderCode::none || (inside(entry) && entry % 2 == 0)) << hex(entry);
    }
    if (loader.code.empty()) continue;  // the direct path only
    EXPECT_TRUE(inside(loader.erase_sector));
    EXPECT_TRUE(inside(loader.program_page));
    EXPECT_TRUE(chip.mass_erase_typical.count() == 0 || inside(loader.erase_chip));
    EXPECT_GT(loader.clock_hz, 0U);
    EXPECT_EQ(family().loader(chip).code.data(), loader.code.data()) << "the code must be static";
  }
}

TEST_P(FamilyFacts, EveryStatusIsExplainedInOneLine) {
  std::vector<std::uint32_t> statuses = given().statuses;
  statuses.insert(statuses.end(), {0U, ~0U});
  for (unsigned bit = 0; bit < 32; ++bit) statuses.push_back(1U << bit);
  for (const Chip &chip : all_chips()) {
    for (const std::uint32_t status : statuses) {
      const std::string text = explain_status(chip, chip.flash.address, status);
      ASSERT_FALSE(text.empty()) << chip.name << ", status " << hex(status);
      ASSERT_EQ(text.find('\n'), std::string::npos) << text;
    }
  }
}

TEST_P(FamilyFacts, StatusBitsAreNamedApartAndOneSaysBusy) {
  for (const Chip &chip : all_chips()) {
    SCOPED_TRACE(chip.name);
    std::uint32_t seen = 0;
    for (const StatusBit &bit : chip.status.bits) {
      EXPECT_NE(bit.mask, 0U) << bit.name;
      EXPECT_EQ(seen & bit.mask, 0U) << bit.name << " shares bits with another one";
      EXPECT_FALSE(bit.name.empty() || bit.cause.empty()) << hex(bit.mask);
      seen |= bit.mask;
    }
    if (chip.status.registers.empty()) continue;
    EXPECT_NE(status_mask(chip, StatusBit::Meaning::busy), 0U);
    EXPECT_EQ(chip.status.registers.front().flash_from, chip.flash.address);
    for (const StatusCode &code : chip.status.codes) {
      EXPECT_NE(code.value & ~seen, 0U)
          << "the register itself could have the value " << hex(code.value);
    }
  }
}

TEST_P(FamilyFacts, ThereIsAWayToWrite) {
  for (const Chip &chip : all_chips()) {
    DirectFlash *direct = family().direct_flash();
    ASSERT_TRUE(direct != nullptr || !family().loader(chip).code.empty()) << chip.name;
    if (direct == nullptr) continue;
    const std::vector<Width> widths = direct->widths(chip);
    EXPECT_FALSE(widths.empty()) << chip.name;
    EXPECT_EQ(std::ranges::count(widths, Width::automatic), 0) << chip.name;
  }
}

}  // namespace flashhost::conformance
