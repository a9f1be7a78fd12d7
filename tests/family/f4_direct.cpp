#include "f4_sim_board.hpp"
#include "thrown.hpp"

#include <gmock/gmock.h>

namespace {

using namespace flashhost;
using namespace flashhost::test;
using bench::text_of;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Bytes pattern(std::size_t size) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i * 31 + 5);
  return bytes;
}

struct Case {
  const char *name;
  const char *part;
  std::vector<std::string> faults;
};

void program(F4SimBoard &board, std::uint32_t address, const Bytes &data) {
  f4::program(board.host, board.probe, board.chip, address, data, f4::widths(board.chip).front());
}

class F4DirectOnTheModel : public testing::TestWithParam<Case> {};

TEST_P(F4DirectOnTheModel, TheLastSectorIsErasedAndProgrammedAndItsNeighbourKept) {
  F4SimBoard board(GetParam().part, GetParam().faults);
  board.prepare_after_reset();
  const Sector last = board.chip.sectors.back();
  const Sector before = board.chip.sectors[board.chip.sectors.size() - 2];
  const Bytes data = pattern(64);
  program(board, before.address, data);
  program(board, last.address, Bytes(64, 0));
  f4::erase_sector(board.host, board.probe, board.chip, last);
  EXPECT_EQ(board.read(last.address, 64), Bytes(64, 0xFF));
  program(board, last.address, data);
  EXPECT_EQ(board.read(last.address, 64), data);
  EXPECT_EQ(board.read(before.address, 64), data);
  EXPECT_EQ(board.probe.read_word(f4::flash_cr), 0U);
  EXPECT_THAT(board.host.warnings, IsEmpty());
}

TEST_P(F4DirectOnTheModel, TheMassEraseReachesTheFirstAndTheLastSector) {
  F4SimBoard board(GetParam().part, GetParam().faults);
  board.prepare_after_reset();
  const std::uint32_t first = board.chip.flash.address;
  const std::uint32_t last = board.chip.sectors.back().address;
  for (const std::uint32_t address : {first, last}) {
    program(board, address, Bytes{0, 0, 0, 0});
  }
  f4::erase_all(board.host, board.probe, board.chip);
  for (const std::uint32_t address : {first, last}) {
    EXPECT_EQ(board.read(address, 4), Bytes(4, 0xFF));
  }
}

INSTANTIATE_TEST_SUITE_P(Parts, F4DirectOnTheModel,
                         testing::Values(Case{"F407VG", "STM32F407VG", {}},
                                         Case{"F407VG_x16", "STM32F407VG", {"voltage=2400"}},
                                         Case{"F407VG_x8", "STM32F407VG", {"voltage=1900"}},
                                         Case{"F407VG_unknown", "STM32F407VG", {"vapp_not_wired"}},
                                         Case{"F411CC", "STM32F411CC", {}},
                                         Case{"F413ZH", "STM32F413ZH", {}},
                                         Case{"F429ZI", "STM32F429ZI", {}},
                                         Case{"F429ZG_dual", "STM32F429ZG", {"dual_bank"}},
                                         Case{"F446RE", "STM32F446RE", {}}),
                         [](const auto &param) { return param.param.name; });

TEST(F4DirectModel, AKibibyteOfWordsTakesLittleMoreThanItsTime) {
  F4SimBoard board("STM32F407VG");
  board.prepare_after_reset();
  const Nanoseconds before = board.probe.now();
  program(board, 0x08000000, pattern(1024));
  EXPECT_LT(board.probe.now() - before, std::chrono::milliseconds(25));
}

TEST(F4DirectModel, FourTimesTheMaximumIsWarnedAboutAndCompleted) {
  F4SimBoard board("STM32F407VG", {"flash_time=4x"});
  board.prepare_after_reset();
  f4::erase_sector(board.host, board.probe, board.chip, board.chip.sectors[1]);
  EXPECT_THAT(board.host.warnings, ElementsAre(HasSubstr("maximum of 500 ms")));
}

TEST(F4DirectModel, AStuckControllerIsNamed) {
  F4SimBoard board("STM32F407VG", {"stuck_busy"});
  board.prepare_after_reset();
  EXPECT_THAT(
      text_of(
          Errc::flash,
          [&] { f4::erase_sector(board.host, board.probe, board.chip, board.chip.sectors[1]); }),
      HasSubstr("still busy"));
}

TEST(F4DirectModel, AProtectedSectorIsNamedWithTheFirstByteThatIsMissing) {
  F4SimBoard board("STM32F407VG", {"write_protected=1"});
  board.prepare_after_reset();
  EXPECT_THAT(
      text_of(
          Errc::flash,
          [&] { f4::erase_sector(board.host, board.probe, board.chip, board.chip.sectors[1]); }),
      AllOf(HasSubstr("erasing the sector at 0x08004000"), HasSubstr("WRPERR")));
  EXPECT_THAT(text_of(Errc::flash, [&] { program(board, 0x08003FF8, pattern(16)); }),
              AllOf(HasSubstr("programming at 0x08004000"), HasSubstr("WRPERR")));
}

}  // namespace
