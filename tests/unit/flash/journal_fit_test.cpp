// Whose bytes are they? A run is interrupted on one board, and then that board, or another, is
// there.
#include "flash/journal_fit.hpp"

#include "flash/crc32.hpp"
#include "test_chip.hpp"

#include <flashhost/error.hpp>

#include <gmock/gmock.h>

namespace flashhost {
namespace {

using testing::filled;
using testing::flash_base;
using ::testing::HasSubstr;
using testing::small_chip;

constexpr std::uint32_t sector_size = 1024;

// The run erases sectors 0 (guarded), 1 and 2, keeps bytes of the last, and leaves sector 6 alone.
class JournalFit : public ::testing::Test {
 protected:
  JournalFit() {
    for (const std::uint32_t sector : {0U, 1U, 2U, 6U}) put(sector, old(sector));
    record_.identity = {chip_.device_id, chip_.unique_id, "066F"};
    record_.chip = chip_.name;
    for (std::uint32_t i = 0; i < 3; ++i) {
      record_.sectors.push_back({chip_.sectors[i].range(),
                                 loader_crc(old(i)),
                                 loader_crc(wanted(i)),
                                 {},
                                 {},
                                 {},
                                 i == 0});
    }
    record_.sectors[2].old = old(2);
    record_.sectors[2].wanted = wanted(2);
    record_.landmarks = {{chip_.sectors[6].range(), loader_crc(old(6))}};
  }

  static Bytes old(std::uint32_t sector) {
    return filled(sector_size, static_cast<std::uint8_t>(0x10 + sector));
  }
  static Bytes wanted(std::uint32_t sector) {
    return filled(sector_size, static_cast<std::uint8_t>(0x20 + sector));
  }
  static Bytes blank() { return filled(sector_size, 0xFF); }
  void put(std::uint32_t sector, const Bytes &bytes) {
    std::ranges::copy(bytes, flash_.begin() + sector * sector_size);
  }
  void blank_all() { flash_.assign(flash_.size(), 0xFF); }

  // Empty when the journal is taken, else the refusal.
  [[nodiscard]] std::string verdict(BoardMatch how, Needs needs = Needs::bytes) const {
    try {
      require_evidence(record_, needs, chip_, crc(), how);
    } catch (const Error &error) {
      EXPECT_EQ(error.code(), Errc::refused);
      EXPECT_THAT(error.hint(), HasSubstr("--use-journal"));
      EXPECT_THAT(error.hint(), HasSubstr("--discard-journal"));
      return error.what();
    }
    return {};
  }
  [[nodiscard]] CrcFunction crc() const {
    return [&](const std::vector<MemoryRange> &ranges) {
      std::vector<RangeCrc> crcs;
      for (const MemoryRange &range : ranges) {
        crcs.push_back(
            {loader_crc(std::span(flash_).subspan(range.address - flash_base, range.size))});
      }
      return crcs;
    };
  }
  // Next to the sectors that are erased.
  [[nodiscard]] JournalSector bystander(std::uint32_t sector) const {
    const std::uint32_t sum = loader_crc(old(sector));
    return {chip_.sectors[sector].range(), sum, sum, old(sector), old(sector), {}, false};
  }
  void expect_taken() const {
    EXPECT_EQ(verdict(BoardMatch::weak), "");
    EXPECT_EQ(verdict(BoardMatch::strong), "");
  }

