#include "flm_maker.hpp"
#include "thrown.hpp"

#include <family-flm/flm_file.hpp>
#include <family-flm/sectors.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace flashhost::flm {
namespace {

using test::FlmMaker;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Table = std::vector<std::pair<std::uint32_t, std::uint32_t>>;

FlmFile with(const Table &table, bool terminated = true) {
  FlmMaker maker;
  maker.description.sectors = table;
  maker.description.terminated = terminated;
  return parse_flm(maker.make());
}

std::string error_of(const Table &table, bool terminated = true) {
  return bench::text_of(Errc::image, [&] { return with(table, terminated); });
}

TEST(Sectors, several_sizes) {
  EXPECT_THAT(with({{0x1000, 0}, {0x4000, 0x4000}, {0x8000, 0x8000}}).device.sectors,
              ElementsAre(SectorRun{0, 0x1000, 4}, SectorRun{0x4000, 0x4000, 1},
                          SectorRun{0x8000, 0x8000, 1}));
}

TEST(Sectors, a_table_of_addresses_is_taken_with_a_warning) {
  const FlmFile flm = with({{0x1000, 0x08000000}, {0x4000, 0x08004000}});
  EXPECT_THAT(flm.device.sectors,
              ElementsAre(SectorRun{0, 0x1000, 4}, SectorRun{0x4000, 0x4000, 3}));
  EXPECT_THAT(flm.warnings, ElementsAre("The offsets in its sector table are addresses; they are "
                                        "taken as such."));
  EXPECT_EQ(error_of({{0x1000, 0x08000000}, {0x4000, 0x4000}}),
            "its sector table: 0x00004000 is not behind 0x08000000");
}

TEST(Sectors, a_device_at_address_0_has_offsets) {
  FlmMaker maker;
  maker.description.address = 0;
  EXPECT_THAT(parse_flm(maker.make()).warnings, IsEmpty());
}

TEST(Sectors, what_does_not_tile_the_device_is_refused) {
  EXPECT_EQ(
      error_of({{0x400, 0x400}}),
      "its sector table: it begins at 0x00000400, not at the start of the device, 0x08000000");
  EXPECT_EQ(error_of({{0, 0}}), "its sector table: sectors of 0 bytes at offset 0x0");
  EXPECT_EQ(error_of({{0x400, 0}, {0x400, 0x4000}, {0x400, 0x4000}}),
            "its sector table: what begins at offset 0x4000 would end at 0x4000");
  EXPECT_EQ(error_of({{0x400, 0}, {0x400, 0x4000}, {0x400, 0x2000}}),
            "its sector table: what begins at offset 0x4000 would end at 0x2000");
  EXPECT_EQ(error_of({{0x400, 0}, {0x400, 0x10000}}),
            "its sector table: what begins at offset 0x10000 would end at 0x10000");
  EXPECT_EQ(error_of({{0x4000, 0}, {0x400, 0x5000}}),
            "its sector table: from offset 0x0 to 0x5000 are no whole sectors of 16 KiB");
  EXPECT_EQ(error_of({{0x20000, 0}}),
            "its sector table: from offset 0x0 to 0x10000 are no whole sectors of 128 KiB");
  EXPECT_EQ(error_of({}), "its sector table: it is empty");
}

TEST(Sectors, a_table_without_end_is_refused) {
  EXPECT_EQ(error_of({{0x400, 0}}, false), "its sector table: 1 entries, and no end (0xffffffff)");
  Table long_table;
  for (std::uint32_t i = 0; i < 600; ++i) long_table.push_back({0x10, 0x10 * i});
  EXPECT_EQ(error_of(long_table), "its sector table: 512 entries, and no end (0xffffffff)");
}

TEST(Sectors, one_word_of_the_end_is_enough) {
  EXPECT_EQ(with({{0x400, 0}, {0xFFFFFFFF, 0}}, false).device.sectors.size(), 1U);
  EXPECT_EQ(with({{0x400, 0}, {0, 0xFFFFFFFF}}, false).device.sectors.size(), 1U);
}

TEST(Sectors, more_than_a_million_are_refused) {
  FlmMaker maker;
  maker.description.size = 0x100000;
  maker.description.sectors = {{1, 0}};
  EXPECT_THAT(parse_flm(maker.make()).device.sectors, ElementsAre(SectorRun{0, 1, 0x100000}));
  maker.description.size = 0xF0000000;
  EXPECT_EQ(bench::text_of(Errc::image, [&] { return parse_flm(maker.make()); }),
            "its sector table: 4026531840 sectors; more than 1048576 are refused");
}

FlashDevice device(std::uint32_t size, std::uint32_t page, std::vector<SectorRun> sectors) {
  FlashDevice result;
  result.range = {0x1000, size};
  result.page_size = page;
  result.sectors = std::move(sectors);
  return result;
}

TEST(EraseUnits, are_the_sectors) {
  const FlashDevice two_sizes = device(0x800, 0x100, {{0, 0x200, 2}, {0x400, 0x400, 1}});
  EXPECT_THAT(erase_units(two_sizes, two_sizes.range),
              ElementsAre(MemoryRange{0x1000, 0x200}, MemoryRange{0x1200, 0x200},
                          MemoryRange{0x1400, 0x400}));
}

TEST(EraseUnits, are_whole_sectors_inside_the_range) {
  const FlashDevice four = device(0x800, 0x100, {{0, 0x200, 4}});
  EXPECT_THAT(erase_units(four, {0x1001, 0x5FF}),
              ElementsAre(MemoryRange{0x1200, 0x200}, MemoryRange{0x1400, 0x200}));
  EXPECT_THAT(erase_units(four, {0x1000, 0x3FF}), ElementsAre(MemoryRange{0x1000, 0x200}));
}

TEST(EraseUnits, are_several_sectors_where_a_page_spans_them) {
  EXPECT_THAT(erase_units(device(0x800, 0x400, {{0, 0x80, 16}}), {0x1000, 0x800}),
              ElementsAre(MemoryRange{0x1000, 0x400}, MemoryRange{0x1400, 0x400}));
  EXPECT_THAT(
      erase_units(device(0x800, 0x400, {{0, 0x100, 4}, {0x400, 0x400, 1}}), {0x1000, 0x800}),
      ElementsAre(MemoryRange{0x1000, 0x400}, MemoryRange{0x1400, 0x400}));
}

TEST(EraseUnits, are_not_where_only_a_part_of_a_page_is_flash) {
  EXPECT_THAT(erase_units(device(0x480, 0x400, {{0, 0x80, 9}}), {0x1000, 0x480}),
              ElementsAre(MemoryRange{0x1000, 0x400}));
}

}  // namespace
}  // namespace flashhost::flm
