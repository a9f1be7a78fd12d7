#include "flash/survey.hpp"

#include "flash/crc32.hpp"
#include "test_chip.hpp"

#include <flashhost/error.hpp>

#include <gmock/gmock.h>

namespace flashhost {
namespace {

using testing::filled;
using testing::firmware;
using testing::flash_base;
using ::testing::HasSubstr;
using testing::image_of;
using testing::small_chip;
using namespace std::chrono_literals;

// A flash and nothing else; what lies beyond answers or does not.
class FlashReader final : public ProbeReader {
 public:
  ProbeInfo info() override { return {}; }
  CoreState state() override { return CoreState::halted; }
  void read_memory(std::uint32_t address, std::span<std::uint8_t> out, Width) override {
    ++reads;
    bytes += out.size();
    for (std::uint8_t &byte : out) {
      const std::uint32_t offset = address++ - flash_base;
      if (offset >= flash.size()) throw Error(Errc::memory_fault, "nothing there");
      byte = flash[offset];
      if (flaky && offset % 7 == 3) byte = static_cast<std::uint8_t>(byte ^ ++noise);
      if (!exact && offset == wrong_at && wrong_times-- > 0) byte |= 0x80;
    }
  }
  std::uint32_t read_register(CoreRegister) override { return 0; }
  Nanoseconds now() override { return {}; }
  void sleep(Nanoseconds) override {}

  Bytes flash = filled(8192, 0xFF);
  bool flaky = false;
  std::uint8_t noise = 0;
  std::optional<std::uint32_t> wrong_at;  // a bit that is read as 1, but not by the target's CRC
  int wrong_times = 1000;                 // so often
  bool exact = false;
  std::size_t reads = 0, bytes = 0;
};

class SurveyTest : public ::testing::Test {
 protected:
  DeviceState look(const Image &image, const JournalRecord *journal = nullptr,
                   SurveyOptions options = {}) {
    return survey(probe_, crc_, chip_, image, journal, options);
  }
  // As where the target computes CRCs.
  DeviceState look_by_crc(const Image &image) {
    SurveyOptions options;
    options.questions.target_computes = true;
    return look(image, nullptr, options);
  }
  // As for a mass erase that puts back.
  DeviceState look_at_all(const Image &image) {
    SurveyOptions options;
    options.erase = EraseMode::mass;
    DeviceState state = look(image, nullptr, options);
    take_in_the_rest(state, probe_, crc_, chip_);
    return state;
  }
  void put(std::uint32_t offset, const Bytes &bytes) {
    std::copy(bytes.begin(), bytes.end(), probe_.flash.begin() + offset);
  }

  FlashReader probe_;
  Chip chip_ = small_chip();
  std::optional<MemoryRange> torn_;   // cannot be read without error
  std::optional<MemoryRange> worse_;  // neither, but not each time
  int questions_ = 0;

