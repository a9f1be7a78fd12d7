// Every row of family-f1's tables: what holds for the F1 alone.
#include "family-stm32/families.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace {

using namespace flashhost;
using stm32::kib;

TEST(F1Lines, RevisionsAreKnownAndZeroIsNoFiller) {
  for (const f1::Line &line : fake::F1::lines()) {
    ASSERT_GT(line.revision_count, 0) << line.name;
    ASSERT_LE(line.revision_count, line.revision_list.size()) << line.name;
    const bool has_zero = std::ranges::find(line.revisions(), 0) != line.revisions().end();
    EXPECT_EQ(has_zero, line.device_id == 0x410) << line.name;
  }
}

TEST(F1Lines, SystemMemoryEndsBeforeTheOptionBytes) {
  for (const f1::Line &line : fake::F1::lines()) {
    EXPECT_EQ(line.system_memory.end(), f1::option_base) << line.name;
  }
}

TEST(F1Lines, TheLeastSramIsThatOfARealPartAndOfNoneLess) {
  for (const f1::Line &line : fake::F1::lines()) {
    for (const std::uint32_t size : flash_sizes(fake::F1::parts(), line.device_id)) {
      const std::uint32_t least = common_part(fake::F1::parts(), line.device_id, size, "").ram_size;
      bool real = false;
      for (const Part &part : fake::F1::parts()) {
        if (part.chip.device_id != line.device_id || part.chip.flash.size != size) continue;
        EXPECT_LE(least, part.chip.ram.size) << part.pattern;
        real = real || least == part.chip.ram.size;
      }
      EXPECT_TRUE(real) << line.name << " " << size;
    }
  }
}

TEST(F1Parts, SectorsAreThePagesOfTheLine) {
  for (const Part &part : fake::F1::parts()) {
    const std::uint32_t page = f1::line_of(part.chip).page_size;
    EXPECT_TRUE(page == kib || page == 2 * kib) << part.pattern;
    for (const Sector &sector : part.chip.sectors) EXPECT_EQ(sector.size, page) << part.pattern;
  }
}

TEST(F1Parts, OnlyTheXlLineHasTwoBanks) {
  for (const Part &part : fake::F1::parts()) {
    EXPECT_EQ(part.chip.mass_erase_typical > part.chip.sectors.front().erase_typical,
              part.chip.device_id == 0x430)
        << part.pattern;
  }
}

}  // namespace
