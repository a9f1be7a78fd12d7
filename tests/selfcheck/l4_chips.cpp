// Every line and every part of docs/reference/stm32-l4-type-flash.md, sections 1, 7, 12 and 15,
// against the tables of family-l4.
#include "../unit/sdk/fake_probe.hpp"
#include "family-stm32/l4_family.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <ostream>
#include <set>
#include <string>

namespace {

using namespace flashhost;
using testing::HasSubstr;
using testing::IsEmpty;

using stm32::kib;
constexpr std::uint32_t flash_start = 0x08000000;

// What the lines of a series have in common.
struct SheetSeries {
  std::uint32_t cpuid, debug_port, idcode, size_register, unique_id, options_register;
  std::uint32_t id_bits;  // of IDCODE 15:12
  bool error_correction;
};
constexpr std::uint32_t m4 = 0x410FC241, m0_plus = 0x410CC601;
constexpr std::uint32_t low_options = 0x40022020, high_options = 0x58004020;
// clang-format off
constexpr SheetSeries sheet_l4{m4, 0x2BA01477, 0xE0042000, 0x1FFF75E0, 0x1FFF7590, low_options, 0, true};
constexpr SheetSeries sheet_g0{m0_plus, 0x0BC11477, 0x40015800, 0x1FFF75E0, 0x1FFF7590, low_options, 6, true};
constexpr SheetSeries sheet_c0{m0_plus, 0x0BC11477, 0x40015800, 0x1FFF75A0, 0x1FFF7550, low_options, 6, false};
constexpr SheetSeries sheet_u031{m0_plus, 0x6BA02477, 0x40015800, 0x1FFF3EA0, 0x1FFF3E50, low_options, 0, true};
constexpr SheetSeries sheet_u073{m0_plus, 0x6BA02477, 0x40015800, 0x1FFF6EA0, 0x1FFF6E50, low_options, 0, true};
constexpr SheetSeries sheet_w{m4, 0x6BA02477, 0xE0042000, 0x1FFF75E0, 0x1FFF7590, high_options, 0, true};

// Section 1. The numbers of banks are those with all option bits set and with all clear, for the largest
// size; half_*: for half of it.
struct SheetLine {
  const char *name;
  std::uint32_t device_id;
  const SheetSeries *series;
  std::uint32_t page_kib, maximum_kib, loader_kib;
  unsigned banks_set = 1, banks_clear = 1, half_set = 1, half_clear = 1;
  std::uint32_t single_page_kib = 0;  // with one bank; 0: the same
};
constexpr auto sheet_lines = std::to_array<SheetLine>({
    {"L41", 0x464, &sheet_l4, 2, 128, 32},
    {"L43", 0x435, &sheet_l4, 2, 256, 48},
    {"L45", 0x462, &sheet_l4, 2, 512, 128},
    {"L47", 0x415, &sheet_l4, 2, 1024, 96, 2, 2, 2, 1},
    {"L49", 0x461, &sheet_l4, 2, 1024, 256, 2, 2, 2, 1},
    {"L4R", 0x470, &sheet_l4, 4, 2048, 192, 2, 1, 2, 1, 8},
    {"L4P", 0x471, &sheet_l4, 4, 1024, 128, 2, 1, 2, 1, 8},
    {"G43", 0x468, &sheet_l4, 2, 128, 16},
    {"G47", 0x469, &sheet_l4, 2, 512, 80, 2, 1, 2, 1, 4},
    {"G49", 0x479, &sheet_l4, 2, 512, 80},
    {"G03", 0x466, &sheet_g0, 2, 64, 8},
    {"G05", 0x456, &sheet_g0, 2, 64, 16},
    {"G07", 0x460, &sheet_g0, 2, 128, 32},
    {"G0B", 0x467, &sheet_g0, 2, 512, 128, 2, 2, 2, 1},
    {"C011", 0x443, &sheet_c0, 2, 32, 6},
    {"C031", 0x453, &sheet_c0, 2, 32, 12},
    {"C051", 0x44C, &sheet_c0, 2, 64, 12},
    {"C071", 0x493, &sheet_c0, 2, 128, 24},
    {"C09x", 0x44D, &sheet_c0, 2, 256, 30},
    {"U031", 0x459, &sheet_u031, 2, 64, 8},
    {"U07x", 0x489, &sheet_u073, 2, 256, 32},
    {"WB5x", 0x495, &sheet_w, 4, 1024, 64},
    {"WB3x", 0x496, &sheet_w, 4, 512, 32},
    {"WB1x", 0x494, &sheet_w, 2, 320, 12},
    {"WL", 0x497, &sheet_w, 2, 256, 32},
});

// Section 15: flash letters, and all SRAM in KiB.
struct SheetParts {
  const char *names;  // of one amount of SRAM, with their letters
  std::uint32_t device_id, sram_kib;
};
constexpr auto sheet_parts = std::to_array<SheetParts>({
    {"L412:8B L422:B", 0x464, 40},
    {"L431:BC L433:BC L432:BC L442:C L443:C", 0x435, 64},
    {"L451:CE L452:CE L462:E", 0x462, 160},
    {"L471:EG L475:CEG L476:CEG L486:G", 0x415, 128},
    {"L496:EG L4A6:G", 0x461, 320},
    {"L4P5:EG L4Q5:G", 0x471, 320},
    {"L4R5:GI L4R9:GI L4R7:I L4S5:I L4S7:I L4S9:I", 0x470, 640},
    {"G030:68 G031:468 G041:68", 0x466, 8},
    {"G050:68 G051:68 G061:68", 0x456, 18},
    {"G070:B G071:68B G081:B", 0x460, 36},
    {"G0B0:E G0B1:BCE G0C1:CE", 0x467, 144},
    {"G431:68B G441:B", 0x468, 32},
    {"G471:CE G473:BCE G474:BCE G483:E G484:E", 0x469, 128},
    {"G491:CE G4A1:E", 0x479, 112},
    {"C011:46", 0x443, 6},
    {"C031:46", 0x453, 12},
    {"C051:68", 0x44C, 12},
    {"C071:8B", 0x493, 24},
    {"C091:BC", 0x44D, 36},
    {"C092:BC", 0x44D, 30},
    {"U031:468", 0x459, 12},
    {"U073:8BC U083:C", 0x489, 40},
    {"WB10:C WB15:C", 0x494, 48},
    {"WB30:E WB35:CE", 0x496, 96},
    {"WB50:G WB55:C", 0x495, 128},
    {"WB55:EGY", 0x495, 256},
    {"WLE4:8 WLE5:8", 0x497, 20},
    {"WLE4:B WLE5:B", 0x497, 48},
    {"WLE4:C WLE5:C WL54:C WL55:C", 0x497, 64},
});
// clang-format on

std::uint32_t kib_of(const std::string &name, char letter) {
  static const std::map<char, std::uint32_t> sizes{{'4', 16},   {'6', 32},   {'8', 64},
                                                   {'B', 128},  {'C', 256},  {'E', 512},
                                                   {'G', 1024}, {'I', 2048}, {'Y', 640}};
  return name.starts_with("WB1") ? 320 : sizes.at(letter);
}

struct SheetPart {
  std::uint32_t device_id, flash_kib, sram_kib;
  friend bool operator==(const SheetPart &, const SheetPart &) = default;
};
void PrintTo(const SheetPart &part, std::ostream *out) {
  *out << fmt::format("{:x}, {} KiB of flash, {} KiB of SRAM", part.device_id, part.flash_kib,
                      part.sram_kib);
}

// By name without the package: "STM32G071B".
std::map<std::string, SheetPart> parts_of_the_sheet() {
  std::map<std::string, SheetPart> parts;
  for (const SheetParts &row : sheet_parts) {
    std::string name;
    bool letters = false;
    for (const char *at = row.names; *at != 0; ++at) {
      if (*at == ' ') {
        name.clear();
        letters = false;
      } else if (*at == ':') {
        letters = true;
      } else if (letters) {
        parts["STM32" + name + *at] = {row.device_id, kib_of(name, *at), row.sram_kib};
      } else {
        name += *at;
      }
    }
  }
  return parts;
}

// SRAM that is there once: SRAM2 of most L4, and the CCM SRAM of a G4, is seen at 0x10000000 as
// well as behind SRAM1; that of an L47 is seen there only.
std::uint32_t sram_of(const Chip &chip) {
  constexpr std::uint32_t core_memory = 0x10000000, l47 = 0x415;
  std::uint32_t size = 0;
  for (const MemoryRange &range : chip.stack_ram) {
    if (range.address != core_memory || chip.device_id == l47) size += range.size;
  }
  return size;
}

TEST(L4Parts, AreThoseOfTheSheetWithItsSizes) {
  constexpr std::size_t series = 9;  // "STM32G071"
  std::map<std::string, SheetPart> found;
  for (const std::string &name : part_names(l4::parts())) {
    const Chip chip = fake::described<fake::L4>(name);
    found[name.substr(0, series) + name.back()] = {
        static_cast<std::uint32_t>(chip.device_id),
        static_cast<std::uint32_t>(chip.flash.size / kib), sram_of(chip) / kib};
  }
  EXPECT_EQ(found, parts_of_the_sheet());
}

TEST(L4Parts, OfAWbHaveTheirSecondSramWhereItIs) {
  struct Row {
    const char *name;
    std::uint32_t first_kib, rest_kib;
  };
  for (const Row &row : {Row{"STM32WB55CC", 64, 64}, Row{"STM32WB50CG", 64, 64},
                         Row{"STM32WB35CE", 32, 64}, Row{"STM32WB15CC", 12, 36}}) {
    EXPECT_THAT(fake::described<fake::L4>(row.name).stack_ram,
                testing::UnorderedElementsAre(MemoryRange{0x20000000, row.first_kib * kib},
                                              MemoryRange{0x20030000, row.rest_kib * kib}))
        << row.name;
  }
}

TEST(L4Parts, OfAWlHaveLessRamForALoaderWithLessFlash) {
  for (const auto &[name, loader_kib] :
       {std::pair{"STM32WLE5J8", 10U}, std::pair{"STM32WLE5JB", 24U},
        std::pair{"STM32WLE5JC", 32U}}) {
    EXPECT_EQ(fake::described<fake::L4>(name).ram, (MemoryRange{0x20000000, loader_kib * kib}))
        << name;
  }
}

TEST(L4Lines, AreThoseOfTheSheet) {
  std::set<std::uint32_t> found, expected;
  for (const l4::Line &line : l4::lines()) {
    EXPECT_TRUE(found.insert(line.device_id).second) << line.name;
  }
  for (const SheetLine &line : sheet_lines) expected.insert(line.device_id);
  EXPECT_EQ(found, expected);
}

// A chip of this line as a probe sees it: nothing else answers.
void describe(fake::Probe &probe, const SheetLine &line, std::uint32_t flash_kib,
              std::uint32_t options) {
  const SheetSeries &series = *line.series;
  probe.probe_info.debug_port_id = series.debug_port;
  probe.poke(cortex_m::cpuid, series.cpuid);
  probe.add_region(series.idcode, 4, 0);
  probe.poke(series.idcode, 0x10000000 | series.id_bits << 12 | line.device_id);
  probe.add_region(series.unique_id, 12, 0);
  for (std::uint32_t i = 0; i < 3; ++i) probe.poke(series.unique_id + 4 * i, 0x00470031 + 77 * i);
  probe.add_region(series.size_register, 4, 0);
  probe.poke(series.size_register, 0xFFFF0000 | flash_kib);
  probe.add_region(series.options_register, 4, 0);
  probe.poke(series.options_register, options);
  probe.add_region(series.options_register + 0x60, 4, 0);  // FLASH_SFR
  probe.add_region(flash_start, flash_kib * kib, 0xFF);
}

class L4Line : public testing::TestWithParam<SheetLine> {
 protected:
  void expect_banks(std::uint32_t flash_kib, std::uint32_t options, unsigned banks) {
    SCOPED_TRACE(fmt::format("{} KiB, options {:x}", flash_kib, options));
    fake::Probe probe;
    describe(probe, line, flash_kib, options);
    const Chip chip = fake::identified<fake::L4>(probe);
    EXPECT_EQ(l4::division_of(chip).two_banks, banks == 2);
    const std::uint32_t page =
        banks == 1 && line.single_page_kib != 0 ? line.single_page_kib : line.page_kib;
    EXPECT_EQ(chip.sectors.size(), flash_kib / page);
    std::uint64_t next = flash_start;
    for (const Sector &sector : chip.sectors) {
      EXPECT_EQ(sector.range(), (MemoryRange{static_cast<std::uint32_t>(next), page * kib}));
      next = sector.range().end();
    }
  }
  const SheetLine &line = GetParam();
  static constexpr std::uint32_t all_set = 0xFFFFFFAA;
  static constexpr std::uint32_t banks_clear = 0xFF9FFFAA;  // bits 21 and 22
};

TEST_P(L4Line, IsIdentifiedByItsOwnIdAlone) {
  fake::Probe probe;
  describe(probe, line, line.maximum_kib, all_set);
  const Chip chip = fake::identified<fake::L4>(probe);
  EXPECT_EQ(chip.device_id, line.device_id);
  EXPECT_EQ(chip.flash, (MemoryRange{flash_start, line.maximum_kib * kib}));
  EXPECT_EQ(chip.unique_id.size(), 12U);
  EXPECT_EQ(chip.program_unit, 8U);
  EXPECT_EQ(chip.ecc_unit, line.series->error_correction ? 8U : 0U);
  EXPECT_EQ(chip.boot_address, flash_start);
  EXPECT_FALSE(chip.size_doubt);
  EXPECT_FALSE(chip.size_limit);
  for (const f1::Series series : {f1::Series::f0, f1::Series::f1, f1::Series::f3}) {
    EXPECT_FALSE(f1::identify(series, probe).chip);
  }
  EXPECT_FALSE(f4::identify(probe).chip);
}

TEST_P(L4Line, HasRamForALoader) {
  fake::Probe probe;
  describe(probe, line, line.maximum_kib, all_set);
  EXPECT_EQ(fake::identified<fake::L4>(probe).ram,
            (MemoryRange{0x20000000, line.loader_kib * kib}));
}

TEST_P(L4Line, IsDividedAsItsOptionsSay) {
  expect_banks(line.maximum_kib, all_set, line.banks_set);
  expect_banks(line.maximum_kib, banks_clear, line.banks_clear);
  if (line.maximum_kib == 320) return;  // comes in one size
  expect_banks(line.maximum_kib / 2, all_set, line.half_set);
  expect_banks(line.maximum_kib / 2, banks_clear, line.half_clear);
}

TEST_P(L4Line, IsNotClaimedWithTheIdOfAnotherFamilyOrOnAnotherCore) {
  fake::Probe probe;
  describe(probe, line, line.maximum_kib, all_set);
  std::set<std::uint32_t> others{0x472, 0x482, 0x476, 0x454, 0x492, 0x000, 0xFFF};
  for (const f1::Series series : {f1::Series::f0, f1::Series::f1, f1::Series::f3}) {
    for (const auto &other : f1::lines(series)) others.insert(other.device_id);
  }
  for (const auto &other : f4::lines()) others.insert(other.device_id);
  for (const std::uint32_t other : others) {
    probe.poke(line.series->idcode, 0x10000000 | other);
    EXPECT_FALSE(l4::identify(probe).chip) << std::hex << other;
  }
  probe.poke(line.series->idcode, 0x10000000 | line.device_id);
  for (const std::uint32_t core : {m4, m0_plus, 0x411FC231U, 0x410CC200U, 0x410FD210U}) {
    probe.poke(cortex_m::cpuid, core);
    EXPECT_EQ(l4::identify(probe).chip.has_value(), core == line.series->cpuid) << std::hex << core;
  }
}

TEST_P(L4Line, AnotherDebugPortIsASignOfAClone) {
  fake::Probe probe;
  describe(probe, line, line.maximum_kib, all_set);
  const std::size_t remarks = fake::identified<fake::L4>(probe).remarks.size();
  probe.probe_info.debug_port_id = 0x1BA01477;
  const Chip chip = fake::identified<fake::L4>(probe);
  ASSERT_EQ(chip.remarks.size(), std::max<std::size_t>(remarks, 1));
  EXPECT_THAT(chip.remarks.front(), HasSubstr("0x1ba01477"));
}

INSTANTIATE_TEST_SUITE_P(Sheet, L4Line, testing::ValuesIn(sheet_lines),
                         [](const auto &one) { return std::string(one.param.name); });

TEST(L4Lines, TheRevisionsOfTheSheetAreNoSignOfAClone) {
  struct Row {
    std::uint32_t device_id;
    std::vector<std::uint32_t> revisions;
  };
  for (const Row &row :
       {Row{0x415, {0x1000, 0x1001, 0x1003, 0x1007}}, Row{0x468, {0x1000, 0x2000, 0x2001}}}) {
    const auto line = std::ranges::find(sheet_lines, row.device_id, &SheetLine::device_id);
    fake::Probe probe;
    describe(probe, *line, line->maximum_kib, 0xFFFFFFAA);
    for (const std::uint32_t revision : row.revisions) {
      probe.poke(line->series->idcode, revision << 16 | row.device_id);
      EXPECT_THAT(fake::identified<fake::L4>(probe).remarks, IsEmpty()) << line->name << revision;
    }
    probe.poke(line->series->idcode, 0x7777U << 16 | row.device_id);
    EXPECT_THAT(fake::identified<fake::L4>(probe).remarks,
                testing::ElementsAre(HasSubstr("0x7777")));
  }
}

TEST(L4Lines, ASmallG0B1HasOneBankWhateverItsOptionsSay) {
  const auto line = std::ranges::find(sheet_lines, 0x467U, &SheetLine::device_id);
  fake::Probe probe;
  describe(probe, *line, 128, 0xFFFFFFAA);
  EXPECT_FALSE(l4::division_of(fake::identified<fake::L4>(probe)).two_banks);
}

TEST(L4Lines, AG47WithLessFlashMayHaveAHoleBetweenItsBanks) {
  const auto line = std::ranges::find(sheet_lines, 0x469U, &SheetLine::device_id);
  for (const std::uint32_t flash_kib : {128U, 256U}) {
    fake::Probe probe;
    describe(probe, *line, flash_kib, 0xFFFFFFAA);
    const std::uint32_t half = flash_kib / 2 * kib, second = 0x08040000;
    probe.regions[flash_start].resize(half);
    probe.add_region(second, half, 0xFF);
    const Chip chip = fake::identified<fake::L4>(probe);
    EXPECT_EQ(chip.flash, (MemoryRange{flash_start, half}));
    ASSERT_EQ(chip.further_flash.size(), 1U);
    const Chip &further = chip.further_flash.front();
    EXPECT_EQ(further.flash, (MemoryRange{second, half}));
    EXPECT_EQ(further.sectors.size(), half / (2 * kib));
    EXPECT_EQ(further.sectors.front().address, second);
    const l4::Page page = l4::page_at(further, second + 2 * kib);
    EXPECT_EQ(page.bank, 1U);
    EXPECT_EQ(page.number, 1U);
  }
}

// As users have reported of 128 KiB: the bit for the second bank does nothing there.
TEST(L4Lines, AG47WithAllItsFlashInOnePieceHasAllPagesInOneBank) {
  const auto line = std::ranges::find(sheet_lines, 0x469U, &SheetLine::device_id);
  fake::Probe probe;
  describe(probe, *line, 128, 0xFFFFFFAA);
  const Chip chip = fake::identified<fake::L4>(probe);
  EXPECT_THAT(chip.further_flash, IsEmpty());
  const l4::Page page = l4::page_at(chip, 0x08010000);
  EXPECT_EQ(page.bank, 0U);
  EXPECT_EQ(page.number, 32U);
}

// Section 6: where the controller finds the first page of the second half.
TEST(L4Lines, TheSecondHalfIsInTheSecondBankWhereThereAreTwo) {
  for (const SheetLine &line : sheet_lines) {
    fake::Probe probe;
    describe(probe, line, line.maximum_kib, 0xFFFFFFAA);
    const Chip chip = fake::identified<fake::L4>(probe);
    const std::uint32_t half = line.maximum_kib / 2;
    const l4::Page page = l4::page_at(chip, flash_start + half * kib);
    EXPECT_EQ(page.bank, line.banks_set - 1) << line.name;
    EXPECT_EQ(page.number, line.banks_set == 2 ? 0 : half / line.page_kib) << line.name;
    const bool g0b = std::string(line.name) == "G0B";
    if (line.banks_set == 2) {
      EXPECT_EQ(l4::second_bank_bit(l4::line_of(chip)), g0b ? 1U << 13 : 1U << 11) << line.name;
    }
    EXPECT_EQ(l4::mass_erase_bits(chip), line.banks_set == 2 ? 0x8004U : 4U) << line.name;
  }
}

}  // namespace