 private:
  CrcFunction crc_ = [this](const std::vector<MemoryRange> &ranges) {
    ++questions_;
    std::vector<RangeCrc> crcs;
    crcs.reserve(ranges.size());
    for (const MemoryRange &range : ranges) {
      Bytes bytes(range.size);
      const std::size_t reads = probe_.reads, read = probe_.bytes;
      probe_.exact = true;
      probe_.read_memory(range.address, bytes, Width::automatic);
      probe_.exact = false;
      probe_.reads = reads;
      probe_.bytes = read;
      const bool marginal = worse_ && range.size > 8 && range.size < 1024;
      const bool torn = (torn_ && range.overlaps(*torn_)) || (marginal && range.overlaps(*worse_));
      crcs.push_back({loader_crc(bytes), !torn});
    }
    return crcs;
  };
};

TEST_F(SurveyTest, TellsSameBlankAndDifferentApart) {
  const Image image = image_of({{flash_base, firmware(3072)}});
  put(0, firmware(1024));
  put(2048, filled(1024, 1));
  const DeviceState state = look(image);
  ASSERT_EQ(state.sectors.size(), 3U);
  EXPECT_EQ(state.sectors[0].content, Content::same);
  EXPECT_EQ(state.sectors[1].content, Content::blank);
  EXPECT_EQ(state.sectors[2].content, Content::different);
  EXPECT_TRUE(state.sectors[2].old.empty()) << "the image covers it all";
}

TEST_F(SurveyTest, ReadsWhatMustBeKept) {
  put(1024, filled(1024, 0x42));
  const DeviceState state = look(image_of({{flash_base + 1024, filled(10, 1)}}));
  ASSERT_EQ(state.sectors.size(), 1U);
  EXPECT_EQ(state.sectors[0].content, Content::different);
  EXPECT_EQ(state.sectors[0].old, filled(1024, 0x42));
}

TEST_F(SurveyTest, ReadsALargeSectorOnlyWhereItsRestIsNotBlank) {
  chip_.sectors = {{flash_base, 8192, {}, {}}};
  constexpr std::uint32_t begin = 1001, size = 3001;  // neither end is that of a word
  const Image image = image_of({{flash_base + begin, firmware(size)}});
  put(begin, filled(size, 0x42));
  const DeviceState state = look_by_crc(image);
  EXPECT_EQ(state.sectors.at(0).content, Content::different);
  EXPECT_EQ(state.sectors.at(0).old, Bytes());
  EXPECT_EQ(probe_.bytes, 8U) << "the words that the image covers in part";
  for (const std::uint32_t kept : {0U, begin - 1, begin + size, 8191U}) {
    SCOPED_TRACE(kept);
    put(kept, {0xFE});
    EXPECT_EQ(look_by_crc(image).sectors.at(0).old, probe_.flash);
    put(kept, {0xFF});
  }
  put(begin, firmware(size));
  EXPECT_EQ(look_by_crc(image).sectors.at(0).content, Content::same);
  EXPECT_EQ(look_by_crc(image).sectors.at(0).old, Bytes());
}

TEST_F(SurveyTest, ReadsOfALargeSectorOnlyWhatIsNeitherErasedNorAsTheImageWantsIt) {
  chip_.sectors = {{flash_base, 8192, {}, {}}};
  const Image image = image_of({{flash_base, firmware(3000)}});
  put(0, firmware(3000));
  put(2500, {0});
  put(3500, filled(100, 0x42));
  put(6000, {0x42});
  const SectorState found = look_by_crc(image).sectors.at(0);
  EXPECT_EQ(found.content, Content::different);
  EXPECT_EQ(found.old, probe_.flash);
  EXPECT_EQ(probe_.bytes, 3U * 1024);
  EXPECT_EQ(probe_.reads, 2U) << "neighbours are read together";
  probe_.wrong_at = 3501;
  probe_.wrong_times = 1;
  EXPECT_EQ(look_by_crc(image).sectors.at(0).old, probe_.flash) << "all is read, then";
  probe_.wrong_times = 1000;
  EXPECT_THROW(look_by_crc(image), Error);
}

TEST_F(SurveyTest, ReadsOfALargeSectorWhateverItsSizeAndItsErasedValue) {
  chip_.erased_value = 0;
  chip_.sectors = {{flash_base, 5 * 1024 + 4, {}, {}}};
  probe_.flash = filled(5 * 1024 + 4, 0);
  put(0, filled(10, 0x42));
  put(5 * 1024, {1, 2, 3, 4});
  const Image image = image_of({{flash_base, firmware(1024)}});
  EXPECT_EQ(look_by_crc(image).sectors.at(0).old, probe_.flash);
  EXPECT_EQ(probe_.bytes, 1024U + 4U);
}

TEST_F(SurveyTest, AsksForNoRestOfASectorWhereThatIsReadingIt) {
  chip_.sectors = {{flash_base, 8192, {}, {}}};
  put(0, filled(1024, 0x42));
  const Image image = image_of({{flash_base, firmware(1024)}});
  EXPECT_EQ(look(image).sectors.at(0).old, probe_.flash);
  EXPECT_EQ(probe_.reads, 1U);
  const int before = questions_;
  look_by_crc(image);
  EXPECT_EQ(questions_ - before, before + 1);
}

TEST_F(SurveyTest, LooksAtEachGapOfALargeSector) {
  chip_.sectors = {{flash_base, 8192, {}, {}}};
  const Image image = image_of({{flash_base, firmware(1024)},
                                {flash_base + 2048, filled(3, 1)},
                                {flash_base + 2053, filled(2, 1)}});
  put(0, filled(1024, 0x42));
  EXPECT_EQ(look_by_crc(image).sectors.at(0).old, Bytes());
  for (const std::uint32_t kept : {1024U, 2047U, 2051U, 2052U, 2055U}) {
    SCOPED_TRACE(kept);
    put(kept, {0x7F});
    EXPECT_EQ(look_by_crc(image).sectors.at(0).old, probe_.flash);
    put(kept, {0xFF});
  }
}

// One large sector, with old content, on a chip that clears bits.
class SurveyOfBitsToClear : public SurveyTest {
 protected:
  SurveyOfBitsToClear() {
    chip_.sectors = {{flash_base, 8192, 250ms, 500ms}};
    chip_.clears_bits = true;
    put(0, content_);
  }
  SectorState look_for_bits(const Image &image, const JournalRecord *journal = nullptr) {
    SurveyOptions options;
    options.questions = {false, computes_, true};
    const DeviceState state = look(image, journal, options);
    return state.sectors.at(0);
  }
  SectorState look_for_bits() { return look_for_bits(image_of({{flash_base, content_}})); }

