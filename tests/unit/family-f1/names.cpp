#include "f1_board.hpp"

#include <gmock/gmock.h>

namespace {

using testing::Contains;

TEST(F1Names, APartIsKnownInAnyCaseAndWithALongerOrderCode) {
  for (const char *name : {"STM32F103CB", "stm32f103cb", "STM32F103CBT6", "stm32f103cbt6tr"}) {
    const flashhost::Chip chip = fake::described(name);
    EXPECT_EQ(chip.name, "STM32F103CB");
    EXPECT_EQ(chip.device_id, 0x410U);
    EXPECT_EQ(chip.flash, (flashhost::MemoryRange{0x08000000, 0x20000}));
    EXPECT_EQ(chip.ram, (flashhost::MemoryRange{0x20000000, 0x5000}));
    EXPECT_EQ(chip.sectors.size(), 128U);
  }
}

TEST(F1Names, ThePackageMayBeLeftOpen) {
  EXPECT_EQ(fake::described("STM32F103xB").name, "STM32F103xB");
  EXPECT_EQ(fake::described("STM32F107XC").name, "STM32F107xC");
}

TEST(F1Names, WhatIsNotSoldIsNotKnown) {
  for (const char *name :
       {"", "STM32", "STM32F103", "STM32F103C", "STM32F103ZB", "STM32F103C9", "STM32F104CB",
        "STM32F407VG", "STM32F103 CB", "STM32F103CB-T6", "STM32F103CBT6TRXXXXXXXXXXXXXX"}) {
    EXPECT_FALSE(flashhost::find_chip(f1::parts(), name)) << name;
  }
}

TEST(F1Names, EveryDensityHasItsSize) {
  EXPECT_EQ(fake::described("STM32F100C4").ram.size, 4096U);
  EXPECT_EQ(fake::described("STM32F101T6").flash.size, 32U * 1024);
  EXPECT_EQ(fake::described("STM32F102R8").ram.size, 10U * 1024);
  EXPECT_EQ(fake::described("STM32F103ZE").flash.size, 512U * 1024);
  EXPECT_EQ(fake::described("STM32F103VG").flash.size, 1024U * 1024);
  EXPECT_EQ(fake::described("STM32F105RC").device_id, 0x418U);
  EXPECT_EQ(fake::described("STM32F100ZE").device_id, 0x428U);
}

TEST(F1Names, TheListNamesTheCommonParts) {
  const auto names = flashhost::part_names(f1::parts());
  for (const char *name : {"STM32F100C4", "STM32F103C8", "STM32F103RC", "STM32F107VC"}) {
    EXPECT_THAT(names, Contains(name));
  }
}

TEST(F1Names, WithoutANameTheLeastSramOfTheLineCounts) {
  const auto common = [](std::uint32_t device_id, std::uint32_t size, const char *series) {
    return flashhost::common_part(f1::parts(), device_id, size, series);
  };
  EXPECT_EQ(common(0x410, 128 * 1024, "STM32F103").ram_size, 16U * 1024);
  EXPECT_EQ(common(0x410, 64 * 1024, "STM32F103").ram_size, 10U * 1024);
  EXPECT_EQ(common(0x410, 32 * 1024, "STM32F103").ram_size, 10U * 1024);
  EXPECT_EQ(common(0x420, 16 * 1024, "STM32F100").ram_size, 4U * 1024);
  EXPECT_EQ(common(0x412, 32 * 1024, "STM32F103").ram_size, 6U * 1024);
  EXPECT_EQ(common(0x410, 128 * 1024, "STM32F103").name, "STM32F103xB");
  EXPECT_EQ(common(0x410, 96 * 1024, "STM32F103").name, "STM32F103x8");
}

}  // namespace
