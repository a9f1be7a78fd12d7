#include "f1_sim_board.hpp"
#include "test_models.hpp"

#include <gmock/gmock.h>

namespace {

using namespace flashhost;
using namespace flashhost::test;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::uint32_t kib = 1024;

class F1OnTheModel : public testing::TestWithParam<std::string> {};

TEST_P(F1OnTheModel, IsIdentified) {
  SimBoard board(GetParam());
  const Chip chip = board.identified();
  EXPECT_EQ(find_chip(fake::F1::parts(), chip.name).value_or(Chip{}).device_id,
            board.chip.device_id);
  EXPECT_EQ(chip.sectors, board.chip.sectors);
  EXPECT_EQ(chip.flash.size, test::flash_size(GetParam()));
  EXPECT_EQ(chip.unique_id.size(), 12U);
  EXPECT_THAT(chip.remarks, IsEmpty());
}

TEST_P(F1OnTheModel, IsIdentifiedWithRealSram) {
  SimBoard board(GetParam());
  const Chip chip = board.identified();
  EXPECT_EQ(chip.device_id, board.chip.device_id);
  EXPECT_EQ(chip.flash.size, test::flash_size(GetParam()));
  EXPECT_LE(chip.ram.size, board.chip.ram.size);
  EXPECT_NO_THROW((void)board.probe.read_word(static_cast<std::uint32_t>(chip.ram.end() - 4)));
}

INSTANTIATE_TEST_SUITE_P(Parts, F1OnTheModel, testing::ValuesIn(parts_of("STM32F1")),
                         [](const auto &name) { return name.param; });

TEST(F1Model, AGarbageSizeRegisterIsDoubted) {
  SimBoard board("STM32F103CB", {"flash_size_register=2D28"});
  const Chip chip = board.identified();
  EXPECT_THAT(chip.size_doubt.value_or(SizeDoubt{}).reason, HasSubstr("reads 0x2d28"));
}

TEST(F1Model, AGarbageSizeRegisterOfABlankNamelessChipMeansTheSmallest) {
  for (const char *value : {"0", "FFFF", "2D28"}) {
    SimBoard board("STM32F103CB", {std::string("flash_size_register=") + value});
    EXPECT_EQ(board.identified().flash.size, 64 * kib) << value;
  }
}

TEST(F1Model, FlashBeyondTheSmallestIsUsedOnceItDiffersFromWhatIsBelow) {
  SimBoard board("STM32F103CB", {"flash_size_register=0"});
  board.prepare_after_reset();
  f1::program(board.host, board.probe, board.chip, 0x08000000, Bytes{0, 0x50, 0, 0x20});
  EXPECT_EQ(board.identified().flash.size, 128 * kib);
}

TEST(F1Model, FlashThatIsNotThereIsNotUsed) {
  SimBoard board("STM32F103C8", {"flash_size_register=0"});
  board.prepare_after_reset();
  f1::program(board.host, board.probe, board.chip, 0x08000000, Bytes{0, 0x50, 0, 0x20});
  EXPECT_EQ(board.identified().flash.size, 64 * kib);
}

TEST(F1Model, ACloneIsSuspectedByItsDebugPort) {
  SimBoard board("STM32F103CB", {"dpidr=2BA01477"});
  const Chip chip = board.identified();
  EXPECT_THAT(chip.remarks, ElementsAre(HasSubstr("0x2ba01477")));
}

}  // namespace