  Bytes content_ = firmware(8192);
  bool computes_ = true;
};

TEST_F(SurveyOfBitsToClear, FindsThemWithoutReadingTheSector) {
  put(5002, {static_cast<std::uint8_t>(content_[5002] | 0x80U)});
  put(5010, {0xFF, 0xFF});
  const SectorState found = look_for_bits();
  EXPECT_EQ(found.content, Content::clearable);
  // And what is before each of them.
  EXPECT_EQ(found.to_clear, (std::vector<MemoryRange>{{flash_base + 4996, 16}}));
  EXPECT_LE(probe_.bytes, 1024U + 64U);
}

// A run that was interrupted there has programmed nothing in between.
TEST_F(SurveyOfBitsToClear, ProgramsTheLastWordBeforeAGapAgain) {
  std::fill_n(content_.begin() + 1000, 500, std::uint8_t{0xFF});
  put(0, content_);
  put(1500, filled(8192 - 1500, 0xFF));
  EXPECT_EQ(look_for_bits().to_clear,
            (std::vector<MemoryRange>{{flash_base + 996, 4}, {flash_base + 1500, 8192 - 1500}}));
}

TEST_F(SurveyOfBitsToClear, FindsThemByReadingWhereTheTargetComputesNothing) {
  computes_ = false;
  put(5010, {0xFF, 0xFF});
  EXPECT_EQ(look_for_bits().to_clear, (std::vector<MemoryRange>{{flash_base + 5004, 8}}));
}

TEST_F(SurveyOfBitsToClear, KnowsWhatIsBlankByItsCrc) {
  put(2048, filled(4096, 0xFF));
  const SectorState found = look_for_bits();
  EXPECT_EQ(found.to_clear, (std::vector<MemoryRange>{{flash_base + 2044, 4100}}));
  EXPECT_EQ(probe_.bytes, 64U);
}

TEST_F(SurveyOfBitsToClear, FindsThemInASectorThatTheImageCoversInPart) {
  const Image image = image_of({{flash_base + 1001, {0x00, 0x10}}});
  put(1001, {0x01, 0x11});
  SectorState found = look_for_bits(image);
  EXPECT_EQ(found.to_clear, (std::vector<MemoryRange>{{flash_base + 996, 8}}));
  EXPECT_EQ(found.old, probe_.flash);
  put(1001, {0x01, 0x01});
  found = look_for_bits(image);
  EXPECT_EQ(found.content, Content::different);
  EXPECT_EQ(found.old, probe_.flash);
}

TEST_F(SurveyOfBitsToClear, WantsAnEraseWhereABitHasToBeSet) {
  content_[5002] |= 0x10;
  put(0, content_);
  put(5002, {static_cast<std::uint8_t>((content_[5002] | 0x08U) & 0xEFU)});
  const SectorState found = look_for_bits();
  EXPECT_EQ(found.content, Content::different);
  EXPECT_TRUE(found.to_clear.empty());
}

TEST_F(SurveyOfBitsToClear, ReadsOneSampleOfADifferentFirmware) {
  Bytes other = firmware(8192);
  std::ranges::reverse(other);
  put(0, other);
  EXPECT_EQ(look_for_bits().content, Content::different);
  EXPECT_EQ(probe_.bytes, 64U);
  EXPECT_EQ(questions_, 1 + 1) << "the sectors, and the rest";
}

TEST_F(SurveyOfBitsToClear, WantsAnEraseWhereManyPlacesDiffer) {
  for (std::uint32_t at = 0; at < 33 * 100; at += 100) put(at, filled(4, 0xFF));
  EXPECT_EQ(look_for_bits().content, Content::different);
  put(0, {content_.begin(), content_.begin() + 4});
  EXPECT_EQ(look_for_bits().content, Content::clearable);
}

TEST_F(SurveyOfBitsToClear, WantsAnEraseWhereThatTakesNoTime) {
  put(5010, {0xFF, 0xFF});
  chip_.sectors[0].erase_typical = 20ms;
  EXPECT_EQ(look_for_bits().content, Content::different);
}

TEST_F(SurveyOfBitsToClear, WantsAnEraseAfterOneThatWasCutShort) {
  put(5010, {0xFF, 0xFF});
  chip_.sectors.push_back({flash_base + 8192, 8192, 250ms, 500ms});
  probe_.flash.resize(16'384, 0xFF);
  for (const std::uint32_t sector : {0U, 8192U}) {
    SCOPED_TRACE(sector);
    JournalRecord journal;
    journal.sectors.push_back({{flash_base + sector, 8192}, 1, 2, {}, {}, {}, false});
    EXPECT_EQ(look_for_bits(image_of({{flash_base, content_}}), &journal).content,
              Content::different);
  }
}

TEST_F(SurveyOfBitsToClear, BelievesNoReadingThatTheCrcDoesNotConfirm) {
  put(5010, {0xFF, 0xFF});
  content_[4800] &= 0x7F;
  put(4800, {content_[4800]});
  EXPECT_EQ(look_for_bits().content, Content::clearable);
  probe_.wrong_at = 4800;
  EXPECT_EQ(look_for_bits().content, Content::different);
}

TEST_F(SurveyTest, FindsAPartlyCoveredSectorEqual) {
  put(1024, filled(1024, 0x42));
  const DeviceState state = look(image_of({{flash_base + 1025, filled(9, 0x42)}}));
  EXPECT_EQ(state.sectors[0].content, Content::same);
}

TEST_F(SurveyTest, TakesNothingThatCannotBeReadForSameOrBlank) {
  chip_.ecc_unit = 8;
  const Image image = image_of({{flash_base, firmware(2048)}});
  put(0, firmware(1024));
  torn_ = MemoryRange{flash_base + 1024 - 8, 16};  // in what is right, and in what is blank
  const DeviceState state = look(image);
  ASSERT_EQ(state.sectors.size(), 2U);
  for (const SectorState &sector : state.sectors) {
    EXPECT_EQ(sector.content, Content::different);
    ASSERT_EQ(sector.unreadable.size(), 1U);
    EXPECT_EQ(sector.unreadable[0].size, 8U);
  }
}

TEST_F(SurveyTest, KeepsAllThatCanBeReadOfASector) {
  chip_.ecc_unit = 8;
  put(1024, filled(1024, 0x42));
  torn_ = MemoryRange{flash_base + 1024 + 512, 8};
  const DeviceState state = look(image_of({{flash_base + 1024, filled(10, 1)}}));
  ASSERT_EQ(state.sectors.size(), 1U);
  EXPECT_EQ(state.sectors[0].unreadable, (std::vector{*torn_}));
  Bytes kept = filled(1024, 0x42);
  std::fill_n(kept.begin() + 512, 8, std::uint8_t{0xFF});
  EXPECT_EQ(state.sectors[0].old, kept);
}

TEST_F(SurveyTest, NamesWhatCannotBeReadOutsideTheImageAndAllowsNoMassErase) {
  chip_.ecc_unit = 8;
  put(0, filled(1024, 1));
  torn_ = MemoryRange{flash_base + 4096, 8};
  const DeviceState state = look(image_of({{flash_base, firmware(1024)}}));
  EXPECT_FALSE(state.rest_blank);
  EXPECT_EQ(state.unreadable_others, (std::vector{*torn_}));
}

TEST_F(SurveyTest, TakesNoBytesThatCannotBeReadTheSecondTime) {
  chip_.ecc_unit = 8;
  put(1024, filled(1024, 0x42));
  torn_ = MemoryRange{flash_base + 1024 + 512, 8};
  worse_ = MemoryRange{flash_base + 1024 + 600, 8};
  EXPECT_THROW(look(image_of({{flash_base + 1024, filled(10, 1)}})), Error);
}

TEST_F(SurveyTest, AllowsAMassEraseOnlyIfTheRestIsBlank) {
  const Image image = image_of({{flash_base, firmware(1024)}});
  put(0, filled(1024, 1));
  EXPECT_TRUE(look(image).rest_blank);
  put(8191, {0x7F});
  EXPECT_FALSE(look(image).rest_blank);
}

TEST_F(SurveyTest, ABlankChipIsLookedAtAsAWholeOnlyWhereAMassEraseCanGainAnything) {
  const Image image = image_of({{flash_base, firmware(1024)}});
  EXPECT_FALSE(look(image).rest_blank);
  chip_.program_after_mass_erase = Nanoseconds(1);
  EXPECT_TRUE(look(image).rest_blank);
  put(0, firmware(1024));
  EXPECT_FALSE(look(image).rest_blank) << "nothing to do";
}

TEST_F(SurveyTest, AsksForTheRestOnlyWhereTheAnswerMatters) {
  const Image image = image_of({{flash_base, firmware(1024)}});
  put(0, filled(1024, 1));
  put(8191, {0x7F});
  chip_.unique_id = {1, 2, 3};
  SurveyOptions options;
  options.rest_matters = [&](const DeviceState &found) {
    EXPECT_EQ(found.sectors.size(), 1U);
    return true;
  };
  EXPECT_EQ(look(image, nullptr, options).others.size(), 1U);
  options.rest_matters = [](const DeviceState &) { return false; };
  EXPECT_TRUE(look(image, nullptr, options).others.empty());
  chip_.ecc_unit = 8;
  EXPECT_EQ(look(image, nullptr, options).others.size(), 1U) << "torn words are told";
  chip_.ecc_unit = 0;
  chip_.unique_id.clear();
  EXPECT_EQ(look(image, nullptr, options).others.size(), 1U)
      << "the journal needs something to know the chip by";
}

TEST_F(SurveyTest, FindsTheSameWithOneQuestion) {
  const Image image = image_of({{flash_base, firmware(1024)}});
  SurveyOptions at_once;
  at_once.questions.all_at_once = true;
  for (const std::uint8_t last : Bytes{0xFF, 0x7F}) {
    for (const Bytes &first : {firmware(1024), filled(1024, 1)}) {
      put(0, first);
      put(8191, {last});
      questions_ = 0;
      const DeviceState found = look(image, nullptr, at_once);
      EXPECT_EQ(questions_, 1);
      EXPECT_EQ(found, look(image));
    }
  }
  at_once.erase = EraseMode::sectors;
  EXPECT_TRUE(look(image, nullptr, at_once).others.empty());
}

TEST_F(SurveyTest, LooksBeyondTheReportedSize) {
  const Image image = image_of({{flash_base, firmware(1024)}});
  put(0, filled(1024, 1));
  chip_.die_flash_size = 16 * 1024;
  EXPECT_TRUE(look(image).rest_blank) << "nothing answers there";
  probe_.flash.resize(16384, 0xFF);
  EXPECT_TRUE(look(image).rest_blank) << "it answers, and is blank";
  probe_.flash[16000] = 0;
  EXPECT_FALSE(look(image).rest_blank) << "somebody keeps data there";
}

TEST_F(SurveyTest, TakesInTheRestWithItsContent) {
  const Image image = image_of({{flash_base + 2048, firmware(1024)}});
  put(0, filled(1024, 1));
  put(2048, filled(1024, 2));
  put(4096 + 512, filled(100, 3));
  const DeviceState state = look_at_all(image);
  ASSERT_EQ(state.sectors.size(), 3U) << "not those that are blank";
  EXPECT_TRUE(state.rest_blank);
  EXPECT_TRUE(state.others.empty());
  EXPECT_EQ(state.sectors[0].sector, chip_.sectors[0]);
  EXPECT_EQ(state.sectors[0].old, filled(1024, 1));
  EXPECT_EQ(state.sectors[0].content, Content::same);
  EXPECT_EQ(state.sectors[0].crc, loader_crc(filled(1024, 1)));
  EXPECT_EQ(state.sectors[1].sector, chip_.sectors[2]);
  EXPECT_EQ(state.sectors[2].sector, chip_.sectors[4]);
  Bytes fourth = filled(1024, 0xFF);
  std::fill_n(fourth.begin() + 512, 100, std::uint8_t{3});
  EXPECT_EQ(state.sectors[2].old, fourth);
}

TEST_F(SurveyTest, ReadsNeighboursOfTheRestAtOnce) {
  for (std::uint32_t sector = 0; sector < 8; ++sector) {
    if (sector != 3) put(1024 * sector, firmware(1000 + sector));
  }
  const DeviceState state = look_at_all(image_of({{flash_base, firmware(1024)}}));
  ASSERT_EQ(state.sectors.size(), 7U);
  for (std::size_t i = 1; i < 7; ++i) {
    const std::uint32_t offset = state.sectors[i].sector.address - flash_base;
    EXPECT_TRUE(
        std::ranges::equal(state.sectors[i].old, std::span(probe_.flash).subspan(offset, 1024)));
  }
  EXPECT_EQ(probe_.reads, 2U);
}

TEST_F(SurveyTest, TakesInWhatCanBeReadOfTheRestAndNamesTheOtherWords) {
  chip_.ecc_unit = 8;
  put(0, filled(1024, 1));
  put(4096, filled(1024, 7));
  torn_ = MemoryRange{flash_base + 4096 + 8, 8};
  const DeviceState state = look_at_all(image_of({{flash_base, firmware(1024)}}));
  ASSERT_EQ(state.sectors.size(), 2U);
  EXPECT_TRUE(state.rest_blank);
  EXPECT_EQ(state.sectors[1].content, Content::different);
  EXPECT_EQ(state.sectors[1].unreadable, (std::vector{*torn_}));
  EXPECT_TRUE(state.unreadable_others.empty());
  Bytes kept = filled(1024, 7);
  std::fill_n(kept.begin() + 8, 8, std::uint8_t{0xFF});
  EXPECT_EQ(state.sectors[1].old, kept);
}

TEST_F(SurveyTest, TakesNothingInWhereSomethingLiesBeyondTheReportedSize) {
  put(0, filled(1024, 1));
  put(4096, filled(1024, 7));
  chip_.die_flash_size = 16 * 1024;
  probe_.flash.resize(16384, 0xFF);
  EXPECT_TRUE(look_at_all(image_of({{flash_base, firmware(1024)}})).rest_blank);
  probe_.flash[16000] = 0;
  const DeviceState state = look_at_all(image_of({{flash_base, firmware(1024)}}));
  EXPECT_TRUE(state.content_beyond);
  EXPECT_FALSE(state.rest_blank);
  EXPECT_EQ(state.sectors.size(), 1U);
}

TEST_F(SurveyTest, LooksAtTheRestForAMassEraseThatWasAskedForWhereTheGuardMayErase) {
  const Image image = image_of({{flash_base, firmware(2048)}});
  put(0, firmware(1024));
  EXPECT_FALSE(look(image).rest_blank) << "only a blank sector is to be programmed";
  SurveyOptions options;
  options.erase = EraseMode::mass;
  EXPECT_TRUE(look(image, nullptr, options).rest_blank);
}

TEST_F(SurveyTest, NamesALinkThatCorruptsWhatMustBeKept) {
  put(1024, filled(1024, 0x42));
  probe_.flaky = true;
  const RangeCrc crc_of_truth{0x12345678};
  try {
    (void)survey(probe_,
                 [&](const auto &ranges) { return std::vector(ranges.size(), crc_of_truth); },
                 chip_, image_of({{flash_base + 1024, filled(10, 1)}}), nullptr, {});
    FAIL() << "nothing was thrown";
  } catch (const Error &error) {
    EXPECT_EQ(error.code(), Errc::probe);
    EXPECT_THAT(error.what(), HasSubstr("reads differently each time"));
  }
}

// Of a run that was working on the second sector alone.
JournalRecord journal_for(const Bytes &old, const Bytes &wanted, const Bytes &found = {}) {
  const std::uint32_t found_crc = loader_crc(found.empty() ? old : found);
  return {{},
          "TEST8K",
          false,
          {{{flash_base + 1024, 1024}, found_crc, loader_crc(wanted), old, wanted, found}},
          {}};
}

const SurveyOptions known{.board_match = BoardMatch::strong};

TEST_F(SurveyTest, TakesKeptBytesFromTheJournalWhenTheSectorWasErased) {
  const JournalRecord journal = journal_for(filled(1024, 0x42), filled(1024, 0x40));
  const DeviceState state = look(image_of({{flash_base + 1024, filled(10, 1)}}), &journal, known);
  EXPECT_EQ(state.sectors[0].content, Content::different) << "even though it reads blank";
  EXPECT_EQ(state.sectors[0].old, filled(1024, 0x42));
}

TEST_F(SurveyTest, TakesKeptBytesOfALargeSectorFromTheJournalToo) {
  chip_.sectors = {{flash_base, 8192, {}, {}}};
  JournalRecord journal = journal_for(filled(8192, 0x42), filled(8192, 0x40));
  journal.sectors[0].range = {flash_base, 8192};
  SurveyOptions by_crc = known;
  by_crc.questions.target_computes = true;
  put(0, filled(5000, 0x40));
  const Image image = image_of({{flash_base, filled(4096, 0x40)}});
  EXPECT_EQ(look(image, &journal, by_crc).sectors.at(0).old, filled(8192, 0x42));
  EXPECT_EQ(probe_.bytes, 1024U);
  put(2000, {0x13});
  EXPECT_THROW(look(image, &journal, by_crc), Error) << "that is of neither";
}

TEST_F(SurveyTest, PutsBackAJournalSectorThatTheImageDoesNotTouch) {
  const JournalRecord journal = journal_for(filled(1024, 0x42), filled(1024, 0x40));
  const DeviceState state = look(image_of({{flash_base + 4096, filled(1024, 1)}}), &journal, known);
  ASSERT_EQ(state.sectors.size(), 2U);
  EXPECT_EQ(state.sectors[0].sector.address, flash_base + 1024);
  EXPECT_EQ(state.sectors[0].old, filled(1024, 0x42));
  EXPECT_EQ(state.sectors[0].content, Content::different);
}

TEST_F(SurveyTest, AcceptsASectorThatWasPartlyProgrammed) {
  const JournalRecord journal = journal_for(filled(1024, 0x42), filled(1024, 0x40));
  put(1024, filled(500, 0x40));
  const DeviceState state = look(image_of({{flash_base + 1024, filled(10, 1)}}), &journal, known);
  EXPECT_EQ(state.sectors[0].old, filled(1024, 0x42));
}

TEST_F(SurveyTest, AcceptsACellThatDidNotEraseAndWasProgrammed) {
  const JournalRecord journal = journal_for(filled(1024, 0x43), filled(1024, 0x85));
  put(1024 + 17, {0x01});
  const DeviceState state = look(image_of({{flash_base + 1024, filled(10, 1)}}), &journal, known);
  EXPECT_EQ(state.sectors[0].old, filled(1024, 0x43));
}

TEST_F(SurveyTest, BelievesTheFlashWhenItHoldsWhatTheInterruptedRunWanted) {
  const JournalRecord journal = journal_for(filled(1024, 0x42), filled(1024, 0x40));
  put(1024, filled(1024, 0x40));
  const DeviceState state =
      look(image_of({{flash_base + 1024, filled(10, 0x40)}}), &journal, known);
  EXPECT_EQ(state.sectors[0].content, Content::same);
}

TEST_F(SurveyTest, BelievesTheJournalOfItsOwnRunWhateverTheFlashHolds) {
  const JournalRecord journal = journal_for(filled(1024, 0x42), filled(1024, 0x40));
  put(1024 + 17, {0x01});
  const DeviceState state = look(image_of({{flash_base + 1024, filled(10, 1)}}), &journal,
                                 {.board_match = BoardMatch::this_run});
  EXPECT_EQ(state.sectors[0].content, Content::different);
  EXPECT_EQ(state.sectors[0].old, filled(1024, 0x42));
}

TEST_F(SurveyTest, KnowsAMassEraseThatWasCutShortByTheJournalOfItsRun) {
  chip_.ecc_unit = 8;
  JournalRecord journal = journal_for({}, filled(1024, 0x40));
  journal.mass_erase = true;
  torn_ = MemoryRange{flash_base + 4096, 8};
  const Image image = image_of({{flash_base + 1024, filled(1024, 0x40)}});
  const DeviceState state = look(image, &journal, known);
  EXPECT_TRUE(state.rest_blank);
  EXPECT_TRUE(state.mass_erase_cut_short);
  EXPECT_THAT(state.unreadable_others, ::testing::IsEmpty());

  journal.mass_erase = false;
  EXPECT_FALSE(look(image, &journal, known).rest_blank) << "not this run's doing";
  journal.mass_erase = true;
  put(6000, {1});
  const DeviceState used = look(image, &journal, known);
  EXPECT_FALSE(used.rest_blank) << "somebody has written there since";
  EXPECT_EQ(used.unreadable_others, (std::vector{*torn_}));
}

TEST_F(SurveyTest, RefusesAJournalThatDoesNotFitTheFlash) {
  const JournalRecord journal = journal_for(filled(1024, 0x42), filled(1024, 0x40));
  put(1024 + 17, {0x01});
  try {
    (void)look(image_of({{flash_base + 1024, filled(10, 1)}}), &journal, known);
    FAIL() << "nothing was thrown";
  } catch (const Error &error) {
    EXPECT_EQ(error.code(), Errc::refused);
    EXPECT_THAT(error.what(), HasSubstr("0x08000411 holds 0x01"));
    EXPECT_THAT(error.hint(), HasSubstr("--discard-journal"));
  }
}

TEST_F(SurveyTest, RestoresWhatTheJournalKeepsWithoutPreserve) {
  const JournalRecord journal = journal_for(filled(1024, 0x42), filled(1024, 0x40));
  SurveyOptions options = known;
  options.preserve = false;
  const DeviceState state =
      look(image_of({{flash_base + 4096, filled(1024, 1)}}), &journal, options);
  ASSERT_EQ(state.sectors.size(), 2U);
  EXPECT_EQ(state.sectors[0].old, filled(1024, 0x42));
}

TEST_F(SurveyTest, LeavesASectorAloneWithoutPreserveThatTheInterruptedRunHadNotReached) {
  const JournalRecord journal = journal_for(filled(1024, 0x42), filled(1024, 0x40));
  put(1024, filled(1024, 0x42));
  SurveyOptions options = known;
  options.preserve = false;
  const DeviceState state =
      look(image_of({{flash_base + 4096, filled(1024, 1)}}), &journal, options);
  ASSERT_EQ(state.sectors.size(), 2U);
  EXPECT_EQ(state.sectors[0].content, Content::same);
}

// The second of two interrupted runs found the sector half-written by the first.
TEST_F(SurveyTest, AcceptsWhatAnEarlierInterruptedRunHadMadeOfTheSector) {
  Bytes half = filled(1024, 0xFF);
  std::fill_n(half.begin(), 500, std::uint8_t{0x81});
  const JournalRecord journal = journal_for(filled(1024, 0x42), filled(1024, 0x40), half);
  put(1024, half);
  const DeviceState state = look(image_of({{flash_base + 1024, filled(10, 1)}}), &journal, known);
  EXPECT_EQ(state.sectors[0].old, filled(1024, 0x42));
  EXPECT_EQ(state.sectors[0].found, half);
}

TEST_F(SurveyTest, RefusesAJournalOfASectorThatTheChipDoesNotHave) {
  JournalRecord journal = journal_for(filled(1024, 0x42), filled(1024, 0x40));
  chip_.sectors.erase(chip_.sectors.begin() + 1);
  try {
    (void)look(image_of({{flash_base, filled(10, 1)}}), &journal, known);
    FAIL() << "nothing was thrown";
  } catch (const Error &error) {
    EXPECT_EQ(error.code(), Errc::refused);
    EXPECT_THAT(error.what(), HasSubstr("0x08000400..0x080007ff, but TEST8K has no such sector"));
    EXPECT_THAT(error.hint(), HasSubstr("family.flash_size"));
  }
}

TEST_F(SurveyTest, TellsWhatElseIsNotBlank) {
  put(0, filled(1024, 1));
  put(4096, filled(1024, 7));
  const DeviceState state = look(image_of({{flash_base, firmware(1024)}}));
  EXPECT_EQ(state.others,
            (std::vector<Landmark>{{{flash_base + 4096, 1024}, loader_crc(filled(1024, 7))}}));
}

TEST_F(SurveyTest, ErasesAgainWhatAnInterruptedEraseLeftReadingBlank) {
  const Image image = image_of({{flash_base + 1024, filled(2048, 0xFF)}});
  JournalRecord journal = journal_for(filled(1024, 1), filled(1024, 2));
  journal.sectors[0].old.clear();
  journal.sectors[0].wanted.clear();
  const DeviceState state = look(image, &journal);
  ASSERT_EQ(state.sectors.size(), 2U);
  EXPECT_EQ(state.sectors[0].content, Content::different) << "only just blank, perhaps";
  EXPECT_EQ(state.sectors[1].content, Content::same);
}

}  // namespace
}  // namespace flashhost
