// The option bytes of STM32F0 and F3: fields by die, levels, and that the chip loads what was
// written.
#include "sim_board.hpp"
#include "thrown.hpp"

#include <gmock/gmock.h>

#include <algorithm>

namespace {

using namespace flashhost;
using namespace flashhost::test;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr std::uint32_t obr = 0x4002201C;

// F0 and F3 are driven by the same functions.
using SeriesBoard = SimBoardOf<fake::F0>;
using LargeBoard = SimBoardOf<fake::F3>;

template <class Board>
void set(Board &board, const std::string &name, std::uint32_t value) {
  OptionWords words = f1::read_options(board.probe);
  for (const OptionField &field : f1::option_fields(board.chip)) {
    if (field.name == name) set_option_value(field, words, value);
  }
  f1::write_options(board.host, board.probe, board.chip, words);
  board.undo.clear();
  board.prepare_after_reset();
}

std::vector<std::string> names_of(const Chip &chip) {
  std::vector<std::string> names;
  for (const OptionField &field : f1::option_fields(chip)) names.push_back(field.name);
  return names;
}

TEST(F0F3OptionFields, AreThoseOfTheDie) {
  EXPECT_THAT(names_of(fake::described<fake::F0>("STM32F051R8")),
              ElementsAre("RDP", "WDG_SW", "nRST_STOP", "nRST_STDBY", "nBOOT1", "VDDA_MONITOR",
                          "RAM_PARITY_CHECK", "DATA0", "DATA1", "WRP"));
  for (const char *part : {"STM32F042K6", "STM32F091RC", "STM32F070F6", "STM32F030RC"}) {
    EXPECT_THAT(
        names_of(fake::described<fake::F0>(part)),
        ElementsAre("RDP", "WDG_SW", "nRST_STOP", "nRST_STDBY", "nBOOT0", "nBOOT1", "VDDA_MONITOR",
                    "RAM_PARITY_CHECK", "BOOT_SEL", "DATA0", "DATA1", "WRP"));
  }
  EXPECT_THAT(names_of(fake::described<fake::F3>("STM32F303VC")),
              ElementsAre("RDP", "WDG_SW", "nRST_STOP", "nRST_STDBY", "nBOOT1", "VDDA_MONITOR",
                          "SRAM_PE", "DATA0", "DATA1", "WRP"));
  EXPECT_THAT(names_of(fake::described<fake::F3>("STM32F373CC")), Contains("SDADC12_VDD_MONITOR"));
  EXPECT_THAT(names_of(fake::described<fake::F3>("STM32F302CB")),
              Not(Contains("SDADC12_VDD_MONITOR")));
}

template <class Board>
void expect_each_field_in_place(const std::string &part) {
  SCOPED_TRACE(part);
  Board board(part);
  board.prepare_after_reset();
  const std::vector<OptionField> fields = f1::option_fields(board.chip);
  for (const OptionField &field : fields) {
    if (field.name == "RDP" || field.word != 0 || field.bits != 1) continue;
    const bool boots_elsewhere = field.name == "BOOT_SEL" || field.name == "nBOOT0";
    set(board, field.name, 0);
    EXPECT_EQ(board.probe.read_word(obr), 0xFFFFFF00U & ~(1U << field.shift)) << field.name;
    EXPECT_FALSE(boots_elsewhere && f1::protection(board.probe, board.chip).any());
    set(board, field.name, 1);
  }
  set(board, "DATA0", 0x12);
  set(board, "DATA1", 0x34);
  EXPECT_EQ(board.probe.read_word(obr), 0x3412FF00U);
  set(board, "WRP", 0x7E);
  EXPECT_EQ(board.probe.read_word(f1::flash_wrpr) & 0xFF, 0x7EU);
}

TEST(F0F3OptionBytes, EachFieldIsWhereTheChipLooksForIt) {
  for (const char *part :
       {"STM32F031K6", "STM32F051R8", "STM32F042K6", "STM32F072RB", "STM32F091RC"}) {
    expect_each_field_in_place<SeriesBoard>(part);
  }
  for (const char *part :
       {"STM32F301K8", "STM32F303K8", "STM32F303VC", "STM32F303RE", "STM32F373CC"}) {
    expect_each_field_in_place<LargeBoard>(part);
  }
}

TEST(F0F3OptionBytes, ReadProtectionIsLiftedWithTheFlashErased) {
  for (const char *fault : {"read_protected", "read_protected_by_damage"}) {
    SeriesBoard board("STM32F051R8", {fault});
    board.prepare_after_reset();
    const Protection found = f1::protection(board.probe, board.chip);
    EXPECT_TRUE(found.read);
    EXPECT_FALSE(found.permanent);
    EXPECT_THAT(found.write, IsEmpty());
    EXPECT_THAT(found.detail, HasSubstr("RDP level 1, FLASH_OBR"));
    f1::unprotect(board.host, board.probe, board.chip, found);
    EXPECT_FALSE(f1::protection(board.probe, board.chip).any());
    EXPECT_THAT(board.host.warnings, ElementsAre(HasSubstr("erases the whole flash")));
    EXPECT_EQ(board.read(0x08000000, 2), (Bytes{0xFF, 0xFF}));
  }
}

TEST(F0F3OptionBytes, TheF1sValueOfNoProtectionProtects) {
  const Chip chip = fake::described<fake::F3>("STM32F303VC");
  const OptionWords open{0xFFFFFFAA, 0xFFFFFFFF}, closed{0xFFFFFFA5, 0xFFFFFFFF};
  EXPECT_EQ(f1::option_effects(chip, closed, open).front().kind, OptionEffect::Kind::erases_flash);
  EXPECT_EQ(f1::without_protection(chip, closed), open);
  EXPECT_EQ(f1::with_read_protection(chip, open).front(), 0xFFFFFF00U);
}

TEST(F0F3OptionBytes, Level2IsFinal) {
  const Chip chip = fake::described<fake::F0>("STM32F072RB");
  const OptionWords open{0xFFFFFFAA, 0xFFFFFFFF}, final_level{0xFFFFFFCC, 0xFFFFFFFF};
  EXPECT_EQ(f1::option_effects(chip, open, final_level).front().kind, OptionEffect::Kind::final);
  EXPECT_EQ(f1::option_effects(chip, final_level, open).front().kind,
            OptionEffect::Kind::impossible);
  EXPECT_THAT(
      bench::text_of(Errc::locked, [&] { (void)f1::without_protection(chip, final_level); }),
      HasSubstr("level 2 is final"));
}

TEST(F0F3OptionBytes, Level2IsWrittenWithoutAReset) {
  LargeBoard board("STM32F303VC");
  board.prepare_after_reset();
  f1::write_options(board.host, board.probe, board.chip, {0xFFFFFFCC, 0xFFFFFFFF});
  EXPECT_EQ(f1::read_options(board.probe), (OptionWords{0xFFFFFFCC, 0xFFFFFFFF}));
  EXPECT_EQ(board.probe.read_word(obr) & 6, 0U);  // not loaded yet
}

TEST(F0F3Finish, StartsTheFirmwareOfAChipThatWasEmptyAndIsQuietOtherwise) {
  SeriesBoard board("STM32F042K6");
  board.prepare_after_reset();
  const auto vectors_shown = [&] { return board.read(0, 8); };
  f1::finish(board.host, board.probe, board.chip);  // the flash is still empty
  EXPECT_THAT(board.host.infos, IsEmpty());
  const Bytes vectors{0, 8, 0, 0x20, 1, 1, 0, 8};
  f1::program(board.host, board.probe, board.chip, 0x08000000, vectors);
  EXPECT_NE(vectors_shown(), vectors);
  board.probe.resume();
  f1::finish_without_reset(board.host, board.probe, board.chip);
  EXPECT_THAT(board.host.warnings, ElementsAre(HasSubstr("take the supply off")));
  EXPECT_NE(vectors_shown(), vectors);
  EXPECT_EQ(board.probe.state(), CoreState::running) << "no reset";
  f1::finish(board.host, board.probe, board.chip);
  EXPECT_THAT(board.host.infos, ElementsAre(HasSubstr("the flash was empty")));
  EXPECT_EQ(vectors_shown(), vectors);
  EXPECT_EQ(board.probe.state(), CoreState::halted);
  f1::finish(board.host, board.probe, board.chip);
  EXPECT_EQ(board.host.infos.size(), 1U);
}

TEST(F0F3Finish, SaysThatOptionBytesChooseTheBootloader) {
  SeriesBoard board("STM32F042K6");
  board.prepare_after_reset();
  const Bytes vectors{0, 8, 0, 0x20, 1, 1, 0, 8};
  f1::program(board.host, board.probe, board.chip, 0x08000000, vectors);
  set(board, "nBOOT0", 0);
  set(board, "BOOT_SEL", 0);
  f1::finish(board.host, board.probe, board.chip);
  EXPECT_THAT(board.host.infos, ElementsAre(HasSubstr("BOOT0 or the option bytes choose")));
}

}  // namespace
