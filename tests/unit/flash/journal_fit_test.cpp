// Whose bytes are they? An interrupted run on one board, and then that board, or another.
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

// A run that erases sectors 0, 1 and 2, keeps bytes of the last, and leaves sector 6 alone.
class JournalFit : public ::testing::Test {
 protected:
  JournalFit() {
    for (const std::uint32_t sector : {0U, 1U, 2U, 6U}) {
      put(sector, filled(sector_size, static_cast<std::uint8_t>(0x10 + sector)));
    }
    record_.identity = {chip_.device_id, chip_.unique_id, "066F", "/b.toml"};
    record_.chip = chip_.name;
    for (std::uint32_t i = 0; i < 3; ++i) {
      record_.sectors.push_back(
          {chip_.sectors[i].range(), loader_crc(content(i)), loader_crc(wanted(i)), {}, {}, {}});
    }
    record_.sectors[2].old = content(2);
    record_.sectors[2].wanted = wanted(2);
    record_.witnesses = {{chip_.sectors[6].range(), loader_crc(content(6))}};
  }

  static Bytes wanted(std::uint32_t sector) {
    return filled(sector_size, static_cast<std::uint8_t>(0x20 + sector));
  }
  void put(std::uint32_t sector, const Bytes &bytes) {
    std::ranges::copy(bytes, flash_.begin() + sector * sector_size);
  }
  [[nodiscard]] Bytes content(std::uint32_t sector) const {
    const auto begin = flash_.begin() + sector * sector_size;
    return {begin, begin + sector_size};
  }
  void blank(std::initializer_list<std::uint32_t> sectors) {
    for (const std::uint32_t sector : sectors) put(sector, filled(sector_size, 0xFF));
  }
  void blank_all() { flash_.assign(flash_.size(), 0xFF); }

  // Empty when the journal is taken, else the refusal.
  [[nodiscard]] std::string verdict(Acquaintance how) const {
    const auto crc = [&](const std::vector<MemoryRange> &ranges) {
      std::vector<std::uint32_t> crcs;
      for (const MemoryRange &range : ranges) {
        crcs.push_back(
            loader_crc(std::span(flash_).subspan(range.address - flash_base, range.size)));
      }
      return crcs;
    };
    try {
      require_evidence(record_, {{}, {}, content(2)}, chip_, crc, how);
    } catch (const Error &error) {
      EXPECT_EQ(error.code(), Errc::refused);
      EXPECT_THAT(error.hint(), HasSubstr("--use-journal"));
      EXPECT_THAT(error.hint(), HasSubstr("--discard-journal"));
      return error.what();
    }
    return {};
  }

  Chip chip_ = small_chip();
  JournalRecord record_;
  Bytes flash_ = filled(8 * sector_size, 0xFF);
};

TEST_F(JournalFit, TheBoardThatWasInterruptedInItsLastSectorIsKnown) {
  put(0, filled(sector_size, 0xFF));  // the boot sector, programmed last
  put(1, wanted(1));
  blank({2});
  EXPECT_EQ(verdict(Acquaintance::strong), "");
  EXPECT_EQ(verdict(Acquaintance::weak), "");
}

TEST_F(JournalFit, ABlankBoardIsNotTheOne) {
  blank_all();
  EXPECT_THAT(verdict(Acquaintance::weak),
              HasSubstr("keeps 1 KiB in 1 sector (0x08000800..0x08000bff), but nothing in this "
                        "flash shows that it is of this board"));
  // Not even with the same id: the run left sector 6 alone, and programmed 1 before it erased 2.
  EXPECT_NE(verdict(Acquaintance::strong), "");
  record_.witnesses.clear();
  EXPECT_NE(verdict(Acquaintance::strong), "");
}

TEST_F(JournalFit, ABoardWithTheSameOldFirmwareButWithoutTheKeptBytesIsNotTheOne) {
  blank({2});
  EXPECT_NE(verdict(Acquaintance::weak), "") << "no run had begun on it";
}

TEST_F(JournalFit, ABoardWithAnotherFirmwareIsNotTheOne) {
  for (const std::uint32_t sector : {0U, 1U, 6U}) put(sector, filled(sector_size, 0x77));
  blank({2});
  EXPECT_NE(verdict(Acquaintance::weak), "");
  EXPECT_NE(verdict(Acquaintance::strong), "");
}

TEST_F(JournalFit, AHalfProgrammedSectorShowsWhoseItIs) {
  blank_all();
  Bytes half = wanted(2);
  std::fill(half.begin() + 300, half.end(), std::uint8_t{0xFF});
  put(2, half);
  EXPECT_EQ(verdict(Acquaintance::weak), "");
}

TEST_F(JournalFit, ByteOrTwoOfItCouldBeChance) {
  blank_all();
  Bytes few = filled(sector_size, 0xFF);
  few[0] = few[1] = wanted(2)[0];
  put(2, few);
  EXPECT_NE(verdict(Acquaintance::weak), "");
}

TEST_F(JournalFit, WhereNothingHasToComeBackNothingIsAsked) {
  blank_all();
  put(2, wanted(2));
  EXPECT_EQ(verdict(Acquaintance::weak), "");
  record_.sectors[2].old.clear();
  record_.sectors[2].wanted.clear();
  blank_all();
  EXPECT_EQ(verdict(Acquaintance::weak), "");
}

TEST_F(JournalFit, ARunOfOneSectorMayHaveLeftAKnownChipBlank) {
  record_.sectors.erase(record_.sectors.begin(), record_.sectors.begin() + 2);
  record_.witnesses.clear();
  blank_all();
  const auto verdict_of_one = [&](Acquaintance how) {
    const auto blank_crc = [](const std::vector<MemoryRange> &ranges) {
      std::vector<std::uint32_t> crcs;
      for (const MemoryRange &range : ranges) crcs.push_back(loader_crc_of_fill(0xFF, range.size));
      return crcs;
    };
    require_evidence(record_, {content(2)}, chip_, blank_crc, how);
  };
  EXPECT_NO_THROW(verdict_of_one(Acquaintance::strong));
  EXPECT_THROW(verdict_of_one(Acquaintance::weak), Error);
}

TEST_F(JournalFit, AMassEraseMayHaveLeftAKnownChipBlank) {
  record_.witnesses.clear();
  record_.mass_erase = true;
  blank_all();
  EXPECT_EQ(verdict(Acquaintance::strong), "");
  EXPECT_NE(verdict(Acquaintance::weak), "");
}

TEST_F(JournalFit, TheUserMaySayThatItIsTheOne) {
  blank_all();
  EXPECT_EQ(verdict(Acquaintance::user), "");
  EXPECT_EQ(verdict(Acquaintance::this_run), "");
}

TEST_F(JournalFit, AnIdThatIsTheSameOnTheSameBoardFileIsAStrongAcquaintance) {
  const JournalIdentity same = record_.identity;
  EXPECT_EQ(acquaintance(record_, same), Acquaintance::strong);
  JournalIdentity other = same;
  other.board = "/another.toml";
  EXPECT_EQ(acquaintance(record_, other), Acquaintance::weak);
  other = same;
  other.unique_id = {9};
  EXPECT_EQ(acquaintance(record_, other), Acquaintance::weak);
  record_.identity.unique_id.clear();
  EXPECT_EQ(acquaintance(record_, record_.identity), Acquaintance::weak);
}

}  // namespace
}  // namespace flashhost
