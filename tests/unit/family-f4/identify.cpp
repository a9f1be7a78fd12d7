#include "f4_board.hpp"

#include <gmock/gmock.h>

namespace {

using namespace flashhost;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::uint32_t kib = 1024;

TEST(F4Identify, AnUnnamedChipIsKnownByItsRegisters) {
  fake::F4Board board;
  const Chip chip = fake::identified(board.probe);
  EXPECT_EQ(chip.name, "STM32F407xG");
  EXPECT_EQ(chip.flash.size, 1024 * kib);
  EXPECT_EQ(chip.unique_id.size(), 12U);
  EXPECT_EQ(chip.program_unit, 4U);
  EXPECT_THAT(chip.remarks, IsEmpty());
  EXPECT_THAT(board.probe.writes, IsEmpty());
}

TEST(F4Identify, OtherCoresAndOtherDiesAreNotClaimed) {
  fake::F4Board board;
  board.probe.poke(cortex_m::cpuid, 0x411FC231);
  EXPECT_FALSE(f4::identify(board.probe).chip);
  board.probe.poke(f4::dbgmcu_idcode, 0x20000411);  // really an F2
  EXPECT_FALSE(f4::identify(board.probe).chip);
  board.probe.poke(cortex_m::cpuid, 0x410FC241);
  for (const std::uint32_t id : {0x415U, 0x422U, 0x2B3U, 0xFA4U}) {  // L4, F3, GD32F450, GD32F405
    board.probe.poke(f4::dbgmcu_idcode, 0x10000000 | id);
    EXPECT_FALSE(f4::identify(board.probe).chip) << hex(id);
  }
}

TEST(F4Identify, WhatCannotBeReadIsNoneOfThisFamily) {
  fake::F4Board board;
  board.probe.regions.erase(0xE0042000);
  EXPECT_FALSE(f4::identify(board.probe).chip);
  EXPECT_EQ(f4::identify(board.probe).evidence, "DBGMCU_IDCODE cannot be read");
}

TEST(F4Identify, AWireThatIsGoneIsNoAnswer) {
  fake::F4Board board;
  board.probe.failure = Error(Errc::probe, "gone");
  EXPECT_THROW((void)f4::identify(board.probe), Error);
}

TEST(F4Identify, AnUnknownRevisionOrDebugPortIsSuspected) {
  fake::F4Board board;
  board.probe.poke(f4::dbgmcu_idcode, 0x77770413);
  EXPECT_THAT(fake::identified(board.probe).remarks, ElementsAre(HasSubstr("0x7777")));
  board.probe.poke(f4::dbgmcu_idcode, 0x10070413);
  board.probe.probe_info.debug_port_id = 0x1BA01477;
  EXPECT_THAT(fake::identified(board.probe).remarks, ElementsAre(HasSubstr("0x1ba01477")));
}

TEST(F4Identify, TheSupplyThatTheProbeTellsCounts) {
  fake::F4Board board;
  board.probe.probe_info.target_millivolts = 1900;
  EXPECT_EQ(fake::identified(board.probe).program_unit, 1U);
  board.probe.probe_info.target_millivolts = 2400;
  EXPECT_EQ(fake::identified(board.probe).program_unit, 2U);
  board.probe.probe_info.target_millivolts.reset();
  EXPECT_EQ(fake::identified(board.probe).program_unit, 1U);
}

TEST(F4Identify, TheWidthFollowsTheSupply) {
  EXPECT_EQ(f4::parallelism_at({}), f4::Parallelism::x8);
  EXPECT_EQ(f4::parallelism_at(2099), f4::Parallelism::x8);
  EXPECT_EQ(f4::parallelism_at(2100), f4::Parallelism::x16);
  EXPECT_EQ(f4::parallelism_at(2699), f4::Parallelism::x16);
  EXPECT_EQ(f4::parallelism_at(2700), f4::Parallelism::x32);
}

TEST(F4Identify, BanksAreReadOnlyWhereThereCanBeTwo) {
  fake::F4Board board;
  board.probe.poke(f4::flash_optcr, 0x4FFFAAED);
  EXPECT_EQ(fake::identified(board.probe).sectors.size(), 12U);
  fake::F4Board large("STM32F429ZG");
  large.probe.poke(f4::flash_optcr, 0x4FFFAAED);
  EXPECT_EQ(fake::identified(large.probe).sectors.size(), 16U);
}

TEST(F4Identify, TheOptionOfTwoBanksCountsForAMegabyteOnly) {
  fake::F4Board board("STM32F429ZI");
  board.probe.poke(f4::flash_optcr, 0x4FFFAAED);
  EXPECT_EQ(fake::identified(board.probe).die_sectors.size(), 24U) << "2 MiB are always two banks";
  board.probe.poke(f4::size_word, 512U << 16);
  EXPECT_EQ(fake::identified(board.probe).die_sectors.size(), 24U) << "nor does it count here";
  board.probe.poke(f4::size_word, 1024U << 16);
  const Chip chip = fake::identified(board.probe);
  EXPECT_EQ(chip.die_sectors.size(), 16U);
  EXPECT_EQ(f4::bank_size(chip), 512 * kib);
}

TEST(F4Identify, ASizeWithinTheSecondBankKeepsTheSectorsOfThatBank) {
  fake::F4Board board("STM32F429ZI");
  Chip chip = fake::identified(board.probe);
  set_flash_size(chip, 1536 * kib);
  EXPECT_EQ(chip.sectors.at(12).size, 16 * kib);
  EXPECT_EQ(f4::sector_number(chip, chip.sectors.at(12).address), 0x10U);
}

}  // namespace
