// Plans for chips whose sectors differ in size and cost.
#include "test_chip.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace flashhost {
namespace {

using testing::filled;
using testing::firmware;
using testing::flash_base;
using testing::image_of;
using testing::small_chip;
using testing::state_of;
using namespace std::chrono_literals;

constexpr std::uint32_t kib = 1024;
constexpr std::uint32_t flash_size = 384 * kib;

// Four sectors of 16 KiB, one of 64 KiB, two of 128 KiB; words of 16 us.
Chip unequal_chip() {
  Chip chip = small_chip();
  chip.flash.size = chip.die_flash_size = flash_size;
  chip.sectors.clear();
  std::uint32_t address = flash_base;
  for (const std::uint32_t size : {16U, 16U, 16U, 16U, 64U, 128U, 128U}) {
    const Nanoseconds time = size == 16 ? 250ms : size == 64 ? 550ms : 1000ms;
    chip.sectors.push_back({address, size * kib, time, 2 * time});
    address += size * kib;
  }
  chip.program_unit = 4;
  chip.program_typical = 16us;
  chip.program_maximum = 100us;
  chip.mass_erase_typical = 3s;
  chip.mass_erase_maximum = 6s;
  return chip;
}

const PlanOptions defaults{EraseMode::automatic, true, true, flash_base};

DeviceState equal_but_for(const Chip &chip, std::size_t changed, const Bytes &old) {
  DeviceState state;
  for (std::size_t i = 0; i < chip.sectors.size(); ++i) {
    const Sector &sector = chip.sectors[i];
    const auto from = old.begin() + (sector.address - flash_base);
    state.sectors.push_back(state_of(chip, i, i == changed ? Content::different : Content::same,
                                     Bytes(from, from + sector.size)));
  }
  return state;
}

TEST(UnequalSectors, ASmallChangeCostsItsSectorAndTheOneThatBoots) {
  const Chip chip = unequal_chip();
  const Bytes old = firmware(flash_size);
  Bytes changed = old;
  changed[0x32000] ^= 1;
  const Plan plan =
      make_plan(image_of({{flash_base, changed}}), chip, equal_but_for(chip, 5, old), defaults);
  EXPECT_FALSE(plan.mass_erase);
  EXPECT_EQ(plan.erased_sectors, 2U);
  EXPECT_EQ(plan.erase_time, 1250ms);
  EXPECT_EQ(plan.programmed_bytes, 144 * kib);
  EXPECT_EQ(plan.program_time, 144 * kib / 4 * 16us);
}

TEST(UnequalSectors, WithoutTheGuardItCostsItsSectorAlone) {
  const Chip chip = unequal_chip();
  const Bytes old = firmware(flash_size);
  Bytes changed = old;
  changed[0x19000] ^= 1;
  PlanOptions options = defaults;
  options.guard = false;
  const Plan plan =
      make_plan(image_of({{flash_base, changed}}), chip, equal_but_for(chip, 4, old), options);
  EXPECT_EQ(plan.erased_sectors, 1U);
  EXPECT_EQ(plan.erase_time, 550ms);
  EXPECT_EQ(plan.floor, plan.flash_time());
}

TEST(UnequalSectors, APartOfALargeSectorIsProgrammedWithTheRestOfIt) {
  const Chip chip = unequal_chip();
  const Bytes old = firmware(flash_size);
  const Bytes part = filled(100, 0x11);
  constexpr std::ptrdiff_t start = 0x40000;  // of the last sector
  constexpr std::uint32_t offset = 300 * kib + 1;
  DeviceState state;
  state.sectors.push_back(
      state_of(chip, 6, Content::different, Bytes(old.begin() + start, old.end())));
  const Plan plan = make_plan(image_of({{flash_base + offset, part}}), chip, state, defaults);
  ASSERT_EQ(plan.sectors.size(), 1U);
  EXPECT_TRUE(plan.sectors[0].keeps);
  Bytes wanted(old.begin() + start, old.end());
  std::ranges::copy(part, wanted.begin() + (std::ptrdiff_t{offset} - start));
  EXPECT_EQ(plan.sectors[0].content, wanted);
  EXPECT_EQ(plan.erase_time, 1s);
}

TEST(UnequalSectors, AMassEraseIsChosenWhereTheSectorsCostMore) {
  const Chip chip = unequal_chip();
  DeviceState state;
  for (std::size_t i = 0; i < chip.sectors.size(); ++i) {
    state.sectors.push_back(state_of(chip, i, Content::different));
  }
  state.rest_blank = true;
  const Image image = image_of({{flash_base, firmware(flash_size)}});
  EXPECT_TRUE(make_plan(image, chip, state, defaults).mass_erase);  // 3 s, not 3.55 s
  state.sectors[6].content = Content::same;
  EXPECT_FALSE(make_plan(image, chip, state, defaults).mass_erase);  // 2.55 s
}

}  // namespace
}  // namespace flashhost
