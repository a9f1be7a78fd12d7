// Every die of STM32F0 and F3: what docs/reference/stm32f0f3-flash.md says of it.
#include "family-stm32/families.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace {

using namespace flashhost;
using f1::Series, stm32::kib;

struct DieFacts {
  std::uint16_t device_id;
  Series series;
  std::uint32_t page, maximum_kib, most_ram_kib, ccm_kib;
  int write_bytes;
};
constexpr DieFacts die_facts[] = {
    {0x444, Series::f0, 1024, 32, 4, 0, 1},    {0x445, Series::f0, 1024, 32, 6, 0, 1},
    {0x440, Series::f0, 1024, 64, 8, 0, 2},    {0x448, Series::f0, 2048, 128, 16, 0, 4},
    {0x442, Series::f0, 2048, 256, 32, 0, 4},  {0x439, Series::f3, 2048, 64, 16, 0, 2},
    {0x438, Series::f3, 2048, 64, 12, 4, 2},   {0x422, Series::f3, 2048, 256, 40, 8, 4},
    {0x446, Series::f3, 2048, 512, 64, 16, 4}, {0x432, Series::f3, 2048, 256, 32, 0, 4}};

class F0F3Die : public testing::TestWithParam<DieFacts> {
 protected:
  [[nodiscard]] static const f1::Line &line() {
    return *std::ranges::find(f1::lines(GetParam().series), GetParam().device_id,
                              &f1::Line::device_id);
  }
  Chip chip = f1::make_chip(line());
};

TEST_P(F0F3Die, HasItsPagesItsMemoriesAndItsTimes) {
  EXPECT_EQ(chip.flash.size, GetParam().maximum_kib * kib);
  EXPECT_EQ(chip.sectors.size(), chip.flash.size / GetParam().page);
  for (const Sector &sector : chip.sectors) EXPECT_EQ(sector.size, GetParam().page);
  std::vector<MemoryRange> memories{{stm32::ram_base, GetParam().most_ram_kib * kib}};
  if (GetParam().ccm_kib != 0) {
    memories.insert(memories.begin(), {0x10000000, GetParam().ccm_kib * kib});
  }
  EXPECT_EQ(chip.stack_ram, memories);
  EXPECT_EQ(chip.program_typical, std::chrono::nanoseconds(53500));
  EXPECT_EQ(chip.program_maximum, std::chrono::microseconds(60));
}

TEST_P(F0F3Die, ProtectsByABitFor4KiBAndTheLastForTheRest) {
  const std::uint32_t bits = 8 * static_cast<std::uint32_t>(GetParam().write_bytes);
  EXPECT_EQ(line().write_bytes, GetParam().write_bytes);
  EXPECT_EQ(f1::write_protected(chip, 0xFFFFFFFE),
            (std::vector<MemoryRange>{{stm32::flash_base, 4 * kib}}));
  const std::uint32_t last = (bits - 1) * 4 * kib;
  EXPECT_EQ(f1::write_protected(chip, ~(1U << (bits - 1))),
            (std::vector<MemoryRange>{{stm32::flash_base + last, chip.flash.size - last}}));
}

TEST_P(F0F3Die, ItsBootloaderEndsWhereTheOptionBytesBegin) {
  EXPECT_EQ(line().system_memory.end(), f1::option_base);
}

TEST_P(F0F3Die, OnlyTwoDiesLookWhetherTheyAreEmpty) {
  EXPECT_EQ(line().empty_check, GetParam().device_id == 0x445 || GetParam().device_id == 0x442);
}

INSTANTIATE_TEST_SUITE_P(Dies, F0F3Die, testing::ValuesIn(die_facts), [](const auto &one) {
  return "Die" + std::to_string(one.param.device_id);
});

}  // namespace
