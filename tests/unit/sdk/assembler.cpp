// Pieces of data in any order become segments; what happens to bytes given twice.
#include "thrown.hpp"

#include <flashhost/assembler.hpp>

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace flashhost {
namespace {

using bench::text_and_hint_of;
using bench::text_of;
using Segments = std::vector<Segment>;

struct Piece {
  std::uint32_t address = 0;
  Bytes data;
};
using Pieces = std::vector<Piece>;

Assembler::Result assembled(const Pieces &pieces, Overlap overlap = Overlap::refuse,
                            const std::string &where = {}) {
  const std::stop_token stop;
  StopWatch watch(stop);
  Assembler assembler(overlap, watch);
  for (const Piece &piece : pieces) assembler.add(piece.address, piece.data);
  return assembler.finish(where);
}

std::optional<Contradiction> contradiction_of(const Pieces &pieces) {
  ContradictionFinder finder(assembled(pieces).contradiction.value_or(0));
  std::size_t place = 0;
  for (const Piece &piece : pieces) {
    if (const auto found = finder.look(piece.address, piece.data, ++place)) return found;
  }
  return {};
}

TEST(Assembler, nothing_makes_no_segment) {
  EXPECT_EQ(assembled({}).segments, Segments{});
  EXPECT_EQ(assembled({{5, {}}}, Overlap::last).segments, Segments{});
}

TEST(Assembler, pieces_in_any_order_are_joined_and_gaps_stay) {
  const Pieces pieces{{0x20, {5}}, {2, {3, 4}}, {0, {1, 2}}, {5, {}}};
  for (const Overlap overlap : {Overlap::refuse, Overlap::last}) {
    EXPECT_EQ(assembled(pieces, overlap).segments, (Segments{{0, {1, 2, 3, 4}}, {0x20, {5}}}));
  }
}

TEST(Assembler, data_may_end_at_the_end_of_the_address_space_and_not_beyond) {
  const Pieces pieces{{0, {1}}, {0xFFFFFFFE, {2}}, {0xFFFFFFFF, {3}}};
  for (const Overlap overlap : {Overlap::refuse, Overlap::last}) {
    EXPECT_EQ(assembled(pieces, overlap).segments, (Segments{{0, {1}}, {0xFFFFFFFE, {2, 3}}}));
  }
  EXPECT_EQ(text_of(Errc::image, [] { return assembled({{0xFFFFFFFF, {1, 2}}}); }),
            "2 bytes at 0xffffffff reach beyond the 32-bit address space");
}

TEST(Assembler, equal_bytes_given_twice_are_no_contradiction) {
  const auto result = assembled({{0, {1, 2, 3}}, {2, {3, 4}}, {0, {1, 2}}});
  EXPECT_EQ(result.segments, (Segments{{0, {1, 2, 3, 4}}}));
  EXPECT_EQ(result.contradiction, std::nullopt);
}

TEST(Assembler, the_lowest_address_with_different_bytes_and_the_places_that_give_them_are_found) {
  const Pieces pieces{{0, {1, 2, 3, 4}}, {3, {9}}, {1, {2, 3}}, {2, {7, 4}}, {2, {6}}};
  EXPECT_EQ(assembled(pieces).contradiction, 2U);
  EXPECT_EQ(contradiction_of(pieces), (Contradiction{2, 3, 1, 7, 4}));
}

TEST(Assembler, a_contradiction_is_told_with_both_places_and_the_setting_that_accepts_it) {
  EXPECT_EQ(text_and_hint_of(
                Errc::image,
                []() -> int { throw contradiction_error({0x08000002, 3, 4, 9, 7}, "block"); }),
            "block 7: byte 0x09 at 0x08000002 differs from 0x03 given in block 4 | Two parts of "
            "the firmware overlap: check the linker script, or which files were merged. "
            "[image.settings] overlap = \"last\" takes the later one, as other tools do.");
}

TEST(Assembler, the_last_piece_counts_if_that_is_wanted) {
  const Pieces pieces{{4, {5, 6}}, {0, {1, 2, 3, 4, 9}}, {2, {7}}, {8, {8}}, {4, {0}}};
  const auto result = assembled(pieces, Overlap::last);
  EXPECT_EQ(result.segments, (Segments{{0, {1, 2, 7, 4, 0, 6}}, {8, {8}}}));
  EXPECT_EQ(result.contradiction, std::nullopt);
}

// Pieces larger than the blocks in which they are kept, and in pieces that cross their borders.
TEST(Assembler, random_pieces_make_what_a_map_of_bytes_makes) {
  std::mt19937 random(1);  // NOLINT(cert-msc51-cpp): the same pieces in each run
  for (int round = 0; round < 300; ++round) {
    const std::uint32_t longest = round % 60 == 0 || round % 60 == 1 ? 80'000 : 30;
    const bool agree = round % 2 == 0;
    Pieces pieces;
    std::map<std::uint32_t, std::uint8_t> first;
    std::map<std::uint32_t, std::uint8_t> last;
    std::optional<std::uint32_t> lowest;
    for (auto count = random() % 12; count > 0; --count) {
      Piece piece{static_cast<std::uint32_t>(random() % longest * 4), Bytes(random() % longest)};
      for (std::uint32_t i = 0; i < piece.data.size(); ++i) {
        const std::uint32_t at = piece.address + i;
        piece.data[i] = static_cast<std::uint8_t>(agree ? at : random() % 3);
        if (first.emplace(at, piece.data[i]).first->second != piece.data[i]) {
          lowest = std::min(lowest.value_or(at), at);
        }
        last[at] = piece.data[i];
      }
      pieces.push_back(std::move(piece));
    }
    Segments expected;
    for (const auto &[at, byte] : last) {
      if (expected.empty() || expected.back().end() != at) expected.push_back({at, {}});
      expected.back().data.push_back(byte);
    }
    ASSERT_EQ(assembled(pieces, Overlap::last).segments, expected) << "round " << round;
    const auto result = assembled(pieces);
    ASSERT_EQ(result.contradiction, lowest) << "round " << round;
    if (!lowest) {
      ASSERT_EQ(result.segments, expected) << "round " << round;
      continue;
    }
    const Contradiction found = contradiction_of(pieces).value_or(Contradiction{});
    ASSERT_EQ(found.first, first[*lowest]);
    ASSERT_NE(found.second, found.first);
    ASSERT_LT(found.first_place, found.second_place);
  }
}

TEST(Assembler, more_places_than_any_firmware_has_are_refused) {
  Pieces pieces;
  for (std::uint32_t i = 0; i <= Assembler::max_segments; ++i) pieces.push_back({2 * i, {1}});
  const std::string text =
      "the data lies in 1048577 separate places; more than 1048576 are refused";
  EXPECT_EQ(text_of(Errc::image, [&] { return assembled(pieces); }), text);
  EXPECT_EQ(text_of(Errc::image, [&] { return assembled(pieces, Overlap::last, "line 9"); }),
            "line 9: " + text);
  pieces.pop_back();
  EXPECT_EQ(assembled(pieces).segments.size(), Assembler::max_segments);
}

TEST(Assembler, a_stop_ends_it) {
  std::stop_source source;
  source.request_stop();
  const std::stop_token stop = source.get_token();
  for (const Overlap overlap : {Overlap::refuse, Overlap::last}) {
    StopWatch watch(stop);
    Assembler assembler(overlap, watch);
    for (std::uint32_t i = 2000; i > 0; --i) assembler.add(i, Bytes{1});
    EXPECT_EQ(text_of(Errc::interrupted, [&] { return assembler.finish({}); }), "interrupted");
  }
}

TEST(Overlap, the_setting_is_refuse_or_last) {
  const auto of = [](const SettingValue &value) {
    return overlap_setting(Settings({{"overlap", value, "board.toml:9:1"}}));
  };
  EXPECT_EQ(overlap_setting(Settings()), Overlap::refuse);
  EXPECT_EQ(of("refuse"), Overlap::refuse);
  EXPECT_EQ(of("last"), Overlap::last);
  EXPECT_EQ(text_of(Errc::config, [&] { return of("first"); }),
            R"(board.toml:9:1: overlap: "first" is not one of "refuse", "last")");
}

}  // namespace
}  // namespace flashhost
