// Protection and option bytes: what is found, written and loaded.
#include "l4_sim_board.hpp"
#include "thrown.hpp"

#include <gmock/gmock.h>

#include <algorithm>

namespace {

using namespace flashhost;
using namespace flashhost::test;
using bench::text_of;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using Kind = OptionEffect::Kind;

const Bytes some_data{1, 2, 3, 4, 5, 6, 7, 8};

OptionWords with_option(const Chip &chip, OptionWords words, const std::string &name,
                        std::uint32_t value) {
  const OptionField field = option_named(chip, name);
  const std::uint32_t mask = ((1U << field.bits) - 1) << field.shift;
  std::uint32_t &word = words.at(field.word);
  word = (word & ~mask) | value << field.shift;
  return words;
}

OptionWords options(L4SimBoard &board) {
  return l4::read_options(board.probe, board.chip);
}

// As `flashhost option NAME=VALUE` does it.
void set_option(L4SimBoard &board, const std::string &name, std::uint32_t value) {
  board.prepare_again();
  l4::write_options(board.host, board.probe, board.chip,
                    with_option(board.chip, options(board), name, value));
}

std::vector<Kind> kinds(const Chip &chip, const OptionWords &from, const OptionWords &to) {
  const std::vector<OptionEffect> effects = l4::option_effects(chip, from, to);
  std::vector<Kind> found(effects.size());
  std::ranges::transform(effects, found.begin(), &OptionEffect::kind);
  return found;
}

Protection found_on(L4SimBoard &board) {
  return l4::protection(board.probe, board.chip);
}

class L4OptionsOf : public testing::TestWithParam<std::string> {
 protected:
  L4SimBoard board{GetParam()};
};

TEST_P(L4OptionsOf, AFactoryChipProtectsNothing) {
  EXPECT_FALSE(found_on(board).any()) << found_on(board).detail;
}

TEST_P(L4OptionsOf, FieldsDoNotOverlapAndLieInTheirRegisters) {
  const std::vector<l4::OptionRegister> registers = l4::option_registers(board.chip);
  std::vector<std::uint32_t> taken(registers.size());
  for (const OptionField &field : l4::option_fields(board.chip)) {
    ASSERT_LT(field.word, registers.size()) << field.name;
    const std::uint32_t mask = ((1U << field.bits) - 1) << field.shift;
    EXPECT_EQ(taken[field.word] & mask, 0U) << field.name;
    EXPECT_EQ(registers[field.word].mask & mask, mask) << field.name;
    taken[field.word] |= mask;
  }
}

TEST_P(L4OptionsOf, ABitIsWrittenByNameAndLoadedAndTheFlashKept) {
  board.prepare_again();
  board.program(0x08000000, some_data);
  const OptionWords before = options(board);
  EXPECT_THAT(kinds(board.chip, before, with_option(board.chip, before, "IWDG_STOP", 0)),
              IsEmpty());
  set_option(board, "IWDG_STOP", 0);
  EXPECT_EQ(options(board), with_option(board.chip, before, "IWDG_STOP", 0));
  EXPECT_EQ(board.controller(l4::flash_optr), before.front() & ~(1U << 17));
  EXPECT_EQ(board.read(0x08000000, 8), some_data);
  EXPECT_EQ(board.probe.state(), CoreState::halted);
}

TEST_P(L4OptionsOf, WriteProtectionIsSetFoundAndLifted) {
  board.prepare_again();
  const auto &sectors = board.chip.sectors;
  const Sector first = sectors[2], last = sectors.back();
  OptionWords words = options(board);
  for (const Sector &sector : {first, last}) {
    words = l4::with_write_protection(board.chip, words, sector.range());
  }
  l4::write_options(board.host, board.probe, board.chip, words);
  EXPECT_THAT(found_on(board).write, ElementsAre(first.range(), last.range()));
  EXPECT_THAT(found_on(board).detail, HasSubstr("write protection is on"));
  board.prepare_again();
  EXPECT_THAT(text_of(Errc::flash, [&] { board.erase(last); }), HasSubstr("WRPERR"));
  board.erase(sectors[1]);
  board.program(sectors[1].address, some_data);
  l4::unprotect(board.host, board.probe, board.chip, found_on(board));
  EXPECT_FALSE(found_on(board).any()) << found_on(board).detail;
  EXPECT_EQ(board.read(sectors[1].address, 8), some_data);
  board.prepare_again();
  board.erase(last);
}

TEST_P(L4OptionsOf, ReadProtectionIsSetAndTakenOffTogetherWithTheFlash) {
  board.prepare_again();
  board.program(0x08000000, some_data);
  l4::write_options(board.host, board.probe, board.chip, l4::with_read_protection(options(board)));
  const Protection found = found_on(board);
  EXPECT_TRUE(found.read);
  EXPECT_FALSE(found.permanent);
  EXPECT_THAT(found.detail, AllOf(HasSubstr("RDP level 1"), HasSubstr("power-cycled")));
  EXPECT_THROW((void)board.probe.read_word(0x08000000), Error);
  board.prepare_again();
  l4::unprotect(board.host, board.probe, board.chip, found);
  EXPECT_THAT(board.host.warnings, ElementsAre(HasSubstr("erases the whole flash")));
  EXPECT_FALSE(found_on(board).any());
  EXPECT_EQ(board.read(0x08000000, 8), Bytes(8, 0xFF));
}

INSTANTIATE_TEST_SUITE_P(Parts, L4OptionsOf,
                         testing::Values("STM32G071RB", "STM32G030K8", "STM32G0B1RE", "STM32G0B1RB",
                                         "STM32G0B1RC", "STM32L432KC", "STM32L476RE", "STM32L4R5ZG",
                                         "STM32L476RG", "STM32L4R5ZI", "STM32G431KB", "STM32G474RE",
                                         "STM32G474RC", "STM32G070RB", "STM32C031K6", "STM32U083RC",
                                         "STM32WB55RG", "STM32WLE5JC"),
                         [](const auto &name) { return name.param; });

TEST(L4ProtectionModel, AProtectedPageIsFoundInEachBank) {
  struct Row {
    const char *part;
    std::size_t page;
    std::vector<std::string> faults;
  };
  for (const Row &row :
       {Row{"STM32G071RB", 63, {}}, Row{"STM32G0B1RE", 200, {}},
        Row{"STM32G0B1RE", 5, {"swapped_banks"}}, Row{"STM32G0B1RE", 200, {"swapped_banks"}},
        Row{"STM32L476RG", 300, {}}, Row{"STM32G474RE", 200, {}},
        Row{"STM32G474RE", 100, {"single_bank"}}, Row{"STM32L4R5ZI", 300, {}}}) {
    SCOPED_TRACE(row.part);
    std::vector<std::string> faults = row.faults;
    faults.push_back("write_protected=" + std::to_string(row.page));
    L4SimBoard board(row.part, faults);
    EXPECT_THAT(found_on(board).write, ElementsAre(board.chip.sectors[row.page].range()));
  }
}

TEST(L4ProtectionModel, AProtectedRangeMayReachIntoBothBanksAndThreeAreasNeedTwo) {
  L4SimBoard board("STM32L476RG");
  const auto &sectors = board.chip.sectors;
  OptionWords words = options(board);
  const MemoryRange both{sectors[255].address, 2 * sectors[255].size};
  words = l4::with_write_protection(board.chip, words, both);
  EXPECT_THAT(l4::write_protected(board.chip, words), ElementsAre(both));
  for (const std::size_t page : {10U, 20U}) {
    words = l4::with_write_protection(board.chip, words, sectors[page].range());
  }
  EXPECT_THAT(l4::write_protected(board.chip, words), Contains(sectors[10].range()).Times(0));
  for (const MemoryRange &wanted : {both, sectors[10].range(), sectors[20].range()}) {
    const auto all = l4::write_protected(board.chip, words);
    EXPECT_TRUE(std::ranges::any_of(all, [&](const MemoryRange &range) {
      return range.contains(wanted.address, wanted.size);
    }));
  }
}

TEST(L4ProtectionModel, ReadProtectionOfAPoweredBoardIsLiftedAndSaidToEraseEverything) {
  for (const char *part : {"STM32G071RB", "STM32L476RG", "STM32G474RE", "STM32WB55RG"}) {
    SCOPED_TRACE(part);
    L4SimBoard board(part, {"read_protected"});
    EXPECT_TRUE(found_on(board).read);
    board.prepare_again();
    l4::unprotect(board.host, board.probe, board.chip, found_on(board));
    EXPECT_THAT(board.host.warnings, ElementsAre(HasSubstr("erases the whole flash")));
    EXPECT_FALSE(found_on(board).any());
    board.prepare_again();
    board.program(0x08000000, some_data);
    EXPECT_EQ(board.read(0x08000000, 8), some_data);
  }
}

TEST(L4ProtectionModel, TheHardwareWatchdogOptionIsKept) {
  L4SimBoard board("STM32G071RB", {"write_protected=5", "hardware_iwdg"});
  board.prepare_again();
  l4::unprotect(board.host, board.probe, board.chip, found_on(board));
  EXPECT_FALSE(found_on(board).any());
  EXPECT_EQ(board.controller(l4::flash_optr) & l4::optr_iwdg_sw, 0U);
}

TEST(L4ProtectionModel, LookingChangesNothing) {
  L4SimBoard board("STM32L476RG", {"write_protected=5"});
  const OptionWords before = options(board);
  (void)found_on(board);
  EXPECT_EQ(options(board), before);
  EXPECT_EQ(board.controller(l4::flash_cr), l4::cr_lock | l4::cr_optlock);
}

TEST(L4OptionsModel, TheNumberOfBanksIsChangedByNameAndThenIdentified) {
  struct Row {
    const char *part, *option;
    std::size_t pages;
  };
  for (const Row &row :
       {Row{"STM32G474RE", "DBANK", 128}, Row{"STM32L4R5ZI", "DBANK", 256},
        Row{"STM32L476RE", "DUALBANK", 256}, Row{"STM32G0B1RC", "DUAL_BANK", 128}}) {
    SCOPED_TRACE(row.part);
    L4SimBoard board(row.part);
    EXPECT_TRUE(l4::division_of(board.chip).two_banks);
    const OptionWords before = options(board);
    EXPECT_THAT(
        l4::option_effects(board.chip, before, with_option(board.chip, before, row.option, 0)),
        ElementsAre(Field(&OptionEffect::text, HasSubstr("other banks and pages"))));
    set_option(board, row.option, 0);
    board.chip = board.identified();
    EXPECT_FALSE(l4::division_of(board.chip).two_banks);
    EXPECT_EQ(board.chip.sectors.size(), row.pages);
    board.prepare_again();
    board.program(board.chip.sectors[1].address, some_data);
    board.erase(board.chip.sectors[1]);
    EXPECT_EQ(board.read(board.chip.sectors[1].address, 8), Bytes(8, 0xFF));
  }
}

// So a change of the number of banks can be completed by its journal.
TEST(L4OptionsModel, TheWordsAreTheSameWithOneBankAndWithTwo) {
  for (const char *part : {"STM32L476RE", "STM32G0B1RC", "STM32L4R5ZG", "STM32L4R5ZI",
                           "STM32L4P5ZG", "STM32G474RE", "STM32G474RC"}) {
    SCOPED_TRACE(part);
    Chip chip = fake::described<fake::L4>(part);
    l4::divide(chip, {false, false});
    const std::vector<l4::OptionRegister> one = l4::option_registers(chip);
    l4::divide(chip, {true, false});
    const std::vector<l4::OptionRegister> two = l4::option_registers(chip);
    ASSERT_EQ(one.size(), two.size());
    for (std::size_t i = 0; i < one.size(); ++i) {
      EXPECT_EQ(one[i].offset, two[i].offset);
      EXPECT_EQ(one[i].mask, two[i].mask) << one[i].offset;
      EXPECT_EQ(one[i].unused, two[i].unused) << one[i].offset;
    }
  }
}

// What says whether a change that was interrupted is complete must be the same before and after.
TEST(L4OptionsModel, TheWordsThatWereWrittenReadTheSameWithTheOtherNumberOfBanks) {
  for (const auto &[part, option] : {std::pair{"STM32L476RE", "DUALBANK"},
                                     {"STM32G0B1RC", "DUAL_BANK"},
                                     {"STM32L4R5ZI", "DBANK"},
                                     {"STM32G474RE", "DBANK"}}) {
    SCOPED_TRACE(part);
    L4SimBoard board(part);
    for (const std::uint32_t banks : {0U, 1U}) {
      const OptionWords wanted = with_option(board.chip, options(board), option, banks);
      board.prepare_again();
      l4::write_options(board.host, board.probe, board.chip, wanted);
      board.chip = board.identified();
      EXPECT_EQ(l4::division_of(board.chip).two_banks, banks == 1);
      EXPECT_EQ(options(board), wanted);
      EXPECT_FALSE(found_on(board).any()) << found_on(board).detail;
    }
  }
}

// WRP2A and the like stay as they are, and nothing counts in them.
TEST(L4OptionsModel, WithOneBankTheAreasOfTheSecondProtectNothing) {
  L4SimBoard board("STM32L476RE", {"single_bank"});
  OptionWords words = options(board);
  for (const char *name : {"WRP2A_STRT", "WRP2A_END", "PCROP2_STRT", "PCROP2_END"}) {
    words = with_option(board.chip, words, name, 1);
  }
  EXPECT_THAT(l4::write_protected(board.chip, words), IsEmpty());
  EXPECT_FALSE(l4::proprietary(board.chip, words));
  EXPECT_EQ(option_value(option_named(board.chip, "WRP2A_END"),
                         l4::without_protection(board.chip, words)),
            0U)
      << "so that nothing is protected with two banks either";
}

TEST(L4OptionsModel, AValueLineHasNoProprietaryCodeAndNoSecuredArea) {
  for (const char *part : {"STM32G030K8", "STM32G070RB"}) {
    SCOPED_TRACE(part);
    L4SimBoard board(part);
    for (const OptionField &field : l4::option_fields(board.chip)) {
      EXPECT_FALSE(field.name.starts_with("PCROP")) << field.name;
      EXPECT_FALSE(field.name.starts_with("SEC_SIZE")) << field.name;
      EXPECT_NE(field.name, "BOOT_LOCK");
    }
  }
}

TEST(L4OptionsModel, QuestionsAboutAreasDoNotMakeThemAgain) {
  const L4SimBoard board("STM32G071RB");
  EXPECT_EQ(&l4::write_areas(board.chip), &l4::write_areas(Chip(board.chip)));
  EXPECT_EQ(&l4::option_fields(board.chip), &l4::option_fields(Chip(board.chip)));
}

TEST(L4OptionsModel, SwappedBanksShowTheOtherOneFirst) {
  L4SimBoard board("STM32G0B1RE");
  board.prepare_again();
  board.program(0x08040000, some_data);
  set_option(board, "nSWAP_BANK", 0);
  board.chip = board.identified();
  EXPECT_TRUE(l4::division_of(board.chip).swapped);
  EXPECT_EQ(board.read(0x08000000, 8), some_data);
  board.prepare_again();
  board.erase(board.chip.sectors.front());
  EXPECT_EQ(board.read(0x08000000, 8), Bytes(8, 0xFF));
}

TEST(L4OptionsModel, WhatCanNeverBeTakenBackIsSaid) {
  for (const char *part :
       {"STM32G071RB", "STM32G0B1RE", "STM32G474RE", "STM32C031K6", "STM32U083RC", "STM32WLE5JC"}) {
    SCOPED_TRACE(part);
    L4SimBoard board(part);
    const OptionWords open = options(board);
    const OptionWords closed = with_option(board.chip, open, "RDP", 0xCC);
    EXPECT_THAT(kinds(board.chip, open, closed), ElementsAre(Kind::final));
    EXPECT_THAT(kinds(board.chip, closed, open), ElementsAre(Kind::impossible));
    EXPECT_THAT(text_of(Errc::locked, [&] { return l4::without_protection(board.chip, closed); }),
                HasSubstr("RDP level 2 is final"));
    const OptionWords boots = with_option(board.chip, open, "BOOT_LOCK", 1);
    EXPECT_THAT(kinds(board.chip, open, boots), IsEmpty());
    EXPECT_THAT(kinds(board.chip, boots, l4::with_read_protection(boots)),
                ElementsAre(Kind::final));
  }
}

TEST(L4OptionsModel, ReadProtectionComesWithAWarningAndGoesWithTheFlash) {
  L4SimBoard board("STM32G071RB");
  const OptionWords open = options(board), shut = l4::with_read_protection(open);
  EXPECT_THAT(l4::option_effects(board.chip, open, shut),
              ElementsAre(Field(&OptionEffect::text, HasSubstr("no debugger can read"))));
  EXPECT_THAT(kinds(board.chip, shut, open), ElementsAre(Kind::erases_flash));
  EXPECT_EQ(l4::with_read_protection(shut), shut);
}

TEST(L4OptionsModel, AFreeRunningWatchdogIsRemarkedOn) {
  L4SimBoard board("STM32L432KC");
  const OptionWords open = options(board);
  EXPECT_THAT(l4::option_effects(board.chip, open, with_option(board.chip, open, "IWDG_SW", 0)),
              ElementsAre(Field(&OptionEffect::text, HasSubstr("reset again and again"))));
}

struct CodeArea {
  const char *part, *option;
  std::uint32_t unit, address;  // of the bank
};

// The second unit of the area is protected: as proprietary code, which may only be executed.
TEST(L4OptionsModel, ProprietaryCodeIsFoundAndNotLifted) {
  for (const CodeArea &row : {CodeArea{"STM32G071RB", "PCROP1A", 512, 0x08000000},
                              CodeArea{"STM32G071RB", "PCROP1B", 512, 0x08000000},
                              CodeArea{"STM32G0B1RE", "PCROP2A", 512, 0x08040000},
                              CodeArea{"STM32G0B1RE", "PCROP2B", 512, 0x08040000},
                              CodeArea{"STM32L476RG", "PCROP1", 8, 0x08000000},
                              CodeArea{"STM32L476RG", "PCROP2", 8, 0x08080000},
                              CodeArea{"STM32L4R5ZI", "PCROP2", 16, 0x08100000}}) {
    SCOPED_TRACE(std::string(row.part) + " " + row.option);
    L4SimBoard board(row.part);
    const std::string option = row.option;
    const OptionWords open = options(board);
    OptionWords words = with_option(board.chip, open, option + "_STRT", 1);
    words = with_option(board.chip, words, option + "_END", 1);
    EXPECT_THAT(kinds(board.chip, open, words), ElementsAre(Kind::remark));
    EXPECT_THAT(kinds(board.chip, words, open), ElementsAre(Kind::impossible));
    board.prepare_again();
    l4::write_options(board.host, board.probe, board.chip, words);
    EXPECT_THROW((void)board.probe.read_word(row.address + row.unit), Error);
    EXPECT_NO_THROW((void)board.probe.read_word(row.address + 2 * row.unit));
    const Protection found = found_on(board);
    ASSERT_EQ(found.write.size(), 1U);
    EXPECT_EQ(found.write.front().address, row.address);
    EXPECT_THAT(found.detail, HasSubstr("PCROP"));
    EXPECT_THAT(
        text_of(Errc::locked, [&] { l4::unprotect(board.host, board.probe, board.chip, found); }),
        HasSubstr("does not lift"));
  }
}

TEST(L4OptionsModel, AnL476HasNoOptionForItsBootPin) {
  const auto names = [](const char *part) {
    const std::vector<OptionField> fields = l4::option_fields(L4SimBoard(part).chip);
    std::vector<std::string> found(fields.size());
    std::ranges::transform(fields, found.begin(), &OptionField::name);
    return found;
  };
  EXPECT_THAT(names("STM32L476RG"), Contains("nSWBOOT0").Times(0));
  EXPECT_THAT(names("STM32L496ZG"), Contains("nSWBOOT0"));
}

}  // namespace
