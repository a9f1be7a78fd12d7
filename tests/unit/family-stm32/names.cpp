#include "both_boards.hpp"

#include <gmock/gmock.h>

namespace {

using namespace flashhost;
using fake::F1, fake::F4;
using testing::Contains;

struct NameTable {
  std::vector<const char *> spellings;  // of the usual part
  std::uint32_t device_id = 0;
  MemoryRange flash, ram;
  std::size_t sectors = 0;
  std::vector<std::pair<const char *, const char *>> without_package;
  std::vector<const char *> unknown, common;
};

const NameTable &names_of(F1) {
  static const NameTable table{
      .spellings = {"STM32F103CB", "stm32f103cb", "STM32F103CBT6", "stm32f103cbt6tr"},
      .device_id = 0x410,
      .flash = {0x08000000, 0x20000},
      .ram = {0x20000000, 0x5000},
      .sectors = 128,
      .without_package = {{"STM32F103xB", "STM32F103xB"}, {"STM32F107XC", "STM32F107xC"}},
      .unknown = {"", "STM32", "STM32F103", "STM32F103C", "STM32F103ZB", "STM32F103C9",
                  "STM32F104CB", "STM32F407VG", "STM32F103 CB", "STM32F103CB-T6",
                  "STM32F103CBT6TRXXXXXXXXXXXXXX"},
      .common = {"STM32F100C4", "STM32F103C8", "STM32F103RC", "STM32F107VC"}};
  return table;
}

const NameTable &names_of(F4) {
  static const NameTable table{
      .spellings = {"STM32F407VG", "stm32f407vg", "STM32F407VGT6", "stm32f407vgt6tr"},
      .device_id = 0x413,
      .flash = {0x08000000, 0x100000},
      .ram = {0x20000000, 0x20000},
      .sectors = 12,
      .without_package = {{"STM32F407xG", "STM32F407xG"}, {"STM32F411XE", "STM32F411xE"}},
      .unknown = {"", "STM32", "STM32F407", "STM32F407V", "STM32F407CG", "STM32F407VI",
                  "STM32F400VG", "STM32F103CB", "STM32F407 VG", "STM32F407VG-T6",
                  "STM32F407VGT6TRXXXXXXXXXXXXXX"},
      .common = {"STM32F401RE", "STM32F407VG", "STM32F411CE", "STM32F429ZI", "STM32F446RE",
                 "STM32F469NI"}};
  return table;
}

template <class Board>
class Stm32Names : public testing::Test {
 protected:
  using Family = typename Board::Family;
  const NameTable &table = names_of(Family());
};
TYPED_TEST_SUITE(Stm32Names, fake::Boards, fake::FamilyName);

TYPED_TEST(Stm32Names, APartIsKnownInAnyCaseAndWithALongerOrderCode) {
  for (const char *name : this->table.spellings) {
    const Chip chip = fake::described<typename TypeParam::Family>(name);
    EXPECT_EQ(chip.name, TypeParam::Family::usual_part);
    EXPECT_EQ(chip.device_id, this->table.device_id);
    EXPECT_EQ(chip.flash, this->table.flash);
    EXPECT_EQ(chip.ram, this->table.ram);
    EXPECT_EQ(chip.sectors.size(), this->table.sectors);
  }
}

TYPED_TEST(Stm32Names, ThePackageMayBeLeftOpen) {
  for (const auto &[name, known_as] : this->table.without_package) {
    EXPECT_EQ(fake::described<typename TypeParam::Family>(name).name, known_as);
  }
}

TYPED_TEST(Stm32Names, WhatIsNotSoldIsNotKnown) {
  for (const char *name : this->table.unknown) {
    EXPECT_FALSE(find_chip(TypeParam::Family::parts(), name)) << name;
  }
}

TYPED_TEST(Stm32Names, TheListNamesTheCommonParts) {
  const auto names = part_names(TypeParam::Family::parts());
  for (const char *name : this->table.common) EXPECT_THAT(names, Contains(name));
}

TEST(F1Names, EveryDensityHasItsSize) {
  EXPECT_EQ(fake::described<F1>("STM32F100C4").ram.size, 4096U);
  EXPECT_EQ(fake::described<F1>("STM32F101T6").flash.size, 32U * 1024);
  EXPECT_EQ(fake::described<F1>("STM32F102R8").ram.size, 10U * 1024);
  EXPECT_EQ(fake::described<F1>("STM32F103ZE").flash.size, 512U * 1024);
  EXPECT_EQ(fake::described<F1>("STM32F103VG").flash.size, 1024U * 1024);
  EXPECT_EQ(fake::described<F1>("STM32F105RC").device_id, 0x418U);
  EXPECT_EQ(fake::described<F1>("STM32F100ZE").device_id, 0x428U);
}

TEST(F1Names, WithoutANameTheLeastSramOfTheLineCounts) {
  const auto common = [](std::uint32_t device_id, std::uint32_t size, const char *series) {
    return common_part(f1::parts(f1::Series::f1), device_id, size, series);
  };
  EXPECT_EQ(common(0x410, 128 * 1024, "STM32F103").ram_size, 16U * 1024);
  EXPECT_EQ(common(0x410, 64 * 1024, "STM32F103").ram_size, 10U * 1024);
  EXPECT_EQ(common(0x410, 32 * 1024, "STM32F103").ram_size, 10U * 1024);
  EXPECT_EQ(common(0x420, 16 * 1024, "STM32F100").ram_size, 4U * 1024);
  EXPECT_EQ(common(0x412, 32 * 1024, "STM32F103").ram_size, 6U * 1024);
  EXPECT_EQ(common(0x410, 128 * 1024, "STM32F103").name, "STM32F103xB");
  EXPECT_EQ(common(0x410, 96 * 1024, "STM32F103").name, "STM32F103x8");
}

TEST(F4Names, WithoutANameTheLargestPartThatFitsGivesTheLetter) {
  const auto common = [](std::uint32_t device_id, std::uint32_t size, const char *series) {
    return common_part(f4::parts(), device_id, size, series).name;
  };
  EXPECT_EQ(common(0x413, 1024 * 1024, "STM32F407"), "STM32F407xG");
  EXPECT_EQ(common(0x419, 512 * 1024, "STM32F429"), "STM32F429xE");
  EXPECT_EQ(common(0x419, 1536 * 1024, "STM32F429"), "STM32F429xG");
  EXPECT_EQ(common(0x431, 64 * 1024, "STM32F411"), "STM32F411xC");
}

}  // namespace
