#include <flashhost/conformance.hpp>
#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <algorithm>
#include <bit>
#include <cctype>
#include <set>

namespace flashhost::conformance {

void FamilyConformance::SetUp() {
  plugin_.object<Family>().configure(Settings(GetParam().settings));
}

std::vector<Chip> FamilyConformance::all_chips() {
  std::vector<Chip> chips;
  for (const std::string &name : family().chips()) {
    if (auto chip = family().describe(name)) chips.push_back(std::move(*chip));
  }
  return chips;
}

TEST_P(FamilyConformance, DescriptorIsInOrder) {
  expect_good_descriptor(plugin_, FLASHHOST_KIND_FAMILY);
}

TEST_P(FamilyConformance, UnknownSettingIsRejectedByName) {
  try {
    plugin_.object<Family>().configure(Settings({{"no_such_key", true, "board.toml:9:1"}}));
    FAIL() << "it was accepted";
  } catch (const Error &error) {
    EXPECT_EQ(error.code(), Errc::config);
    EXPECT_NE(std::string(error.what()).find("no_such_key"), std::string::npos) << error.what();
  }
}

TEST_P(FamilyConformance, EveryChipIsListedOnceAndDescribedInAnyCase) {
  const std::vector<std::string> names = family().chips();
  EXPECT_FALSE(names.empty());
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), names.size());
  for (const std::string &name : names) {
    const auto chip = family().describe(name);
    ASSERT_TRUE(chip.has_value()) << name;
    std::string lower = name;
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    EXPECT_EQ(family().describe(lower), chip) << name;
  }
}

TEST_P(FamilyConformance, OrderCodesAreUnderstood) {
  for (const auto &[code, chip] : GetParam().order_codes) {
    const auto found = family().describe(code);
    const auto named = family().describe(chip);
    ASSERT_TRUE(found && named) << code;
    const Chip by_code = found.value_or(Chip{});
    const Chip by_name = named.value_or(Chip{});
    EXPECT_EQ(by_code.flash, by_name.flash) << code;
    EXPECT_EQ(by_code.ram, by_name.ram) << code;
    EXPECT_EQ(by_code.sectors, by_name.sectors) << code;
  }
}

TEST_P(FamilyConformance, UnknownChipIsNothing) {
  for (const char *name : {"", "NO-SUCH-CHIP-0000", "\xff\xfe"}) {
    EXPECT_EQ(family().describe(name), std::nullopt) << name;
  }
}

TEST_P(FamilyConformance, SectorsTileTheFlash) {
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
  }
}

TEST_P(FamilyConformance, TimesAreGivenAndMaximaAreNotBelowTypicals) {
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

TEST_P(FamilyConformance, ProgrammingUnitDividesEverySector) {
  for (const Chip &chip : all_chips()) {
    SCOPED_TRACE(chip.name);
    ASSERT_TRUE(std::has_single_bit(chip.program_unit));
    for (const Sector &sector : chip.sectors) {
      ASSERT_EQ(sector.address % chip.program_unit, 0U);
      ASSERT_EQ(sector.size % chip.program_unit, 0U);
    }
  }
}

TEST_P(FamilyConformance, MemoriesDoNotOverlapAndSpecialRangesAreNamed) {
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

TEST_P(FamilyConformance, ATableKnowsNoUniqueId) {
  for (const Chip &chip : all_chips()) EXPECT_TRUE(chip.unique_id.empty()) << chip.name;
}

TEST_P(FamilyConformance, LoaderOffsetsLieInItsCodeAndWhatIsNeededIsThere) {
  for (const Chip &chip : all_chips()) {
    SCOPED_TRACE(chip.name);
    const LoaderCode loader = family().loader(chip);
    const auto inside = [&](std::uint32_t entry) { return entry < loader.code.size(); };
    for (const std::uint32_t entry :
         {loader.init, loader.uninit, loader.erase_sector, loader.erase_chip, loader.program_page,
          loader.idle, loader.crc}) {
      EXPECT_TRUE(entry == LoaderCode::none || (inside(entry) && entry % 2 == 0)) << hex(entry);
    }
    if (loader.code.empty()) continue;  // the direct path only
    EXPECT_TRUE(inside(loader.init));
    EXPECT_TRUE(inside(loader.uninit));
    EXPECT_TRUE(inside(loader.erase_sector));
    EXPECT_TRUE(inside(loader.program_page));
    EXPECT_TRUE(chip.mass_erase_typical.count() == 0 || inside(loader.erase_chip));
    EXPECT_GT(loader.clock_hz, 0U);
    EXPECT_EQ(family().loader(chip).code.data(), loader.code.data()) << "the code must be static";
  }
}

TEST_P(FamilyConformance, EveryStatusIsExplainedInOneLine) {
  std::vector<std::uint32_t> statuses = GetParam().statuses;
  statuses.insert(statuses.end(), {0U, ~0U});
  for (unsigned bit = 0; bit < 32; ++bit) statuses.push_back(1U << bit);
  for (const Chip &chip : all_chips()) {
    for (const std::uint32_t status : statuses) {
      const std::string text = family().explain(chip, status);
      ASSERT_FALSE(text.empty()) << chip.name << ", status " << hex(status);
      ASSERT_EQ(text.find('\n'), std::string::npos) << text;
      EXPECT_NO_THROW((void)family().flash_busy(chip, status));
    }
  }
}

}  // namespace flashhost::conformance
