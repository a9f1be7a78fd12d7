#include "f4_board.hpp"
#include "loaders/f4/f4.inc"

#include <gmock/gmock.h>

namespace {

using namespace flashhost;
using bench::text_and_hint_of;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

Chip at(int millivolts, std::string_view part = "STM32F407VG") {
  fake::F4Board board(part);
  board.probe.probe_info.target_millivolts = millivolts;
  return board.identified();
}

class F4Direct : public testing::Test {
 protected:
  fake::F4Board board;
};

TEST_F(F4Direct, EachSectorIsNamedByItsNumberWithTheWidthOfTheSupply) {
  board.prepare();
  f4::erase_sector(board.host, board.probe, board.chip, board.chip.sectors[5]);
  f4::erase_sector(board.host, board.probe, at(2400), board.chip.sectors[11]);
  f4::erase_sector(board.host, board.probe, at(1900), board.chip.sectors[0]);
  EXPECT_THAT(board.started, ElementsAre(0x1022AU, 0x1015AU, 0x10002U));
  EXPECT_EQ(board.controller.control, 0U);
}

TEST_F(F4Direct, TheSecondBankCountsFrom16AndBothAreErasedTogether) {
  fake::F4Board large("STM32F429ZI");
  large.prepare();
  f4::erase_sector(large.host, large.probe, large.chip, large.chip.sectors[12]);
  f4::erase_sector(large.host, large.probe, large.chip, large.chip.sectors[23]);
  f4::erase_all(large.host, large.probe, large.chip);
  EXPECT_THAT(large.started, ElementsAre(0x10282U, 0x102DAU, 0x18204U));
}

TEST_F(F4Direct, ProgramsABlockAtATimeInTheWidthOfTheSupply) {
  board.prepare();
  const Bytes data(64, 0x55);
  for (const int millivolts : {3300, 2400, 1900}) {
    const Chip chip = at(millivolts);
    f4::program(board.host, board.probe, chip, 0x08000100, data, f4::widths(chip).front());
  }
  EXPECT_THAT(board.stores, testing::Each(MemoryRange{0x08000100, 64}));
  EXPECT_EQ(board.stores.size(), 3U);
  std::vector<std::uint32_t> modes;
  for (const std::uint32_t value : board.written(f4::flash_cr)) {
    if ((value & f4::cr_pg) != 0) modes.push_back(value);
  }
  EXPECT_THAT(modes, ElementsAre(0x201U, 0x101U, 0x001U));
  EXPECT_EQ(board.controller.control, 0U);
}

TEST_F(F4Direct, BytesCanStandInForHalfwordsAndForNothingElse) {
  EXPECT_THAT(f4::widths(at(3300)), ElementsAre(Width::word));
  EXPECT_THAT(f4::widths(at(2400)), ElementsAre(Width::half, Width::byte));
  EXPECT_THAT(f4::widths(at(1900)), ElementsAre(Width::byte));
  board.prepare();
  f4::program(board.host, board.probe, at(2400), 0x08000100, Bytes(64, 0x55), Width::byte);
  EXPECT_EQ(board.probe.written(f4::flash_cr), 0U);
  EXPECT_TRUE(std::ranges::find(board.probe.writes, fake::Write{f4::flash_cr, f4::cr_pg}) !=
              board.probe.writes.end());
}

TEST_F(F4Direct, AnErrorOfProgrammingNamesTheFirstByteThatIsMissing) {
  board.prepare();
  board.flash()[0x100] = 0x55;
  board.store_errors = f4::sr_pgperr;
  EXPECT_THAT(text_and_hint_of(Errc::flash,
                               [&] {
                                 f4::program(board.host, board.probe, board.chip, 0x08000100,
                                             Bytes(8, 0x55), Width::word);
                               }),
              AllOf(HasSubstr("programming at 0x08000101 failed"), HasSubstr("PGPERR")));
}

TEST(F4Loader, HasFunctionsForWidthAndBanks) {
  EXPECT_EQ(f4::loader(at(3300)).init, f4_blob::init_x32);
  EXPECT_EQ(f4::loader(at(2400)).init, f4_blob::init_x16);
  EXPECT_EQ(f4::loader(at(1900)).init, f4_blob::init_x8);
  EXPECT_EQ(f4::loader(at(3300)).erase_sector, f4_blob::erase_sector);
  EXPECT_EQ(f4::loader(fake::described<fake::F4>("STM32F429ZI")).erase_sector,
            f4_blob::erase_sector_2m);
  EXPECT_EQ(f4::loader(fake::described<fake::F4>("STM32F429ZI")).erase_chip,
            f4_blob::erase_chip_dual);
  EXPECT_EQ(f4::loader(fake::described<fake::F4>("STM32F429ZG")).erase_chip, f4_blob::erase_chip);
}

}  // namespace
