// Intel HEX made to cost time or memory: both stay in proportion to the file.
#include "cost.hpp"

#include <flashhost/error.hpp>

#include <format-ihex/emitter.hpp>
#include <ihex.hpp>

#include <algorithm>
#include <random>
#include <string>

namespace flashhost {
namespace {

using test::end_of_file;
using test::record;
using test::word_record;
using testing::Cost;
using testing::cost_of;
using testing::expect_near_linear;
using testing::expect_to_stop_soon;

std::span<const std::uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t *>(text.data()), text.size()};
}

// Builds a file record by record, with a base record where one is needed.
class File {
 public:
  void add(std::uint32_t address, const Bytes &data) {
    const auto high = static_cast<std::uint16_t>(address >> 16);
    if (high != base_) text_ += word_record(4, high) + "\n";
    base_ = high;
    text_ += record(0, static_cast<std::uint16_t>(address), data) + "\n";
  }
  std::string end() { return text_ + end_of_file; }

 private:
  std::string text_;
  std::uint16_t base_ = 0;
};

using Maker = std::string (*)(std::size_t count);

std::string ascending(std::size_t count) {
  File file;
  for (std::size_t i = 0; i < count; ++i) {
    file.add(static_cast<std::uint32_t>(i * 16), Bytes(16, static_cast<std::uint8_t>(i)));
  }
  return file.end();
}

std::string one_byte_records(std::size_t count) {
  File file;
  for (std::size_t i = 0; i < count; ++i) file.add(static_cast<std::uint32_t>(i), {1});
  return file.end();
}

std::string bytes_with_gaps(std::size_t count) {
  File file;
  for (std::size_t i = 0; i < count; ++i) file.add(static_cast<std::uint32_t>(2 * i), {1});
  return file.end();
}

std::string descending(std::size_t count) {
  File file;
  for (std::size_t i = count; i-- > 0;) file.add(static_cast<std::uint32_t>(i), {1});
  return file.end();
}

std::string evens_then_odds(std::size_t count) {
  File file;
  for (std::size_t i = 0; i < count; i += 2) file.add(static_cast<std::uint32_t>(i), {1});
  for (std::size_t i = 1; i < count; i += 2) file.add(static_cast<std::uint32_t>(i), {1});
  return file.end();
}

std::string shuffled(std::size_t count) {
  std::vector<std::uint32_t> addresses(count);
  for (std::size_t i = 0; i < count; ++i) addresses[i] = static_cast<std::uint32_t>(2 * i);
  std::shuffle(addresses.begin(), addresses.end(), std::minstd_rand(1));
  std::string text;
  for (const std::uint32_t address : addresses) {
    text += record(0, static_cast<std::uint16_t>(address), Bytes{1}) + "\n";
  }
  return text + end_of_file;
}

std::string the_same_record_again(std::size_t count) {
  File file;
  for (std::size_t i = 0; i < count; ++i) file.add(0, Bytes(16, 7));
  return file.end();
}

// Each starts one byte behind the one before it.
std::string overlapping(std::size_t count) {
  File file;
  for (std::size_t i = 0; i < count; ++i) file.add(static_cast<std::uint32_t>(i), Bytes(16, 7));
  return file.end();
}

std::string a_contradiction_at_the_end(std::size_t count) {
  File file;
  for (std::size_t i = 0; i < count; ++i) file.add(0, Bytes(16, 7));
  file.add(15, {8});
  return file.end();
}

std::string blank_lines(std::size_t count) {
  return std::string(count, '\n') + end_of_file;
}

std::string one_long_line(std::size_t count) {
  return ":" + std::string(count, '0');
}

void parse(const std::string &text, const std::stop_token &stop = {}) {
  try {
    static_cast<void>(ihex::parse(bytes_of(text), stop));
  } catch (const Error &error) {
    if (error.code() == Errc::interrupted) throw;
  }
}

struct Hostile {
  const char *name;
  Maker make;
};

class IhexCost : public ::testing::TestWithParam<Hostile> {};

TEST_P(IhexCost, TimeIsNearLinear) {
  expect_near_linear(
      [](std::size_t count) {
        const std::string text = GetParam().make(count);
        return cost_of([&] { parse(text); });
      },
      4'000);
}

TEST_P(IhexCost, MemoryIsAtMostSixTimesTheFile) {
  const std::string text = GetParam().make(20'000);
  EXPECT_LT(cost_of([&] { parse(text); }).peak, 6 * text.size() + 8192);
}

TEST_P(IhexCost, AStopIsNoticedAtOnce) {
  const std::string text = GetParam().make(20'000);
  expect_to_stop_soon([&](const std::stop_token &stop) { parse(text, stop); });
}

INSTANTIATE_TEST_SUITE_P(
    Hostile, IhexCost,
    ::testing::Values(Hostile{"Ascending", ascending}, Hostile{"OneByteRecords", one_byte_records},
                      Hostile{"BytesWithGaps", bytes_with_gaps}, Hostile{"Descending", descending},
                      Hostile{"EvensThenOdds", evens_then_odds}, Hostile{"Shuffled", shuffled},
                      Hostile{"TheSameRecordAgain", the_same_record_again},
                      Hostile{"Overlapping", overlapping},
                      Hostile{"AContradictionAtTheEnd", a_contradiction_at_the_end},
                      Hostile{"BlankLines", blank_lines}),
    [](const auto &test) { return std::string(test.param.name); });

TEST(IhexTime, OneLongLineIsReadInLinearTime) {
  expect_near_linear(
      [](std::size_t count) {
        const std::string text = one_long_line(count);
        return cost_of([&] { parse(text); });
      },
      4'000);
}

TEST(IhexMemory, RecordsThatContinueEachOtherTakeLessThanTheFile) {
  for (const Maker make : {ascending, one_byte_records}) {
    const std::string text = make(20'000);
    EXPECT_LT(cost_of([&] { parse(text); }).peak, text.size());
  }
}

TEST(IhexMemory, DataInMorePlacesThanAnyFirmwareHasIsRefusedBeforeItCosts) {
  const std::string text = bytes_with_gaps(Assembler::max_segments + 1);
  const Cost cost = cost_of([&] {
    try {
      static_cast<void>(ihex::parse(bytes_of(text)));
      FAIL() << "no error";
    } catch (const Error &error) {
      EXPECT_EQ(error.code(), Errc::image);
      EXPECT_STREQ(error.what(),
                   "line 1048610: the data lies in 1048577 separate places; more than 1048576 are "
                   "refused");
      EXPECT_FALSE(error.hint().empty());
    }
  });
  EXPECT_LT(cost.peak, 2 * text.size());
}

}  // namespace
}  // namespace flashhost
