#include "f1_sim_board.hpp"
#include "thrown.hpp"

#include <gmock/gmock.h>

namespace {

using namespace flashhost;
using namespace flashhost::test;
using bench::text_of;
using testing::ElementsAre;
using testing::HasSubstr;

Bytes pattern(std::size_t size) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i * 31 + 7);
  return bytes;
}

class F1DirectOnTheModel : public testing::TestWithParam<std::string> {};

TEST_P(F1DirectOnTheModel, TheLastPageIsErasedAndProgrammedAndItsNeighbourKept) {
  SimBoard board(GetParam());
  board.prepare_after_reset();
  const Sector last = board.chip.sectors.back();
  const Sector before = board.chip.sectors[board.chip.sectors.size() - 2];
  const Bytes data = pattern(64);
  f1::program(board.host, board.probe, board.chip, before.address, data);
  f1::program(board.host, board.probe, board.chip, last.address, Bytes(64, 0));
  f1::erase_sector(board.host, board.probe, board.chip, last);
  EXPECT_EQ(board.read(last.address, 64), Bytes(64, 0xFF));
  f1::program(board.host, board.probe, board.chip, last.address, data);
  EXPECT_EQ(board.read(last.address, 64), data);
  EXPECT_EQ(board.read(before.address, 64), data);
}

TEST_P(F1DirectOnTheModel, TheMassEraseReachesTheFirstAndTheLastPage) {
  SimBoard board(GetParam());
  board.prepare_after_reset();
  const std::uint32_t first = board.chip.flash.address;
  const std::uint32_t last = board.chip.sectors.back().address;
  for (const std::uint32_t address : {first, last}) {
    f1::program(board.host, board.probe, board.chip, address, Bytes{0, 0});
  }
  f1::erase_all(board.host, board.probe, board.chip);
  for (const std::uint32_t address : {first, last}) {
    EXPECT_EQ(board.read(address, 2), (Bytes{0xFF, 0xFF}));
  }
}

INSTANTIATE_TEST_SUITE_P(Lines, F1DirectOnTheModel,
                         testing::Values("STM32F103C4", "STM32F103CB", "STM32F103RE", "STM32F103RF",
                                         "STM32F103RG", "STM32F107RC", "STM32F100CB",
                                         "STM32F100RE"),
                         [](const auto &name) { return name.param; });

TEST(F1DirectModel, DataAcrossTheBanksIsProgrammedByBoth) {
  SimBoard board("STM32F103RG");
  board.prepare_after_reset();
  const Bytes data = pattern(32);
  f1::program(board.host, board.probe, board.chip, f1::bank2_base - 16, data);
  EXPECT_EQ(board.read(f1::bank2_base - 16, 32), data);
}

TEST(F1DirectModel, FourTimesTheMaximumIsWarnedAboutAndCompleted) {
  SimBoard board("STM32F103CB", {"flash_time=4x"});
  board.prepare_after_reset();
  f1::program(board.host, board.probe, board.chip, 0x08000400, Bytes{0, 0});
  f1::erase_sector(board.host, board.probe, board.chip, board.chip.sectors[1]);
  EXPECT_EQ(board.read(0x08000400, 2), (Bytes{0xFF, 0xFF}));
  EXPECT_THAT(board.host.warnings, ElementsAre(HasSubstr("maximum of 40 ms")));
}

TEST(F1DirectModel, AStuckControllerIsNamed) {
  SimBoard board("STM32F103CB", {"stuck_busy"});
  board.prepare_after_reset();
  EXPECT_THAT(
      text_of(
          Errc::flash,
          [&] { f1::erase_sector(board.host, board.probe, board.chip, board.chip.sectors[1]); }),
      HasSubstr("still busy"));
}

TEST(F1DirectModel, AHalfwordThatIsNotErasedIsNamed) {
  SimBoard board("STM32F103CB");
  board.prepare_after_reset();
  f1::program(board.host, board.probe, board.chip, 0x08000400, Bytes{1, 2});
  EXPECT_THAT(
      text_of(Errc::flash,
              [&] { f1::program(board.host, board.probe, board.chip, 0x08000400, Bytes{3, 4}); }),
      HasSubstr("programming at 0x08000400 failed: PGERR"));
  EXPECT_EQ(board.read(0x08000400, 2), (Bytes{1, 2}));
}

TEST(F1DirectModel, AProtectedPageIsNamed) {
  SimBoard board("STM32F103CB", {"write_protected=5"});
  board.prepare_after_reset();
  EXPECT_THAT(
      text_of(
          Errc::flash,
          [&] { f1::erase_sector(board.host, board.probe, board.chip, board.chip.sectors[4]); }),
      HasSubstr("WRPRTERR"));
}

}  // namespace
