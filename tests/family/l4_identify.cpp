#include "l4_sim_board.hpp"

#include <gmock/gmock.h>

namespace {

using namespace flashhost;
using namespace flashhost::test;
using testing::HasSubstr;
using testing::IsEmpty;

bool has_hole(const std::string &part) {
  return part == "STM32G474RC" || part == "STM32G473CB";
}

std::vector<std::string> l4_parts() {
  std::vector<std::string> names;
  for (const char *series : {"STM32L4", "STM32G0", "STM32G4", "STM32C0", "STM32U0", "STM32W"}) {
    const std::vector<std::string> more = parts_of(series);
    names.insert(names.end(), more.begin(), more.end());
  }
  std::erase_if(names, [](const std::string &name) { return has_hole(name); });
  return names;
}

class L4OnTheModel : public testing::TestWithParam<std::string> {};

TEST_P(L4OnTheModel, IsIdentified) {
  SimBoardOf<fake::L4> board(GetParam());
  const Chip chip = board.identified();
  EXPECT_EQ(chip.device_id, board.chip.device_id);
  EXPECT_EQ(chip.sectors, board.chip.sectors);
  EXPECT_EQ(chip.flash, board.chip.flash);
  EXPECT_EQ(chip.flash.size, test::flash_size(GetParam()));
  EXPECT_EQ(chip.boot_address, 0x08000000U);
  EXPECT_EQ(chip.unique_id.size(), 12U);
  EXPECT_THAT(chip.remarks, IsEmpty());
  EXPECT_THAT(chip.further_flash, IsEmpty());
}

TEST_P(L4OnTheModel, IsIdentifiedWithRealSram) {
  L4SimBoard board(GetParam());
  EXPECT_NO_THROW(
      (void)board.probe.read_word(static_cast<std::uint32_t>(board.chip.ram.end() - 4)));
}

TEST_P(L4OnTheModel, IsNoneOfTheOtherFamilies) {
  L4SimBoard board(GetParam());
  for (const f1::Series series : {f1::Series::f0, f1::Series::f1, f1::Series::f3}) {
    EXPECT_FALSE(f1::identify(series, board.probe).chip);
  }
  EXPECT_FALSE(f4::identify(board.probe).chip);
}

INSTANTIATE_TEST_SUITE_P(Parts, L4OnTheModel, testing::ValuesIn(l4_parts()),
                         [](const auto &name) { return name.param; });

TEST(L4Model, OtherFamiliesAreNoneOfThisOne) {
  for (const char *part : {"STM32F030R8", "STM32F103CB", "STM32F303VC", "STM32F407VG"}) {
    fake::LogHost host;
    sim::SimProbe probe(host, sim_settings(part, {}), swd_speed);
    probe.attach(AttachMode::attach);
    EXPECT_FALSE(l4::identify(probe).chip) << part;
  }
}

TEST(L4Model, OneBankOfLargerPagesIsSeen) {
  struct Row {
    const char *part;
    std::size_t two_banks, one_bank;
  };
  for (const Row &row : {Row{"STM32G474RE", 256, 128}, Row{"STM32L4R5ZI", 512, 256},
                         Row{"STM32L476RE", 256, 256}, Row{"STM32G0B1RC", 128, 128}}) {
    const L4SimBoard two(row.part), one(row.part, {"single_bank"});
    EXPECT_TRUE(l4::division_of(two.chip).two_banks) << row.part;
    EXPECT_EQ(two.chip.sectors.size(), row.two_banks) << row.part;
    EXPECT_FALSE(l4::division_of(one.chip).two_banks) << row.part;
    EXPECT_EQ(one.chip.sectors.size(), row.one_bank) << row.part;
  }
}

TEST(L4Model, TheHalvesOfATrimmedG47AreFoundOnEitherSideOfTheHole) {
  for (const auto &[part, half] :
       {std::pair{"STM32G474RC", 128U * 1024}, {"STM32G473CB", 64U * 1024}}) {
    SCOPED_TRACE(part);
    const Chip chip = L4SimBoard(part).chip;
    EXPECT_EQ(chip.flash, (MemoryRange{0x08000000, half}));
    ASSERT_EQ(chip.further_flash.size(), 1U);
    const Chip &second = chip.further_flash.front();
    EXPECT_EQ(second.flash, (MemoryRange{0x08040000, half}));
    EXPECT_EQ(second.sectors.front().range(), (MemoryRange{0x08040000, 2048}));
    EXPECT_EQ(second.sectors.size(), half / 2048);
    EXPECT_EQ(chip.mass_erase_typical.count(), 0) << "it would erase both";
    const Chip one = L4SimBoard(part, {"single_bank"}).chip;
    EXPECT_EQ(one.flash, (MemoryRange{0x08000000, 2 * half}));
    EXPECT_THAT(one.further_flash, IsEmpty());
    EXPECT_EQ(one.sectors.size(), 2 * half / 4096);
  }
}

TEST(L4Model, AValueLineIsSeen) {
  for (const auto &[part, plain] : {std::pair{"STM32G030K8", true},
                                    {"STM32G070RB", true},
                                    {"STM32G031K8", false},
                                    {"STM32G071RB", false},
                                    {"STM32G0B1RE", false},
                                    {"STM32C031K6", false}}) {
    EXPECT_EQ(l4::is_value_line(L4SimBoard(part).chip), plain) << part;
  }
}

TEST(L4Model, SwappedBanksAreSeen) {
  EXPECT_FALSE(l4::division_of(L4SimBoard("STM32G0B1RE").chip).swapped);
  EXPECT_TRUE(l4::division_of(L4SimBoard("STM32G0B1RE", {"swapped_banks"}).chip).swapped);
}

TEST(L4Model, TheBankThatBootsIsTheSecondWhenItHoldsAProgram) {
  L4SimBoard board("STM32L476RG", {"boot_bank2"});
  EXPECT_EQ(board.chip.boot_address, 0x08000000U);
  board.prepare_after_reset();
  board.program(0x08080000, Bytes{0, 0x10, 0, 0x20, 1, 1, 8, 8});
  EXPECT_EQ(board.identified().boot_address, 0x08080000U);
}

TEST(L4Model, WhatBelongsToTheSecondCoreIsLeftOut) {
  const L4SimBoard board("STM32WB55RG", {"secure_from=200"});
  ASSERT_TRUE(board.chip.size_limit);
  EXPECT_EQ(board.chip.size_limit.value_or(SizeLimit{}).size, 200U * 4096);
  EXPECT_THAT(board.chip.size_limit.value_or(SizeLimit{}).reason,
              HasSubstr("from 0x080c8000 on belongs to the second core"));
  EXPECT_EQ(board.chip.mass_erase_typical.count(), 0);
}

TEST(L4Model, AGarbageSizeRegisterIsDoubted) {
  const L4SimBoard board("STM32G071RB", {"flash_size_register=2D28"});
  EXPECT_THAT(board.chip.size_doubt.value_or(SizeDoubt{}).reason,
              HasSubstr("reads 0x2d28, which is no size of a STM32G070/071/081"));
}

}  // namespace
