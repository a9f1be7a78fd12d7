// Files made to cost time or memory, and files without data, given to the program.
#include "board.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <iterator>

namespace flashhost::testing {
namespace {

using ::testing::HasSubstr;

constexpr const char *end_of_file = ":00000001FF\n";

void add_record(std::string &text, const Bytes &bytes) {
  std::uint8_t sum = 0;
  text += ':';
  for (const std::uint8_t byte : bytes) {
    fmt::format_to(std::back_inserter(text), "{:02X}", byte);
    sum = static_cast<std::uint8_t>(sum + byte);
  }
  fmt::format_to(std::back_inserter(text), "{:02X}\n", static_cast<std::uint8_t>(-sum));
}

// Every second byte from flash_base + first on, in a record of its own.
std::string every_second_byte(std::uint32_t first, std::uint32_t count) {
  std::string text;
  std::uint32_t high = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint32_t address = flash_base + first + 2 * i;
    if (address >> 16 != high) {
      high = address >> 16;
      add_record(text, {2, 0, 0, 4, static_cast<std::uint8_t>(high >> 8),
                        static_cast<std::uint8_t>(high)});
    }
    add_record(text, {1, static_cast<std::uint8_t>(address >> 8),
                      static_cast<std::uint8_t>(address), 0, static_cast<std::uint8_t>(i)});
  }
  return text + end_of_file;
}

class BoundedWork : public Board {};

TEST_F(BoundedWork, TwoInterleavedFilesOf900KilobytesTakeAtMost64MebibytesMore) {
  constexpr std::uint32_t count = 64'000;
  image_file("small.hex", every_second_byte(0, 16));
  const Outcome small = flashhost({"plan"});
  EXPECT_EQ(small.exit_code, 0) << small.err;
  image_file("even.hex", every_second_byte(0, count));
  image_file("odd.hex", every_second_byte(1, count));
  const Outcome large = flashhost({"plan"});
  EXPECT_EQ(large.exit_code, 0) << large.err;
  EXPECT_LT(large.peak_kib, small.peak_kib + 64 * 1024);
}

TEST_F(BoundedWork, InterleavedFilesAreWrittenAsOne) {
  Bytes both(2000);
  for (std::size_t i = 0; i < both.size(); ++i) both[i] = static_cast<std::uint8_t>(i / 2);
  image_file("even.hex", every_second_byte(0, 1000));
  image_file("odd.hex", every_second_byte(1, 1000));
  EXPECT_EQ(flashhost().exit_code, 0);
  const Bytes found = flash();
  ASSERT_GT(found.size(), both.size());
  EXPECT_TRUE(std::equal(both.begin(), both.end(), found.begin()));
}

class NoData : public Board {};

TEST_F(NoData, AFileWithoutDataIsAnErrorInEachFormatAndVerb) {
  image_file("empty.hex", end_of_file);
  for (const char *verb : {"flash", "plan", "verify"}) {
    const Outcome outcome = flashhost({verb});
    expect_untouched(outcome, 4);
    EXPECT_THAT(outcome.err, HasSubstr("empty.hex: it holds no data: nothing would be written"));
    EXPECT_THAT(outcome.err, HasSubstr("build failed or was cut off"));
  }
}

TEST_F(NoData, AnEmptyRawBinaryIsAnError) {
  image_file("empty.bin", "", "address = 0x08000000\n");
  const Outcome outcome = flashhost();
  expect_untouched(outcome, 4);
  EXPECT_THAT(outcome.err, HasSubstr("empty.bin: it holds no data"));
}

TEST_F(NoData, OneOfSeveralFilesWithoutDataIsAnError) {
  image(0, firmware(512));
  image_file("second.hex", end_of_file);
  const Outcome outcome = flashhost();
  expect_untouched(outcome, 4);
  EXPECT_THAT(outcome.err, HasSubstr("second.hex: it holds no data"));
}

}  // namespace
}  // namespace flashhost::testing
