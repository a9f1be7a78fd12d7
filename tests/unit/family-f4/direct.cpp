#include "f4_board.hpp"
#include "loaders/f4/f4.inc"

#include <gmock/gmock.h>

#include <functional>

namespace {

using namespace flashhost;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

std::string failure_of(const std::function<void()> &action) {
  try {
    action();
  } catch (const Error &error) {
    EXPECT_EQ(error.code(), Errc::flash);
    return std::string(error.what()) + " | " + error.hint();
  }
  return "nothing was thrown";
}

Chip at(int millivolts, std::string_view part = "STM32F407VG") {
  fake::F4Board board(part);
  board.probe.probe_info.target_millivolts = millivolts;
  return fake::identified(board.probe);
}

class F4Direct : public testing::Test {
 protected:
  void prepare(fake::F4Board &target) {
    UndoLog undo;
    f4::prepare(target.host, target.probe, target.chip, undo);
  }
  fake::F4Board board;
};

TEST_F(F4Direct, EachSectorIsNamedByItsNumberWithTheWidthOfTheSupply) {
  prepare(board);
  f4::erase_sector(board.host, board.probe, board.chip, board.chip.sectors[5]);
  f4::erase_sector(board.host, board.probe, at(2400), board.chip.sectors[11]);
  f4::erase_sector(board.host, board.probe, at(1900), board.chip.sectors[0]);
  EXPECT_THAT(board.started, ElementsAre(0x1022AU, 0x1015AU, 0x10002U));
  EXPECT_EQ(board.control, 0U);
}

TEST_F(F4Direct, TheSecondBankCountsFrom16AndBothAreErasedTogether) {
  fake::F4Board large("STM32F429ZI");
  prepare(large);
  f4::erase_sector(large.host, large.probe, large.chip, large.chip.sectors[12]);
  f4::erase_sector(large.host, large.probe, large.chip, large.chip.sectors[23]);
  f4::erase_all(large.host, large.probe, large.chip);
  EXPECT_THAT(large.started, ElementsAre(0x10282U, 0x102DAU, 0x18204U));
}

TEST_F(F4Direct, ErrorsOfAnEraseAreNamed) {
  prepare(board);
  board.start_errors = f4::sr_wrperr;
  EXPECT_THAT(failure_of([&] {
                f4::erase_sector(board.host, board.probe, board.chip, board.chip.sectors[3]);
              }),
              AllOf(HasSubstr("erasing the sector at 0x0800c000 failed"), HasSubstr("WRPERR")));
  EXPECT_EQ(board.control, 0U);
}

TEST_F(F4Direct, ProgramsABlockAtATimeInTheWidthOfTheSupply) {
  prepare(board);
  const Bytes data(64, 0x55);
  for (const int millivolts : {3300, 2400, 1900}) {
    const Chip chip = at(millivolts);
    f4::program(board.host, board.probe, chip, 0x08000100, data, f4::widths(chip).front());
  }
  EXPECT_THAT(board.stores, testing::Each(MemoryRange{0x08000100, 64}));
  EXPECT_EQ(board.stores.size(), 3U);
  std::vector<std::uint32_t> modes;
  for (const fake::Write &write : board.probe.writes) {
    if (write.address == f4::flash_cr && (write.value & f4::cr_pg) != 0) {
      modes.push_back(write.value);
    }
  }
  EXPECT_THAT(modes, ElementsAre(0x201U, 0x101U, 0x001U));
  EXPECT_EQ(board.control, 0U);
}

TEST_F(F4Direct, BytesCanStandInForHalfwordsAndForNothingElse) {
  EXPECT_THAT(f4::widths(at(3300)), ElementsAre(Width::word));
  EXPECT_THAT(f4::widths(at(2400)), ElementsAre(Width::half, Width::byte));
  EXPECT_THAT(f4::widths(at(1900)), ElementsAre(Width::byte));
  prepare(board);
  f4::program(board.host, board.probe, at(2400), 0x08000100, Bytes(64, 0x55), Width::byte);
  EXPECT_EQ(board.probe.written(f4::flash_cr), 0U);
  EXPECT_TRUE(std::ranges::find(board.probe.writes, fake::Write{f4::flash_cr, f4::cr_pg}) !=
              board.probe.writes.end());
}

TEST_F(F4Direct, AnErrorOfProgrammingNamesTheFirstByteThatIsMissing) {
  prepare(board);
  board.flash()[0x100] = 0x55;
  board.store_errors = f4::sr_pgperr;
  EXPECT_THAT(failure_of([&] {
                f4::program(board.host, board.probe, board.chip, 0x08000100, Bytes(8, 0x55),
                            Width::word);
              }),
              AllOf(HasSubstr("programming at 0x08000101 failed"), HasSubstr("PGPERR")));
}

TEST_F(F4Direct, AStuckEraseIsNamedWithinABound) {
  prepare(board);
  board.busy_after_start = 1'000'000;
  EXPECT_THAT(failure_of([&] {
                f4::erase_sector(board.host, board.probe, board.chip, board.chip.sectors[3]);
              }),
              HasSubstr("still busy after 3 s"));
}

std::string explain(std::uint32_t status) {
  return explain_status(fake::described("STM32F407VG"), f4::flash_base, status);
}

TEST(F4Explain, EveryBitHasItsCause) {
  EXPECT_THAT(explain(f4::sr_wrperr), HasSubstr("write-protected"));
  EXPECT_THAT(explain(f4::sr_pgaerr), HasSubstr("16-byte row"));
  EXPECT_THAT(explain(f4::sr_pgperr), HasSubstr("PSIZE"));
  EXPECT_THAT(explain(f4::sr_pgserr), HasSubstr("made ready"));
  EXPECT_THAT(explain(f4::sr_operr), HasSubstr("not carried out"));
  EXPECT_THAT(explain(f4::sr_rderr), HasSubstr("PCROP"));
  EXPECT_THAT(explain(f4::sr_bsy), HasSubstr("still going on"));
  EXPECT_THAT(explain(f4::sr_eop), HasSubstr("without an error flag"));
  EXPECT_THAT(explain(0), HasSubstr("no error flag"));
  EXPECT_THAT(explain(0x40000000), HasSubstr("does not have"));
  EXPECT_THAT(explain(f4::sr_pgperr | f4::sr_wrperr), HasSubstr("(FLASH_SR 0x00000050)"));
}

TEST(F4Explain, WhatTheLoaderReturnsHasWords) {
  EXPECT_THAT(explain(f4_blob::status_clock), HasSubstr("HSI"));
  EXPECT_THAT(explain(f4_blob::status_locked), HasSubstr("stayed locked"));
  EXPECT_THAT(explain(f4_blob::status_alignment), HasSubstr("multiple"));
}

TEST(F4Loader, HasFunctionsForWidthAndBanks) {
  EXPECT_EQ(f4::loader(at(3300)).init, f4_blob::init_x32);
  EXPECT_EQ(f4::loader(at(2400)).init, f4_blob::init_x16);
  EXPECT_EQ(f4::loader(at(1900)).init, f4_blob::init_x8);
  EXPECT_EQ(f4::loader(at(3300)).erase_sector, f4_blob::erase_sector);
  EXPECT_EQ(f4::loader(fake::described("STM32F429ZI")).erase_sector, f4_blob::erase_sector_2m);
  EXPECT_EQ(f4::loader(fake::described("STM32F429ZI")).erase_chip, f4_blob::erase_chip_dual);
  EXPECT_EQ(f4::loader(fake::described("STM32F429ZG")).erase_chip, f4_blob::erase_chip);
}

}  // namespace
