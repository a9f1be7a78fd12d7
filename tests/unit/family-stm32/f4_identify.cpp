#include "f4_board.hpp"

#include <gmock/gmock.h>

namespace {

using namespace flashhost;

using stm32::kib;

TEST(F4Identify, AnF2IsNotClaimed) {
  fake::F4Board board;
  board.probe.poke(cortex_m::cpuid, 0x411FC231);
  board.probe.poke(f4::dbgmcu_idcode, 0x20000411);
  EXPECT_FALSE(f4::identify(board.probe).chip);
}

TEST(F4Identify, TheSupplyThatTheProbeTellsCounts) {
  fake::F4Board board;
  board.probe.probe_info.target_millivolts = 1900;
  EXPECT_EQ(board.identified().program_unit, 1U);
  board.probe.probe_info.target_millivolts = 2400;
  EXPECT_EQ(board.identified().program_unit, 2U);
  board.probe.probe_info.target_millivolts.reset();
  EXPECT_EQ(board.identified().program_unit, 1U);
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
  EXPECT_EQ(board.identified().sectors.size(), 12U);
  fake::F4Board large("STM32F429ZG");
  large.probe.poke(f4::flash_optcr, 0x4FFFAAED);
  EXPECT_EQ(large.identified().sectors.size(), 16U);
}

TEST(F4Identify, TheOptionOfTwoBanksCountsForAMegabyteOnly) {
  fake::F4Board board("STM32F429ZI");
  board.probe.poke(f4::flash_optcr, 0x4FFFAAED);
  EXPECT_EQ(board.identified().die_sectors.size(), 24U) << "2 MiB are always two banks";
  board.probe.poke(f4::size_register & ~3U, 512U << 16);
  EXPECT_EQ(board.identified().die_sectors.size(), 24U) << "nor does it count here";
  board.probe.poke(f4::size_register & ~3U, 1024U << 16);
  const Chip chip = board.identified();
  EXPECT_EQ(chip.die_sectors.size(), 16U);
  EXPECT_EQ(f4::bank_size(chip), 512 * kib);
}

TEST(F4Identify, ASizeWithinTheSecondBankKeepsTheSectorsOfThatBank) {
  fake::F4Board board("STM32F429ZI");
  Chip chip = board.identified();
  set_flash_size(chip, 1536 * kib);
  EXPECT_EQ(chip.sectors.at(12).size, 16 * kib);
  EXPECT_EQ(f4::sector_number(chip, chip.sectors.at(12).address), 0x10U);
}

}  // namespace
