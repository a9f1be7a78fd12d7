#include "f4_board.hpp"

#include <gmock/gmock.h>

namespace {

using testing::Contains;

TEST(F4Names, APartIsKnownInAnyCaseAndWithALongerOrderCode) {
  for (const char *name : {"STM32F407VG", "stm32f407vg", "STM32F407VGT6", "stm32f407vgt6tr"}) {
    const flashhost::Chip chip = fake::described(name);
    EXPECT_EQ(chip.name, "STM32F407VG");
    EXPECT_EQ(chip.device_id, 0x413U);
    EXPECT_EQ(chip.flash, (flashhost::MemoryRange{0x08000000, 0x100000}));
    EXPECT_EQ(chip.ram, (flashhost::MemoryRange{0x20000000, 0x20000}));
    EXPECT_EQ(chip.sectors.size(), 12U);
  }
}

TEST(F4Names, ThePackageMayBeLeftOpen) {
  EXPECT_EQ(fake::described("STM32F407xG").name, "STM32F407xG");
  EXPECT_EQ(fake::described("STM32F411XE").name, "STM32F411xE");
}

TEST(F4Names, WhatIsNotSoldIsNotKnown) {
  for (const char *name : {"", "STM32F407", "STM32F407V", "STM32F407CG", "STM32F407VI",
                           "STM32F103CB", "STM32F407 VG", "STM32F400VG"}) {
    EXPECT_FALSE(flashhost::find_chip(f4::parts(), name)) << name;
  }
}

TEST(F4Names, TheListNamesTheCommonParts) {
  const auto names = flashhost::part_names(f4::parts());
  for (const char *name :
       {"STM32F401RE", "STM32F407VG", "STM32F411CE", "STM32F429ZI", "STM32F446RE", "STM32F469NI"}) {
    EXPECT_THAT(names, Contains(name));
  }
}

TEST(F4Names, WithoutANameTheLargestPartThatFitsGivesTheLetter) {
  EXPECT_EQ(flashhost::common_part(f4::parts(), 0x413, 1024 * 1024, "STM32F407").name,
            "STM32F407xG");
  EXPECT_EQ(flashhost::common_part(f4::parts(), 0x419, 512 * 1024, "STM32F429").name,
            "STM32F429xE");
  EXPECT_EQ(flashhost::common_part(f4::parts(), 0x419, 1536 * 1024, "STM32F429").name,
            "STM32F429xG");
  EXPECT_EQ(flashhost::common_part(f4::parts(), 0x431, 64 * 1024, "STM32F411").name, "STM32F411xC");
}

}  // namespace
