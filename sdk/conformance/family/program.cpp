// Level 2 of families: programming and checksums.
#include "family/on_board.hpp"
#include "flash/crc32.hpp"

#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <algorithm>

namespace flashhost::conformance {

namespace {

// Random bytes, with some units that are erased already and some that are all zeros.
Bytes some_content(const Chip &chip, std::uint32_t units, std::uint32_t seed) {
  const std::uint32_t unit = chip.write_unit();
  Bytes data = random_bytes(std::size_t{units} * unit, seed);
  for (std::uint32_t i = 0; i < units; ++i) {
    const auto begin = data.begin() + static_cast<std::ptrdiff_t>(std::size_t{i} * unit);
    if (units > 4 && i % 7 == 3) std::fill_n(begin, unit, chip.erased_value);
    if (units > 4 && i % 7 == 5) std::fill_n(begin, unit, std::uint8_t{0});
  }
  return data;
}

class FamilyPrograms : public FamilyOnAGoodBoard {
 protected:
  struct Place {
    std::uint32_t address = 0;
    std::uint32_t units = 0;
  };
  // Places to program: one unit at the start, some across each border of the chosen sectors, the
  // last unit of the flash, each used once; and in the middle `block` bytes, more than fit into one
  // command.
  static std::vector<Place> places(const Chip &chip, std::uint32_t block) {
    const std::uint32_t unit = chip.write_unit();
    std::vector<Place> result = {{chip.flash.address, 1}, {chip.flash.address + 2 * unit, 3}};
    for (const Sector &sector : chosen_sectors(chip)) {
      if (sector.address == chip.flash.address) continue;
      result.push_back({sector.address - 2 * unit, 5});
    }
    const auto end = static_cast<std::uint32_t>(chip.flash.end());
    result.push_back({end - unit, 1});
    const std::uint32_t start = chip.flash.address + 32 * unit;
    std::uint32_t room = block / unit + 1;  // up to the next place
    for (const Place &other : result) {
      if (other.address > start) room = std::min(room, (other.address - start) / unit);
    }
    result.push_back({start, room});
    return result;
  }
};
FLASHHOST_PER_PART_SUITE(FamilyPrograms);

TEST_P(FamilyPrograms, EveryByteAndNoneBesideIt) {
  FLASHHOST_PROMISE("family.hpp, DirectFlash::program; loader_abi.h, ProgramPage");
  Session session(board_with(part()), {});
  session.prepared();
  for (const Way &way : session.ways()) {
    SCOPED_TRACE(in_words(way));
    Session board(board_with(part()), {});
    board.prepared();
    const Chip &chip = board.chip();
    if (way.direct == Width::half && !board.probe().info().halfword_access) continue;
    std::uint32_t seed = 1;
    board.with(way, [&](FlashAccess &access) {
      for (const Place &place : places(chip, way.direct ? 96 : 1800)) {
        const Bytes data = some_content(chip, place.units, ++seed);
        const Bytes wanted = with_bytes(chip, board.board().flash(), place.address, data);
        std::uint32_t told = 0;
        access.program(place.address, data, [&](std::uint32_t bytes) { told += bytes; });
        access.drain();
        EXPECT_EQ(board.difference(wanted), "")
            << "after programming " << data.size() << " bytes at " << hex(place.address);
        EXPECT_EQ(told, data.size());
      }
    });
    EXPECT_EQ(board.told().warnings, "");
  }
}

TEST_P(FamilyPrograms, ByAccessesOfTheWidthThatItIsToldAlone) {
  FLASHHOST_PROMISE("family.hpp, DirectFlash::program: by accesses of `width`");
  Session session(board_with(part()), {});
  session.prepared();
  for (const Way &way : session.ways()) {
    if (!way.direct) continue;
    SCOPED_TRACE(in_words(way));
    session.prepared();
    const Chip &chip = session.chip();
    std::uint64_t accesses = 0;
    const bench::WatchingProbe::HookScope scope(session.hooks());
    session.hooks().before_write = [&](std::uint32_t address, auto data, Width width) {
      if (!chip.flash.contains(address)) return;
      ++accesses;
      const bool same =
          width == *way.direct || data.size() == static_cast<std::size_t>(*way.direct);
      EXPECT_TRUE(same) << "an access of " << data.size() << " bytes, width "
                        << static_cast<int>(width) << ", at " << hex(address);
    };
    const std::uint32_t address =
        chip.flash.address + 64 * chip.write_unit() * static_cast<std::uint32_t>(*way.direct);
    session.with(way, [&](FlashAccess &access) {
      access.program(address, random_bytes(std::size_t{8} * chip.write_unit(), 3),
                     [](std::uint32_t) {});
    });
    EXPECT_GT(accesses, 0U) << "it programmed nothing";
  }
}

TEST_P(FamilyPrograms, OverWhatIsThereWhereItSaysThatBitsCanBeCleared) {
  FLASHHOST_PROMISE("chip.hpp, clears_bits");
  Session session(board_with(part()), {});
  session.prepared();
  if (!session.chip().clears_bits) return not_tried("clearing further bits: it does not say so");
  for (const Way &way : session.ways()) {
    SCOPED_TRACE(in_words(way));
    const Bytes old = old_content();
    Session board(board_with(part()), old);
    board.prepared();
    const Chip &chip = board.chip();
    if (way.direct == Width::half && !board.probe().info().halfword_access) continue;
    const std::uint32_t size = 64 * chip.write_unit();
    Bytes wanted = old;
    board.with(way, [&](FlashAccess &access) {
      for (std::uint32_t seed = 1; seed <= 3; ++seed) {
        const Bytes mask = random_bytes(size, seed);
        for (std::uint32_t i = 0; i < size; ++i) wanted[i] &= mask[i];
        access.program(chip.flash.address, std::span(wanted).first(size), [](std::uint32_t) {});
        access.drain();
        EXPECT_EQ(board.difference(wanted), "") << "after clearing bits " << seed << " times";
      }
    });
    EXPECT_EQ(board.told().warnings, "");
  }
}

TEST_P(FamilyPrograms, InUnitsAndTimesThatItReports) {
  FLASHHOST_PROMISE("chip.hpp, program_unit, program_typical and program_maximum");
  for (const char *fault : {"", "flash_time=maximum"}) {
    SCOPED_TRACE(fault);
    const std::vector<std::string> faults(*fault == '\0' ? 0 : 1, fault);
    Session session(board_with(part(), faults), {});
    session.prepared();
    const Chip chip = session.chip();
    std::uint32_t address = chip.flash.address;
    for (const Way &way : session.ways()) {
      SCOPED_TRACE(in_words(way));
      session.prepared();
      Bytes data = random_bytes(std::size_t{64} * chip.write_unit(), 9);
      for (std::uint8_t &byte : data) byte &= 0x7F;  // no unit has the erased value
      const machine::Statistics before = session.board().target().statistics();
      session.with(
          way, [&](FlashAccess &access) { access.program(address, data, [](std::uint32_t) {}); });
      address += static_cast<std::uint32_t>(data.size());
      const machine::Statistics &now = session.board().target().statistics();
      const auto units = static_cast<std::int64_t>(now.programmed_units - before.programmed_units);
      ASSERT_GT(units, 0);
      const bool best = !way.direct || *way.direct == family().direct_flash()->widths(chip).front();
      if (!best) continue;
      EXPECT_EQ(data.size() / static_cast<std::size_t>(units), chip.program_unit)
          << "the chip programmed " << units << " units for " << data.size() << " bytes";
      const Nanoseconds each = (now.busy - before.busy) / units;
      const Nanoseconds reported = *fault == '\0' ? chip.program_typical : chip.program_maximum;
      expect_about(each, reported);
    }
  }
}

TEST_P(FamilyPrograms, AndComputesChecksumsOfWhatIsThere) {
  FLASHHOST_PROMISE("loader_abi.h, Crc: polynomial 0x04C11DB7 over little-endian words");
  const Bytes content = old_content();
  Session session(board_with(part()), content);
  session.prepared();
  const Chip &chip = session.chip();
  if (family().loader(chip).code.empty()) return not_tried("checksums: there is no loader");
  const std::uint32_t start = chip.flash.address;
  const auto end = static_cast<std::uint32_t>(chip.flash.end());
  const std::vector<MemoryRange> ranges = {{start, 4},          {start + 4, 8}, {start + 12, 1020},
                                           {start, 4096},       {end - 4, 4},   {end - 1028, 1028},
                                           {start + 1020, 3000}};
  session.with({}, [&](FlashAccess &access) {
    const auto found = access.crc(ranges);
    ASSERT_EQ(found.size(), ranges.size());
    for (std::size_t i = 0; i < ranges.size(); ++i) {
      const auto begin = content.begin() + (ranges[i].address - start);
      EXPECT_EQ(found[i], loader_crc(Bytes(begin, begin + ranges[i].size)))
          << format_range(ranges[i]);
    }
  });
  EXPECT_EQ(session.told().all.find("gives wrong CRCs"), std::string::npos)
      << "the family's Crc function is wrong: " << session.told().all;
}

}  // namespace

}  // namespace flashhost::conformance
