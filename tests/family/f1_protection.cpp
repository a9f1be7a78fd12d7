#include "f1_sim_board.hpp"

#include <gmock/gmock.h>

namespace {

using namespace flashhost;
using namespace flashhost::test;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::uint32_t kib = 1024;

TEST(F1ProtectionModel, AFactoryChipHasNone) {
  for (const std::string &part : parts_of("STM32F1")) {
    SimBoard board(part);
    EXPECT_FALSE(f1::protection(board.probe, board.chip).any()) << part;
    EXPECT_EQ(board.identified().boot_address, 0x08000000U) << part;
  }
}

TEST(F1ProtectionModel, TheUnitOfAProtectedPageIsFoundOnEveryLine) {
  for (const std::string &part : parts_of("STM32F1")) {
    SimBoard board(part, {"write_protected=5"});
    const Protection found = f1::protection(board.probe, board.chip);
    const std::uint32_t page = board.chip.sectors[5].address;
    const std::uint32_t unit = page / (4 * kib) * (4 * kib);
    EXPECT_THAT(found.write, ElementsAre(MemoryRange{unit, 4 * kib})) << part;
  }
}

TEST(F1ProtectionModel, WriteProtectionIsLiftedAndTheFlashKept) {
  SimBoard board("STM32F103CB", {"write_protected=5"});
  board.prepare_after_reset();
  f1::program(board.host, board.probe, board.chip, 0x08000000, Bytes{1, 2});
  f1::unprotect(board.host, board.probe, board.chip, f1::protection(board.probe, board.chip));
  EXPECT_FALSE(f1::protection(board.probe, board.chip).any());
  EXPECT_EQ(board.read(0x08000000, 2), (Bytes{1, 2}));
  EXPECT_THAT(board.host.warnings, IsEmpty());
  board.undo.clear();
  board.prepare_after_reset();
  f1::erase_sector(board.host, board.probe, board.chip, board.chip.sectors[5]);
}

TEST(F1ProtectionModel, ReadProtectionIsLiftedAndSaidToEraseEverything) {
  SimBoard board("STM32F103CB", {"read_protected"});
  board.prepare_after_reset();
  const Protection found = f1::protection(board.probe, board.chip);
  EXPECT_TRUE(found.read);
  f1::unprotect(board.host, board.probe, board.chip, found);
  EXPECT_FALSE(f1::protection(board.probe, board.chip).any());
  EXPECT_THAT(board.host.warnings, ElementsAre(HasSubstr("erases the whole flash")));
  board.undo.clear();
  board.prepare_after_reset();
  f1::program(board.host, board.probe, board.chip, 0x08000000, Bytes{1, 2});
  EXPECT_EQ(board.read(0x08000000, 2), (Bytes{1, 2}));
}

TEST(F1ProtectionModel, TheHardwareWatchdogOptionIsKept) {
  SimBoard board("STM32F103CB", {"write_protected=5", "hardware_iwdg"});
  board.prepare_after_reset();
  f1::unprotect(board.host, board.probe, board.chip, f1::protection(board.probe, board.chip));
  EXPECT_EQ(board.read(f1::option_base + 2, 2), (Bytes{0xFE, 0x01}));
}

}  // namespace
