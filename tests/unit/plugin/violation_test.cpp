#include "plugin/guarded.hpp"

#include <gtest/gtest.h>

#include <array>

namespace flashhost {
namespace {

using namespace std::chrono_literals;

Chip good_chip() {
  Chip chip;
  chip.name = "CHIP";
  chip.flash = {0x08000000, 0x1000};
  chip.die_flash_size = 0x1000;
  chip.sectors = {{0x08000000, 0x400, 20ms, 40ms}, {0x08000400, 0xC00, 20ms, 40ms}};
  chip.boot_address = chip.flash.address;
  chip.program_unit = 2;
  chip.program_typical = 50us;
  chip.program_maximum = 70us;
  return chip;
}

std::string violation_of(const Chip &chip) {
  return violation(chip).value_or("none");
}

TEST(Violation, GoodChipIsAccepted) {
  EXPECT_EQ(violation_of(good_chip()), "none");
}

TEST(Violation, ChipThatEndsAtTheEndOfTheAddressSpaceIsAccepted) {
  Chip chip = good_chip();
  chip.flash = {0xFFFFF000, 0x1000};
  chip.boot_address = 0xFFFFF000;
  chip.sectors = {{0xFFFFF000, 0x1000, 20ms, 40ms}};
  EXPECT_EQ(violation_of(chip), "none");
}

TEST(Violation, SectorsMustTileTheFlash) {
  const std::string prefix = "CHIP: its sectors do not tile its flash ";
  Chip chip = good_chip();
  chip.sectors[1].address += 4;
  EXPECT_EQ(violation_of(chip), prefix + "at 0x08000404");
  chip = good_chip();
  chip.sectors[1].size += 4;
  EXPECT_EQ(violation_of(chip), prefix + "0x08000000..0x08000fff");
  chip = good_chip();
  chip.sectors[0].size = 0;
  EXPECT_EQ(violation_of(chip), prefix + "at 0x08000000");
  chip = good_chip();
  chip.sectors.clear();
  EXPECT_EQ(violation_of(chip), prefix + "0x08000000..0x08000fff");
}

// Beside the flash at 0x08000000: option bytes, 40 of them in one page.
Chip chip_with_further_flash() {
  Chip chip = good_chip();
  Chip options = good_chip();
  options.flash = {0x1FFF7800, 40};
  options.die_flash_size = 40;
  options.sectors = {{0x1FFF7800, 40, 20ms, 40ms}};
  options.program_unit = 40;
  chip.further_flash = {options};
  chip.aliases = {{{0, 0x800}, 0x08000800}};
  return chip;
}

TEST(Violation, FurtherFlashAndAliasesAreAccepted) {
  EXPECT_EQ(violation_of(chip_with_further_flash()), "none");
}

TEST(Violation, FurtherFlashIsCheckedAsTheFlashIs) {
  Chip chip = chip_with_further_flash();
  chip.further_flash.front().sectors.front().size = 36;
  EXPECT_EQ(violation_of(chip),
            "CHIP, further flash: its sectors do not tile its flash 0x1fff7800..0x1fff7827");
  chip = chip_with_further_flash();
  chip.further_flash.front().further_flash = {good_chip()};
  EXPECT_EQ(violation_of(chip), "CHIP: further flash has further flash");
  chip = chip_with_further_flash();
  chip.further_flash.push_back(chip.further_flash.front());
  EXPECT_EQ(violation_of(chip),
            "CHIP: its flash or alias 0x1fff7800..0x1fff7827 overlaps the next");
}

TEST(Violation, AnAliasIsOneOfFlashAndLiesBesideIt) {
  Chip chip = chip_with_further_flash();
  chip.aliases.front().address = 0x08000801;
  EXPECT_EQ(violation_of(chip), "CHIP: the alias 0x00000000..0x000007ff is not one of its flash");
  chip = chip_with_further_flash();
  chip.aliases.front().range.address = 0x08000FFF;
  EXPECT_EQ(violation_of(chip),
            "CHIP: its flash or alias 0x08000000..0x08000fff overlaps the next");
}

TEST(Violation, ChipNeedsANameAndSensibleSizes) {
  Chip chip = good_chip();
  chip.name.clear();
  EXPECT_EQ(violation_of(chip), "the chip has no name");
  chip = good_chip();
  chip.program_unit = 3;
  EXPECT_EQ(violation_of(chip), "CHIP: the programming unit of 3 bytes is no power of two");
  chip.program_unit = 0;
  EXPECT_EQ(violation_of(chip), "CHIP: the programming unit of 0 bytes is no power of two");
  chip = good_chip();
  chip.die_flash_size = 0x800;
  EXPECT_EQ(violation_of(chip), "CHIP: the die holds 2 KiB, less than the flash of 4 KiB");
}

TEST(Violation, SectorsOfTheDieMustTileItAndNotMore) {
  Chip chip = good_chip();
  chip.die_flash_size = 0x2000;
  chip.die_sectors = chip.sectors;
  EXPECT_EQ(violation_of(chip), "none") << "less of the die is known than it holds";
  chip.die_sectors.push_back({0x08001000, 0x1000, {}, {}});
  EXPECT_EQ(violation_of(chip), "none");
  chip.die_sectors.push_back({0x08002000, 0x400, {}, {}});
  EXPECT_EQ(violation_of(chip), "CHIP: the sectors of its die do not tile the die");
  chip.die_sectors.pop_back();
  chip.die_sectors[1].size = 0x800;
  EXPECT_EQ(violation_of(chip), "CHIP: the sectors of its die do not tile the die");
}

TEST(Violation, ChipBootsFromItsFlash) {
  Chip chip = good_chip();
  chip.boot_address = 0x08001000;
  EXPECT_EQ(violation_of(chip), "CHIP: it boots from 0x08001000, outside its flash");
}

TEST(Violation, EccUnitIsAMultipleOfTheProgrammingUnit) {
  Chip chip = good_chip();
  for (const std::uint32_t unit : {0U, 2U, 8U}) {
    chip.ecc_unit = unit;
    EXPECT_EQ(violation_of(chip), "none") << unit;
  }
  for (const std::uint32_t unit : {1U, 12U}) {
    chip.ecc_unit = unit;
    EXPECT_EQ(violation_of(chip), "CHIP: the ECC unit of " + std::to_string(unit) +
                                      " bytes is no multiple of the programming unit");
  }
}

TEST(Violation, BitsAreClearedOnlyWhereNothingForbidsIt) {
  constexpr const char *text =
      "CHIP: it claims to clear bits of what is programmed, which no flash can with an error "
      "correcting code, or with an erased value other than 0xff";
  Chip chip = good_chip();
  chip.clears_bits = true;
  EXPECT_EQ(violation_of(chip), "none");
  chip.ecc_unit = 8;
  EXPECT_EQ(violation_of(chip), text);
  chip.ecc_unit = 0;
  chip.erased_value = 0;
  EXPECT_EQ(violation_of(chip), text);
}

TEST(Violation, EveryOperationHasALimit) {
  Chip chip = good_chip();
  chip.program_maximum = 0ns;
  EXPECT_EQ(violation_of(chip), "CHIP: there is no limit to the time that programming takes");
  chip = good_chip();
  chip.sectors[1].erase_maximum = 10ms;
  EXPECT_EQ(violation_of(chip),
            "CHIP: there is no limit to the time that erasing takes at 0x08000400");
  chip = good_chip();
  chip.mass_erase_typical = 20ms;
  EXPECT_EQ(violation_of(chip), "CHIP: there is no limit to the time that a mass erase takes");
  chip.mass_erase_maximum = 40ms;
  EXPECT_EQ(violation_of(chip), "none");
}

TEST(Violation, SectorsAreMadeOfWhatIsProgrammedAtATime) {
  Chip chip = good_chip();
  chip.ecc_unit = 0x400;
  EXPECT_EQ(violation_of(chip), "none");
  chip.ecc_unit = 0x800;
  EXPECT_EQ(violation_of(chip),
            "CHIP: the sector at 0x08000000 is no multiple of what is programmed at a time");
}

TEST(Violation, LoaderMustFitAndSayHowLongItTakes) {
  static constexpr std::array<std::uint8_t, 16> code{};
  LoaderCode good;
  good.code = code;
  good.init = 0;
  EXPECT_EQ(violation(good), std::nullopt);
  EXPECT_EQ(violation(LoaderCode{}), std::nullopt) << "no loader at all";
  const auto refused = [&](auto change) {
    LoaderCode bad = good;
    change(bad);
    return violation(bad).value_or("none");
  };
  EXPECT_EQ(
      refused([](LoaderCode &bad) { bad.zero_data = 0xFFFFFF00; }),
      "a stack of 256 bytes and data of 4294967040 bytes are not possible: the agent alone needs "
      "a stack of 144 bytes");
  EXPECT_EQ(
      refused([](LoaderCode &bad) { bad.scratch = 0xFFFFFF00; }),
      "a stack of 256 bytes and data of 4294967040 bytes are not possible: the agent alone needs "
      "a stack of 144 bytes");
  EXPECT_EQ(refused([](LoaderCode &bad) { bad.stack_size = 128; }),
            "a stack of 128 bytes and data of 0 bytes are not possible: the agent alone needs a "
            "stack of 144 bytes");
  EXPECT_EQ(refused([](LoaderCode &bad) { bad.static_base = 17; }),
            "its static base at offset 0x00000011 lies outside its code and data");
  EXPECT_EQ(refused([](LoaderCode &bad) { bad.page_size = 48; }),
            "pages of 48 bytes are no power of two");
  EXPECT_EQ(refused([](LoaderCode &bad) { bad.ticks = false; }),
            "it does not tick, and does not say how long its calls may take");
}

TEST(Violation, OptionsHaveNamesAndBitsOfTheirOwn) {
  const auto refused = [](const std::vector<OptionField> &fields) {
    return violation(fields).value_or("none");
  };
  EXPECT_EQ(refused({{"A", "", 0, 0, 8, {}}, {"B", "", 0, 8, 24, {}}, {"C", "", 1, 0, 32, {}}}),
            "none");
  EXPECT_EQ(refused({}), "it names no field of the option bytes");
  EXPECT_EQ(refused({{"", "", 0, 0, 8, {}}}), "an option has no name");
  EXPECT_EQ(refused({{"A", "", 0, 0, 0, {}}}), "the option \"A\" does not fit into a word");
  EXPECT_EQ(refused({{"A", "", 0, 31, 2, {}}}), "the option \"A\" does not fit into a word");
  EXPECT_EQ(refused({{"A", "", 64, 0, 1, {}}}), "the option \"A\" does not fit into a word");
  EXPECT_EQ(refused({{"A", "", 0, 0, 2, {{4, "x", ""}}}}),
            "the option \"A\" has a value that is too large");
  EXPECT_EQ(refused({{"A", "", 0, 0, 1, {}}, {"A", "", 0, 1, 1, {}}}),
            "the option \"A\" is named twice");
  EXPECT_EQ(refused({{"A", "", 0, 0, 2, {}}, {"B", "", 0, 1, 1, {}}}),
            "the option \"B\" and \"A\" share bits");
}

TEST(Violation, StatusRegisterNeedsABusyBit) {
  Chip chip = good_chip();
  chip.status.registers = {{"SR", 0x40022000, 0x08000000}};
  EXPECT_EQ(violation_of(chip), "CHIP: its flash status register has no busy bit");
  chip.status.bits = {{StatusBit::Meaning::busy, 1, "BSY", "it works"}};
  EXPECT_EQ(violation_of(chip), "none");
}

TEST(Violation, PartNeedsAPatternAndIsNamedByIt) {
  EXPECT_EQ(violation(Part{"CHIP[AB]", good_chip()}), std::nullopt);
  EXPECT_EQ(violation(Part{"", good_chip()}).value_or("none"),
            "\"\" is no pattern of a part's name");
  Part part{"CHIP[AB]", good_chip()};
  part.chip.boot_address = 0;
  EXPECT_EQ(violation(part).value_or("none"), "CHIPx: it boots from 0x00000000, outside its flash");
}

TEST(Violation, SegmentsMustBeAscendingApartAndNotEmpty) {
  const auto violation_of = [](std::vector<Segment> segments) {
    return violation(ParsedFile{std::move(segments), {}}).value_or("none");
  };
  EXPECT_EQ(violation_of({}), "none");
  EXPECT_EQ(violation_of({{0, Bytes(4)}, {5, Bytes(1)}}), "none");
  EXPECT_EQ(violation_of({{0xFFFFFFFF, Bytes(1)}}), "none");
  EXPECT_EQ(violation_of({{0xFFFFFFFF, Bytes(2)}}),
            "the segment at 0xffffffff ends beyond the address space");
  EXPECT_EQ(violation_of({{8, {}}}), "the segment at 0x00000008 is empty");
  EXPECT_EQ(violation_of({{0, Bytes(4)}, {4, Bytes(1)}}),
            "the segment at 0x00000004 touches the one before it");
  EXPECT_EQ(violation_of({{0, Bytes(4)}, {3, Bytes(1)}}),
            "the segment at 0x00000003 overlaps or precedes the one before it");
  EXPECT_EQ(violation_of({{8, Bytes(4)}, {0, Bytes(1)}}),
            "the segment at 0x00000000 overlaps or precedes the one before it");
}

TEST(Violation, EntryPointsMustLieInTheCode) {
  const Bytes code(8);
  LoaderCode loader;
  loader.code = code;
  EXPECT_EQ(violation(loader), std::nullopt);
  loader.program_page = 6;
  EXPECT_EQ(violation(loader), std::nullopt);
  loader.crc = 8;
  EXPECT_EQ(violation(loader).value_or("none"),
            "the entry point at offset 0x00000008 lies outside the code of 8 bytes");
}

}  // namespace
}  // namespace flashhost
