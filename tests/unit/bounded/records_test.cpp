// Intel HEX and S-records made to cost time or memory: both stay in proportion to the file.
#include "cost.hpp"
#include "record_peers.hpp"

#include <flashhost/error.hpp>

#include <format-ihex/emitter.hpp>
#include <gmock/gmock.h>
#include <ihex.hpp>
#include <srec.hpp>

#include <algorithm>
#include <array>
#include <random>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace flashhost {
namespace {

using test::bytes_of;
using test::end_of_file;
using test::record;
using test::s_record;
using test::word_record;
using testing::Cost;
using testing::cost_of;
using testing::expect_near_linear;
using testing::expect_to_stop_soon;

struct Piece {
  std::uint32_t address = 0;
  Bytes data;
};
using Pieces = std::vector<Piece>;

// A record for each piece, with a base record where one is needed.
std::string ihex_file(const Pieces &pieces) {
  std::string text;
  std::uint16_t base = 0;
  for (const Piece &piece : pieces) {
    const auto high = static_cast<std::uint16_t>(piece.address >> 16);
    if (high != base) text += word_record(4, high) + "\n";
    base = high;
    text += record(0, static_cast<std::uint16_t>(piece.address), piece.data) + "\n";
  }
  return text + end_of_file;
}

// The shortest records that hold the addresses.
std::string srec_file(const Pieces &pieces) {
  std::string text;
  for (const Piece &piece : pieces) {
    const std::size_t size = piece.address <= 0xFFFF ? 2 : piece.address <= 0xFFFFFF ? 3 : 4;
    text += s_record(static_cast<char>('0' + size - 1), piece.address, size, piece.data) + "\n";
  }
  return text + "S9030000FC";
}

ParsedFile parse_ihex(const std::string &text, const std::stop_token &stop) {
  return ihex::parse(bytes_of(text), stop);
}
ParsedFile parse_srec(const std::string &text, const std::stop_token &stop) {
  return srec::parse(bytes_of(text), stop);
}
ParsedFile parse_ihex_last(const std::string &text, const std::stop_token &stop) {
  return ihex::parse(bytes_of(text), stop, Overlap::last);
}

struct Reading {
  const char *name;
  std::string (*make)(const Pieces &pieces);
  ParsedFile (*parse)(const std::string &text, const std::stop_token &stop);
};
constexpr std::array readings{Reading{"Ihex", ihex_file, parse_ihex},
                              Reading{"Srec", srec_file, parse_srec},
                              Reading{"IhexLast", ihex_file, parse_ihex_last}};

using Maker = Pieces (*)(std::size_t count);

// count records of `size` equal bytes, each `step` behind the one before it.
Pieces pieces(std::size_t count, std::size_t step, std::size_t size) {
  Pieces result;
  for (std::size_t i = 0; i < count; ++i) {
    result.push_back({static_cast<std::uint32_t>(i * step), Bytes(size, 7)});
  }
  return result;
}

Pieces ascending(std::size_t count) {
  return pieces(count, 16, 16);
}
Pieces one_byte_records(std::size_t count) {
  return pieces(count, 1, 1);
}
Pieces bytes_with_gaps(std::size_t count) {
  return pieces(count, 2, 1);
}
Pieces the_same_record_again(std::size_t count) {
  return pieces(count, 0, 16);
}
// Each starts one byte behind the one before it.
Pieces overlapping(std::size_t count) {
  return pieces(count, 1, 16);
}

Pieces descending(std::size_t count) {
  Pieces result = one_byte_records(count);
  std::reverse(result.begin(), result.end());
  return result;
}

Pieces evens_then_odds(std::size_t count) {
  Pieces result = bytes_with_gaps(count / 2);
  for (std::size_t i = 0; i < count / 2; ++i) {
    result.push_back({result[i].address + 1, result[i].data});
  }
  return result;
}

Pieces shuffled(std::size_t count) {
  Pieces result = bytes_with_gaps(count);
  std::shuffle(result.begin(), result.end(), std::minstd_rand(1));
  for (Piece &piece : result) piece.address &= 0xFFFF;
  return result;
}

Pieces a_contradiction_at_the_end(std::size_t count) {
  Pieces result = the_same_record_again(count);
  result.push_back({15, {8}});
  return result;
}

void parse(const Reading &reading, const std::string &text, const std::stop_token &stop = {}) {
  try {
    static_cast<void>(reading.parse(text, stop));
  } catch (const Error &error) {
    if (error.code() == Errc::interrupted) throw;
  }
}

struct Hostile {
  const char *name;
  Maker make;
};

class RecordCost : public ::testing::TestWithParam<std::tuple<Reading, Hostile>> {
 protected:
  [[nodiscard]] static const Reading &reading() { return std::get<0>(GetParam()); }
  [[nodiscard]] static std::string text(std::size_t count) {
    return reading().make(std::get<1>(GetParam()).make(count));
  }
};

TEST_P(RecordCost, TimeIsNearLinear) {
  expect_near_linear(
      [](std::size_t count) {
        const std::string file = text(count);
        return cost_of([&] { parse(reading(), file); });
      },
      4'000);
}

TEST_P(RecordCost, MemoryIsAtMostSixTimesTheFile) {
  const std::string file = text(20'000);
  EXPECT_LT(cost_of([&] { parse(reading(), file); }).peak, 6 * file.size() + 8192);
}

TEST_P(RecordCost, AStopIsNoticedAtOnce) {
  const std::string file = text(20'000);
  expect_to_stop_soon([&](const std::stop_token &stop) { parse(reading(), file, stop); });
}

INSTANTIATE_TEST_SUITE_P(
    Hostile, RecordCost,
    ::testing::Combine(
        ::testing::ValuesIn(readings),
        ::testing::Values(Hostile{"Ascending", ascending},
                          Hostile{"OneByteRecords", one_byte_records},
                          Hostile{"BytesWithGaps", bytes_with_gaps},
                          Hostile{"Descending", descending},
                          Hostile{"EvensThenOdds", evens_then_odds}, Hostile{"Shuffled", shuffled},
                          Hostile{"TheSameRecordAgain", the_same_record_again},
                          Hostile{"Overlapping", overlapping},
                          Hostile{"AContradictionAtTheEnd", a_contradiction_at_the_end})),
    [](const auto &test) {
      return std::string(std::get<0>(test.param).name) + std::get<1>(test.param).name;
    });

class TextCost : public ::testing::TestWithParam<Reading> {};

TEST_P(TextCost, BlankLinesOfAnyKindAreReadInLinearTimeAndStopped) {
  for (const std::string end : {"\n", "\r", "\r\n"}) {
    const auto blanks = [&](std::size_t count) {
      std::string text;
      for (std::size_t i = 0; i < count; ++i) text += end;
      return text + GetParam().make({});
    };
    expect_near_linear(
        [&](std::size_t count) {
          const std::string text = blanks(count);
          return cost_of([&] { parse(GetParam(), text); });
        },
        4'000);
    const std::string text = blanks(20'000);
    expect_to_stop_soon([&](const std::stop_token &stop) { parse(GetParam(), text, stop); });
  }
}

TEST_P(TextCost, OneLongLineIsReadInLinearTime) {
  expect_near_linear(
      [](std::size_t count) {
        const std::string text = GetParam().make({}).substr(0, 2) + std::string(count, '0');
        return cost_of([&] { parse(GetParam(), text); });
      },
      4'000);
}

// The data twice: once as it comes from the file, once as segments.
TEST_P(TextCost, RecordsThatContinueEachOtherTakeTwiceTheirData) {
  for (const auto &[count, size] :
       {std::pair<std::size_t, std::size_t>{100'000, 16}, {50'000, 32}}) {
    const std::string text = GetParam().make(pieces(count, size, size));
    const std::size_t data = count * size;
    EXPECT_LT(cost_of([&] { parse(GetParam(), text); }).peak, 2 * data + 100'000);
  }
}

TEST_P(TextCost, DataInMorePlacesThanAnyFirmwareHasIsRefusedBeforeItCosts) {
  const std::string text = GetParam().make(bytes_with_gaps(Assembler::max_segments + 1));
  const Cost cost = cost_of([&] {
    try {
      static_cast<void>(GetParam().parse(text, {}));
      FAIL() << "no error";
    } catch (const Error &error) {
      EXPECT_EQ(error.code(), Errc::image);
      EXPECT_THAT(error.what(),
                  ::testing::EndsWith(": the data lies in 1048577 separate places; more than "
                                      "1048576 are refused"));
      EXPECT_FALSE(error.hint().empty());
    }
  });
  EXPECT_LT(cost.peak, 2 * text.size());
}

INSTANTIATE_TEST_SUITE_P(Records, TextCost, ::testing::ValuesIn(readings),
                         [](const auto &test) { return std::string(test.param.name); });

}  // namespace
}  // namespace flashhost
