// The functions for CRCs in software that family-flm puts beside a flash algorithm.
#include "family-flm/crc_function.hpp"

#include "loader.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace loader_test {
namespace {

struct Row {
  const char *name;
  const flashhost::flm::CrcCode &(*function)();
  const char *chip = "STM32F103CB";
};

Setup with_crc(const flashhost::flm::CrcCode &function) {
  Functions family = f1_functions();
  family.code.resize((family.code.size() + 7) / 8 * 8);
  family.crc = static_cast<std::uint32_t>(family.code.size());
  family.code.insert(family.code.end(), function.code.begin(), function.code.end());
  if (function.tables != 0) {
    family.code.resize((family.code.size() + 15) / 8 * 8);  // and a word of zeros
    const auto tables = static_cast<std::uint32_t>(family.code.size());
    flashhost::flm::place_tables(family.code, family.crc, tables);
    family.code.resize(tables + function.tables, 0xA5);  // whatever is there
  }
  return {.family = family};
}

class CrcFunction : public ::testing::TestWithParam<Row> {
 protected:
  void start(const Bytes &content) {
    std::ranges::copy(content, board.flash().begin());
    loader.start();
    ASSERT_EQ(loader.mailbox().crc, loader.parameters().crc);  // it passed the agent's test
  }
  void expect_right(const std::vector<fh_range> &ranges) {
    const std::uint32_t sequence = loader.send(crc(ranges));
    ASSERT_TRUE(loader.wait_done(sequence));
    const auto results = loader.results(sequence, ranges.size());
    for (std::size_t i = 0; i < ranges.size(); ++i) {
      const std::span<const std::uint8_t> flash(board.flash());
      EXPECT_EQ(results[i].value,
                crc_of(flash.subspan(ranges[i].address - flash_start, ranges[i].length)))
          << ranges[i].address << ", " << ranges[i].length << " bytes";
    }
  }
  Time time_of(std::uint32_t address, std::uint32_t length) {
    const auto from = board.target().now();
    EXPECT_TRUE(loader.execute(crc({{address, length}})));
    return board.target().now() - from;
  }

  Board board{part(GetParam().chip)};
  Loader loader{board, with_crc(GetParam().function())};
};

TEST_P(CrcFunction, IsRightForEveryLength) {
  start(pattern(8192));
  for (std::uint32_t first = 4; first <= 400; first += 100) {
    std::vector<fh_range> ranges;
    for (std::uint32_t length = first; length < first + 100; length += 4) {
      ranges.push_back({flash_start + 4 * length, length});
    }
    expect_right(ranges);
  }
}

// Every word that is not blank shows, wherever it is between blank ones.
TEST_P(CrcFunction, IsRightAmongBlankWords) {
  constexpr std::uint32_t chunk = 4 * FH_CRC_CHUNK, size = 3 * chunk, count = FH_CRC_CHUNK;
  Bytes content(std::size_t{size} * count, 0xFF);
  std::vector<fh_range> ranges = {{flash_start + size * count, 4096}};  // blank
  for (std::uint32_t i = 0; i < count; ++i) {
    content[i * size + chunk + 4 * i + i % 4] = static_cast<std::uint8_t>(0xFE - i);
    ranges.push_back({flash_start + i * size, size});
    ranges.push_back({flash_start + i * size + chunk, chunk});
  }
  start(content);
  expect_right(ranges);
}

INSTANTIATE_TEST_SUITE_P(Of, CrcFunction,
                         ::testing::Values(Row{"ByTable", flashhost::flm::table_crc},
                                           Row{"BySlices", flashhost::flm::sliced_crc},
                                           Row{"ByWideTables", flashhost::flm::wide_crc,
                                               "STM32F103RE"}),
                         [](const auto &row) { return std::string(row.param.name); });

class SlicedCrc : public CrcFunction {};

TEST_P(SlicedCrc, TakesLittleTimeAndLessOverBlankWords) {
  start(pattern(32 * kibibyte));
  const Time full = time_of(flash_start, 32 * kibibyte);
  const Time blank = time_of(flash_start + 32 * kibibyte, 32 * kibibyte);
  // 8192 words at 24 MHz: 25 and 8 clocks a word.
  EXPECT_LT(full, 8600us);
  EXPECT_LT(blank, 2800us);
}

INSTANTIATE_TEST_SUITE_P(Of, SlicedCrc,
                         ::testing::Values(Row{"BySlices", flashhost::flm::sliced_crc},
                                           Row{"ByWideTables", flashhost::flm::wide_crc,
                                               "STM32F103RE"}),
                         [](const auto &row) { return std::string(row.param.name); });

}  // namespace
}  // namespace loader_test
