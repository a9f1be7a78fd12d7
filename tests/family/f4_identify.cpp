#include "f4_sim_board.hpp"
#include "test_models.hpp"

#include <gmock/gmock.h>

namespace {

using namespace flashhost;
using namespace flashhost::test;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::uint32_t kib = 1024;
using Board = SimBoardOf<fake::F4>;

class F4OnTheModel : public testing::TestWithParam<std::string> {};

TEST_P(F4OnTheModel, IsIdentified) {
  Board board(GetParam());
  const Chip chip = board.identified();
  EXPECT_EQ(find_chip(f4::parts(), chip.name).value_or(Chip{}).device_id, board.chip.device_id);
  EXPECT_EQ(chip.sectors, board.chip.sectors);
  EXPECT_EQ(chip.flash.size, test::flash_size(GetParam()));
  EXPECT_EQ(chip.unique_id.size(), 12U);
  EXPECT_THAT(chip.remarks, IsEmpty());
}

TEST_P(F4OnTheModel, IsIdentifiedWithRealSram) {
  Board board(GetParam());
  const Chip chip = board.identified();
  EXPECT_EQ(chip.device_id, board.chip.device_id);
  EXPECT_EQ(chip.flash.size, test::flash_size(GetParam()));
  EXPECT_EQ(chip.ram, board.chip.ram);
  EXPECT_NO_THROW((void)board.probe.read_word(static_cast<std::uint32_t>(chip.ram.end() - 4)));
}

INSTANTIATE_TEST_SUITE_P(Parts, F4OnTheModel, testing::ValuesIn(parts_of("STM32F4")),
                         [](const auto &name) { return name.param; });

TEST(F4Model, AnEarlyF405ThatCallsItselfAnF2IsOne) {
  Board board("STM32F405RG", {"wrong_id"});
  const Chip chip = board.identified();
  EXPECT_EQ(chip.device_id, 0x413U);
  EXPECT_EQ(chip.revision, 0x1000U);
  EXPECT_THAT(chip.remarks, ElementsAre(HasSubstr("0x20000411")));
}

TEST(F4Model, TheVoltageDecidesHowWideTheFlashIsProgrammed) {
  struct Row {
    const char *fault;
    std::uint32_t unit;
    std::chrono::milliseconds erase;
  };
  using std::chrono::milliseconds;
  for (const Row &row :
       {Row{"voltage=3300", 4, milliseconds(250)}, Row{"voltage=2700", 4, milliseconds(250)},
        Row{"voltage=2690", 2, milliseconds(300)}, Row{"voltage=2100", 2, milliseconds(300)},
        Row{"voltage=2090", 1, milliseconds(400)}, Row{"voltage=1800", 1, milliseconds(400)}}) {
    Board board("STM32F407VG", {row.fault});
    const Chip chip = board.identified();
    EXPECT_EQ(chip.program_unit, row.unit) << row.fault;
    EXPECT_EQ(chip.sectors.front().erase_typical, row.erase) << row.fault;
    EXPECT_THAT(chip.remarks, IsEmpty()) << row.fault;
  }
}

TEST(F4Model, AnUnknownVoltageMeansTheSafeWidthAndIsSaidOnce) {
  Board board("STM32F407VG", {"vapp_not_wired"});
  const Chip chip = board.identified();
  EXPECT_EQ(chip.program_unit, 1U);
  EXPECT_THAT(chip.remarks, ElementsAre(AllOf(HasSubstr("8 bits"), HasSubstr("voltage = 3.3"))));
}

TEST(F4Model, ASupplyBelowWhatFlashNeedsIsNamed) {
  Board board("STM32F407VG", {"voltage=1600"});
  const Chip chip = board.identified();
  EXPECT_EQ(chip.program_unit, 1U);
  EXPECT_THAT(chip.remarks, ElementsAre(HasSubstr("1.60 V")));
}

TEST(F4Model, AMegabyteInTwoBanksIsSeen) {
  Board board("STM32F429ZG", {"dual_bank"});
  const Chip chip = board.identified();
  EXPECT_EQ(chip.sectors.size(), 16U);
  EXPECT_TRUE(f4::two_banks(chip));
  EXPECT_EQ(board.chip.sectors.size(), 12U);
}

TEST(F4Model, AGarbageSizeRegisterIsDoubted) {
  Board board("STM32F407VG", {"flash_size_register=2D28"});
  const Chip chip = board.identified();
  EXPECT_THAT(chip.size_doubt.value_or(SizeDoubt{}).reason,
              HasSubstr("reads 0x2d28, which is no size of a STM32F405/407/415/417"));
}

TEST(F4Model, AGarbageSizeRegisterOfABlankNamelessChipMeansTheSmallest) {
  for (const char *value : {"0", "FFFF", "2D28"}) {
    Board board("STM32F407VG", {std::string("flash_size_register=") + value});
    EXPECT_EQ(board.identified().flash.size, 512 * kib) << value;
  }
}

TEST(F4Model, ASizeThatEndsWithinASectorIsWrong) {
  Board board("STM32F407VG");
  Chip chip = board.identified();
  for (const std::uint32_t kibibytes : {0U, 8U, 96U, 200U, 2048U}) {
    EXPECT_THAT(wrong_flash_size(chip, kibibytes * kib).value_or(""),
                HasSubstr("16 KiB, 64 KiB or 128 KiB each"))
        << kibibytes;
  }
  set_flash_size(chip, 256 * kib);
  EXPECT_EQ(chip.sectors.size(), 6U);
}

TEST(F4Model, AnF1IsNoneOfThisFamily) {
  fake::LogHost host;
  sim::SimProbe probe(host, sim_settings("STM32F103CB", {}), swd_speed);
  probe.attach(AttachMode::attach);
  EXPECT_FALSE(f4::identify(probe).chip);
}

}  // namespace
