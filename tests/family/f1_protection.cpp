#include "f1_sim_board.hpp"

#include <gmock/gmock.h>

#include <algorithm>

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

// FLASH_OBR has what the chip has loaded: WDG_SW in bit 2, nRST_STOP, nRST_STDBY and BFB2 above it,
// DATA0 from bit 10 and DATA1 from bit 18 on. FLASH_WRPR has the units.
TEST(F1OptionBytesModel, EachFieldIsWhereTheChipLooksForIt) {
  constexpr std::uint32_t obr = 0x4002201C, wrpr = 0x40022020;
  for (const char *part : {"STM32F103CB", "STM32F103RG"}) {
    SimBoard board(part);
    board.prepare_after_reset();
    std::vector<std::string> names;
    for (const OptionField &field : f1::option_fields(board.chip)) names.push_back(field.name);
    const auto loaded = [&](const char *name, std::uint32_t value, std::uint32_t address) {
      OptionWords words = f1::read_options(board.probe);
      for (const OptionField &field : f1::option_fields(board.chip)) {
        if (field.name == name) set_option_value(field, words, value);
      }
      f1::write_options(board.host, board.probe, board.chip, words);
      const std::uint32_t found = board.probe.read_word(address);
      board.undo.clear();
      board.prepare_after_reset();
      return found;
    };
    EXPECT_EQ(loaded("WDG_SW", 0, obr) & 0x3C, 0x38U);
    EXPECT_EQ(loaded("nRST_STOP", 0, obr) & 0x3C, 0x30U);
    EXPECT_EQ(loaded("nRST_STDBY", 0, obr) & 0x3C, 0x20U);
    if (std::ranges::find(names, "BFB2") != names.end()) {
      EXPECT_EQ(loaded("BFB2", 0, obr) & 0x3C, 0x00U);
    }
    EXPECT_EQ(loaded("DATA0", 0x12, obr) >> 10 & 0xFF, 0x12U);
    EXPECT_EQ(loaded("DATA1", 0x34, obr) >> 18 & 0xFF, 0x34U);
    EXPECT_EQ(loaded("WRP", 0xFFFFFFFE, wrpr), 0xFFFFFFFEU);
  }
  EXPECT_EQ(f1::option_fields(SimBoard("STM32F103CB").chip).size() + 1,
            f1::option_fields(SimBoard("STM32F103RG").chip).size());
}

}  // namespace