  Chip chip_ = small_chip();
  JournalRecord record_;
  Bytes flash_ = filled(8 * sector_size, 0xFF);
};

TEST_F(JournalFit, BystandersStandAmongTheSectorsByAddress) {
  JournalRecord record = record_;
  record.sectors.erase(record.sectors.begin());
  add_bystanders(record, {bystander(0), bystander(3)});
  ASSERT_EQ(record.sectors.size(), 4U);
  for (std::uint32_t i = 0; i < 4; ++i) {
    EXPECT_EQ(record.sectors[i].range, chip_.sectors[i].range());
    EXPECT_EQ(record.sectors[i].is_bystander(), i == 0 || i == 3);
  }
  EXPECT_EQ(parse_journal(journal_text(record)), record);
}

TEST_F(JournalFit, BystandersThatHoldWhatTheyHeldNeedNothing) {
  const JournalRecord without = record_;
  put(3, old(3));
  put(5, old(5));
  add_bystanders(record_, {bystander(3), bystander(5)});
  EXPECT_EQ(without_intact(record_, crc()), without);
  put(3, blank());
  const JournalRecord one = without_intact(record_, crc());
  ASSERT_EQ(one.sectors.size(), 4U);
  EXPECT_EQ(one.sectors.back(), bystander(3));
}

TEST_F(JournalFit, ABystanderIsNoSectorThatTheRunMayHaveLeftBlank) {
  record_.sectors.erase(record_.sectors.begin() + 1);  // two are left
  record_.landmarks.clear();
  blank_all();
  EXPECT_EQ(verdict(BoardMatch::strong), "");
  add_bystanders(record_, {bystander(3)});
  EXPECT_EQ(verdict(BoardMatch::strong), "");
}

TEST_F(JournalFit, TheBoardThatWasInterruptedIsKnownWhereverTheRunWas) {
  put(0, blank());
  expect_taken();
  put(1, filled(sector_size, 0x77));  // half erased, or half programmed
  expect_taken();
  put(1, wanted(1));
  put(2, blank());
  expect_taken();
  put(2, wanted(2));
  expect_taken();
  Bytes half = wanted(0);
  half[0] = 0xFF;  // the vectors come last
  put(0, half);
  expect_taken();
}

TEST_F(JournalFit, TheBoardIsKnownWhileSeveralSectorsAreErasedTogether) {
  put(0, blank());
  put(1, blank());
  expect_taken();
  put(2, filled(sector_size, 0x77));  // half erased
  expect_taken();
  put(2, blank());
  expect_taken();
  put(1, filled(sector_size, 0x77));  // half programmed
  expect_taken();
  put(2, filled(sector_size, 0x77));  // not two at a time
  EXPECT_NE(verdict(BoardMatch::weak), "");
  put(1, old(1));  // and not the second before the first
  put(2, blank());
  EXPECT_NE(verdict(BoardMatch::weak), "");
}

TEST_F(JournalFit, MoreBlankSectorsThanAreErasedTogetherAreAnotherBoards) {
  flash_.resize(16 * sector_size, 0xFF);
  record_.sectors[1].range = {flash_base + 8 * sector_size, 8 * sector_size};
  put(0, blank());
  EXPECT_EQ(verdict(BoardMatch::weak), "") << "one large sector";
  put(2, blank());
  EXPECT_NE(verdict(BoardMatch::weak), "");
  blank_all();
  record_.landmarks.clear();
  EXPECT_NE(verdict(BoardMatch::strong), "");
}

TEST_F(JournalFit, ABlankBoardIsNotTheOne) {
  blank_all();
  EXPECT_THAT(verdict(BoardMatch::weak), HasSubstr("nothing in this flash shows"));
  // Not even with the same id: the run left sector 6 alone.
  EXPECT_NE(verdict(BoardMatch::strong), "");
  record_.landmarks.clear();
  EXPECT_EQ(verdict(BoardMatch::strong), "") << "all may have been erased together";
}

TEST_F(JournalFit, ARunOverTwoSectorsMayHaveLeftAKnownChipBlank) {
  record_.landmarks.clear();
  record_.sectors.erase(record_.sectors.begin() + 1);
  blank_all();
  EXPECT_EQ(verdict(BoardMatch::strong), "");
  EXPECT_NE(verdict(BoardMatch::weak), "");
}

// Boards of a series hold the same firmware; the serial number differs, or is not there yet.
TEST_F(JournalFit, WithoutAnIdABoardOnWhichNoRunWasInterruptedIsNotTheOne) {
  EXPECT_NE(verdict(BoardMatch::weak), "") << "the old firmware, as it was";
  put(2, blank());
  EXPECT_NE(verdict(BoardMatch::weak), "") << "without what is kept";
  Bytes other = old(2);
  other[7] = static_cast<std::uint8_t>(other[7] | 1);
  put(2, other);
  EXPECT_NE(verdict(BoardMatch::weak), "") << "with other bytes";
  for (const std::uint32_t sector : {0U, 1U}) put(sector, wanted(sector));
  put(2, blank());
  EXPECT_NE(verdict(BoardMatch::weak), "") << "the new firmware, complete";
  put(2, wanted(2));
  EXPECT_NE(verdict(BoardMatch::weak, Needs::nothing), "") << "a board that is finished";
}

TEST_F(JournalFit, WithoutAnIdARunThatGuardsNothingLeavesNoSign) {
  record_.sectors[0].guarded = false;
  put(0, wanted(0));
  put(1, blank());
  EXPECT_NE(verdict(BoardMatch::weak), "");
  EXPECT_EQ(verdict(BoardMatch::strong), "");
}

TEST_F(JournalFit, ABoardWithAnotherFirmwareIsNotTheOne) {
  for (const std::uint32_t sector : {0U, 1U, 2U, 6U}) put(sector, filled(sector_size, 0x77));
  EXPECT_NE(verdict(BoardMatch::weak), "");
  EXPECT_NE(verdict(BoardMatch::strong), "");
}

TEST_F(JournalFit, AKnownChipThatNeedsNothingIsAskedNothing) {
  blank_all();
  EXPECT_EQ(verdict(BoardMatch::strong, Needs::nothing), "");
}

TEST_F(JournalFit, AJournalThatKeepsNothingIsAnyones) {
  record_.sectors[2].old.clear();
  record_.sectors[2].wanted.clear();
  blank_all();
  EXPECT_EQ(verdict(BoardMatch::weak), "");
}

TEST_F(JournalFit, AMassEraseMayHaveLeftAKnownChipBlank) {
  record_.landmarks.clear();
  record_.sectors.push_back({chip_.sectors[3].range(), 1, 2, {}, {}, {}});
  record_.mass_erase = true;
  blank_all();
  EXPECT_EQ(verdict(BoardMatch::strong), "");
  EXPECT_NE(verdict(BoardMatch::weak), "");
  put(1, wanted(1));
  EXPECT_EQ(verdict(BoardMatch::weak), "") << "some of it is programmed";
}

// A mass erase that was cut short can leave a sector that reads as before.
TEST_F(JournalFit, AMassEraseLeavesNoSectorIntact) {
  const JournalSector kept{
      chip_.sectors[6].range(), loader_crc(old(6)), loader_crc(old(6)), old(6), old(6), {}};
  record_.sectors.push_back(kept);
  EXPECT_EQ(without_intact(record_, crc()).sectors.size(), 3U);
  record_.mass_erase = true;
  EXPECT_EQ(without_intact(record_, crc()).sectors.size(), 4U);
}

// Of a run after one whose mass erase was interrupted.
TEST_F(JournalFit, SectorsThatWereBlankBeforeMayStillBe) {
  record_.landmarks.clear();
  for (JournalSector &sector : record_.sectors) {
    sector.found_crc = loader_crc_of_fill(0xFF, sector_size);
  }
  for (const std::size_t sector : {3U, 4U}) {
    record_.sectors.push_back(
        {chip_.sectors[sector].range(), loader_crc_of_fill(0xFF, sector_size), 2, {}, {}, {}});
  }
  blank_all();
  EXPECT_EQ(verdict(BoardMatch::strong), "");
}

TEST_F(JournalFit, TheUserMaySayThatItIsTheOne) {
  blank_all();
  EXPECT_EQ(verdict(BoardMatch::user), "");
  EXPECT_EQ(verdict(BoardMatch::this_run), "");
}

TEST_F(JournalFit, AnIdThatIsTheSameIsAStrongMatch) {
  const JournalIdentity same = record_.identity;
  EXPECT_EQ(board_match(record_, same), BoardMatch::strong);
  JournalIdentity other = same;
  other.unique_id = {9};
  EXPECT_EQ(board_match(record_, other), BoardMatch::weak);
  other = same;
  other.device_id = 9;
  EXPECT_EQ(board_match(record_, other), BoardMatch::weak);
  record_.identity.unique_id.clear();
  EXPECT_EQ(board_match(record_, record_.identity), BoardMatch::weak);
}

}  // namespace
}  // namespace flashhost
