// What the committed algorithms of the made-up chip do to its model, called one by one.
#include "bench.hpp"
#include "committed.hpp"
#include "odd_chip.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <cstring>
#include <numeric>

namespace sim_test::odd_algorithms {
namespace {

namespace odd = flashhost::test::odd;
using flashhost::flm::FlmFile;
using flashhost::test::algorithm;

constexpr std::uint32_t code = odd::ram, buffer = address::sram + 0x2000;
constexpr std::uint32_t usual_clock = 12'000'000, erasing = 1, programming = 2;

Config at_rest(const std::string &part) {
  Config result = odd::board_config(part);
  result.firmware_runs = false;
  return result;
}

// A chip with something in all of its flash, and an algorithm in its RAM.
struct Loaded : Bench {
  Loaded(const std::string &part, const std::string &name)
      : Bench(at_rest(part)), file(algorithm(name)) {
    std::ranges::fill(flash, std::uint8_t{0x5A});
    before = flash;
    halt();
    std::vector<std::uint8_t> image = file.image;
    image.resize((image.size() + 3) / 4 * 4);
    put(code, image);
    breakpoint = code + static_cast<std::uint32_t>(image.size());
    write(breakpoint, 0xBE00BE00);
  }

  void put(std::uint32_t at, std::span<const std::uint8_t> bytes) {
    for (std::size_t i = 0; i < bytes.size(); i += 4) {
      std::uint32_t word = 0;
      std::memcpy(&word, &bytes[i], sizeof word);
      write(at + static_cast<std::uint32_t>(i), word);
    }
  }
  std::uint32_t call(std::uint32_t entry, std::array<std::uint32_t, 3> arguments) {
    for (unsigned i = 0; i != arguments.size(); ++i) set_reg(i, arguments.at(i));
    prepare(code + entry);
    set_reg(core::lr, breakpoint | 1);
    EXPECT_TRUE(run_to_halt());
    EXPECT_EQ(reg(core::pc), breakpoint);
    return reg(0);
  }
  // Between Init and UnInit, as hosts call it.
  std::uint32_t call_for(std::uint32_t purpose, std::uint32_t entry,
                         std::array<std::uint32_t, 3> arguments) {
    EXPECT_EQ(call(file.entries.init, {file.device.range.address, usual_clock, purpose}), 0U);
    const std::uint32_t result = call(entry, arguments);
    EXPECT_EQ(call(file.entries.uninit, {purpose, 0, 0}), 0U);
    EXPECT_EQ(read(odd::at::status) & odd::flag::open, 0U);
    return result;
  }
  std::uint32_t erase(std::uint32_t address) {
    return call_for(erasing, file.entries.erase_sector, {address, 0, 0});
  }
  std::uint32_t program(std::uint32_t address, std::span<const std::uint8_t> page) {
    put(buffer, page);
    const auto size = static_cast<std::uint32_t>(page.size());
    return call_for(programming, file.entries.program_page, {address, size, buffer});
  }

  FlmFile file;
  std::vector<std::uint8_t> before;
  std::uint32_t breakpoint = 0;
};

std::vector<std::uint8_t> counting(std::size_t size) {
  std::vector<std::uint8_t> bytes(size);
  std::iota(bytes.begin(), bytes.end(), std::uint8_t{1});
  return bytes;
}

struct Row {
  const char *part, *name;
  std::uint32_t address, sector_size, cells;  // cells: where that is in the content
};

class Algorithms : public testing::TestWithParam<Row> {};

TEST_P(Algorithms, EraseSectorsAndProgramPagesWhereTheyAreToldTo) {
  const Row &row = GetParam();
  Loaded board(row.part, row.name);
  const std::vector<std::uint8_t> page = counting(board.file.device.page_size);
  const auto size = static_cast<std::uint32_t>(page.size());
  std::vector<std::uint8_t> expected = board.before;
  std::uint32_t erased = 0;
  while (erased < size || erased == 0) {
    EXPECT_EQ(board.erase(row.address + erased), 0U);
    std::fill_n(expected.begin() + row.cells + erased, row.sector_size, std::uint8_t{0xFF});
    erased += row.sector_size;
    EXPECT_TRUE(board.flash == expected);
  }
  const std::uint32_t last_page = erased - size;
  EXPECT_EQ(board.program(row.address + last_page, page), 0U);
  std::ranges::copy(page, expected.begin() + row.cells + last_page);
  EXPECT_TRUE(board.flash == expected);
  EXPECT_EQ(board.program(row.address + last_page, page), 1U);  // it is not erased
  EXPECT_TRUE(board.flash == expected);
}

TEST_P(Algorithms, ReportErrorsForWhatIsNotTheirs) {
  const Row &row = GetParam();
  Loaded board(row.part, row.name);
  const std::uint32_t base = row.address - row.cells;
  const std::uint32_t other = row.cells < odd::row ? base + odd::row : 0;
  for (const std::uint32_t elsewhere : {base + odd::gap, base + odd::options, other}) {
    SCOPED_TRACE(elsewhere);
    EXPECT_EQ(board.erase(elsewhere), 1U);
    EXPECT_EQ(board.program(elsewhere, counting(board.file.device.page_size)), 1U);
    EXPECT_TRUE(board.flash == board.before);
  }
}

INSTANTIATE_TEST_SUITE_P(Odd, Algorithms,
                         testing::Values(Row{"ODD64", "ODD64", 0x0400, 1024, 0x0400},
                                         Row{"ODD80", "ODD64", 0xF000, 4096, 0xF000},
                                         Row{"ODD64P", "ODD64_PAGES", 0x1000, 1024, 0x1000},
                                         Row{"ODD80", "ODD80_ROW", 0x12C00, 1024, 0x12C00},
                                         Row{"ODD80S", "ODD80_ALIAS", 0x30004000, 4096, 0x4000}),
                         [](const auto &each) {
                           return std::string(each.param.name) + "_on_" + each.param.part;
                         });

TEST(AlgorithmsOfOptions, WriteAllOfThemAtOnce) {
  Loaded board("ODD80", "ODD80_OPT");
  EXPECT_EQ(board.erase(odd::options), 0U);
  EXPECT_TRUE(board.flash == board.before);
  for (const std::size_t size : {4U, 36U, 44U, 64U}) {
    EXPECT_EQ(board.program(odd::options, counting(size)), 1U);
    EXPECT_TRUE(board.flash == board.before);
  }
  EXPECT_EQ(board.program(odd::options + 4, counting(40)), 1U);
  EXPECT_TRUE(board.flash == board.before);
  std::vector<std::uint8_t> expected = board.before;
  std::vector<std::uint8_t> page = counting(40);
  for (int i = 0; i != 2; ++i) {
    EXPECT_EQ(board.program(odd::options, page), 0U);
    std::ranges::copy(page, expected.begin() + odd::options);
    EXPECT_TRUE(board.flash == expected);
    std::ranges::reverse(page);
  }
}

}  // namespace
}  // namespace sim_test::odd_algorithms
