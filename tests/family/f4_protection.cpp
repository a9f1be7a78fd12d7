#include "f4_sim_board.hpp"

#include <gmock/gmock.h>

namespace {

using namespace flashhost;
using namespace flashhost::test;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

void program_word(F4SimBoard &board, std::uint32_t address) {
  f4::program(board.host, board.probe, board.chip, address, Bytes{1, 2, 3, 4}, Width::word);
}

TEST(F4ProtectionModel, AFactoryChipHasNoneAndStartsFromItsFirstSector) {
  for (const std::string &part : parts_of("STM32F4")) {
    F4SimBoard board(part);
    EXPECT_FALSE(f4::protection(board.probe, board.chip).any()) << part;
    EXPECT_EQ(board.identified().boot_address, 0x08000000U) << part;
  }
}

TEST(F4ProtectionModel, AProtectedSectorIsFoundInEachBank) {
  for (const auto &[part, index] : {std::pair{"STM32F407VG", 5U}, std::pair{"STM32F429ZI", 13U},
                                    std::pair{"STM32F410C8", 3U}}) {
    F4SimBoard board(part, {"write_protected=" + std::to_string(index)});
    EXPECT_THAT(f4::protection(board.probe, board.chip).write,
                ElementsAre(board.chip.sectors[index].range()))
        << part;
  }
}

TEST(F4ProtectionModel, TheLastTwoSectorsOfAnF413AreProtectedTogether) {
  F4SimBoard board("STM32F413ZH", {"write_protected=15"});
  EXPECT_THAT(f4::protection(board.probe, board.chip).write,
              ElementsAre(MemoryRange{0x08140000, 0x40000}));
}

TEST(F4ProtectionModel, WriteProtectionIsLiftedAndTheFlashKept) {
  for (const auto &[part, index] : {std::pair{"STM32F407VG", 5U}, std::pair{"STM32F429ZI", 13U}}) {
    F4SimBoard board(part, {"write_protected=" + std::to_string(index), "hardware_iwdg"});
    board.prepare_after_reset();
    program_word(board, 0x08000000);
    f4::unprotect(board.host, board.probe, board.chip, f4::protection(board.probe, board.chip));
    EXPECT_FALSE(f4::protection(board.probe, board.chip).any());
    EXPECT_EQ(board.read(0x08000000, 4), (Bytes{1, 2, 3, 4}));
    EXPECT_THAT(board.host.warnings, IsEmpty());
    EXPECT_EQ(board.probe.read_word(f4::flash_optcr) & 0x20, 0U) << "WDG_SW stays";
    board.undo.clear();
    board.prepare_after_reset();
    f4::erase_sector(board.host, board.probe, board.chip, board.chip.sectors[index]);
  }
}

TEST(F4ProtectionModel, ReadProtectionSaysThatThePowerMustBeCycled) {
  F4SimBoard board("STM32F407VG", {"read_protected"});
  const Protection found = f4::protection(board.probe, board.chip);
  EXPECT_TRUE(found.read);
  EXPECT_FALSE(found.permanent);
  EXPECT_THAT(found.detail, AllOf(HasSubstr("RDP level 1"), HasSubstr("power-cycled")));
  // The flash was looked at, as another tool would.
  EXPECT_THROW((void)board.probe.read_word(0x08000000), Error);
  board.prepare_after_reset();
  try {
    f4::unprotect(board.host, board.probe, board.chip, found);
    FAIL() << "the flash is open";
  } catch (const Error &error) {
    EXPECT_EQ(error.code(), Errc::locked);
    EXPECT_THAT(error.what(), HasSubstr("power-cycled"));
  }
  EXPECT_THAT(board.host.warnings, ElementsAre(HasSubstr("erases the whole flash")));
  EXPECT_FALSE(f4::protection(board.probe, board.chip).any());
}

TEST(F4ProtectionModel, TheBankThatBootsIsTheSecondWhenItHoldsAProgram) {
  F4SimBoard board("STM32F429ZI", {"boot_bank2"});
  EXPECT_EQ(board.identified().boot_address, 0x08000000U);
  board.prepare_after_reset();
  f4::program(board.host, board.probe, board.chip, 0x08100000,
              Bytes{0, 0x10, 0, 0x20, 1, 1, 0x10, 8}, Width::word);
  EXPECT_EQ(board.identified().boot_address, 0x08100000U);
}

TEST(F4ProtectionModel, ReadingTheOptionsChangesNothing) {
  F4SimBoard board("STM32F407VG", {"write_protected=5"});
  const std::uint32_t before = board.probe.read_word(f4::flash_optcr);
  (void)f4::protection(board.probe, board.chip);
  EXPECT_EQ(board.probe.read_word(f4::flash_optcr), before);
}

}  // namespace
