// That the loader adds next to nothing to the time that the flash itself takes.
#include "loader.hpp"

#include <gtest/gtest.h>

namespace loader_test {
namespace {

constexpr double halfword_us = 52.5, page_ms = 20;

double microseconds(Time time) {
  return static_cast<double>(time.count()) / 1000;
}

TEST(Timing, ProgrammingTakesAtMostFourPercentMoreThanTheFlash) {
  Board board({});
  Loader loader(board);
  loader.start();
  constexpr std::uint32_t blocks = 16;
  const auto from = board.target().now();
  std::uint32_t sequence = 0;
  for (std::uint32_t i = 0; i < blocks; ++i) {
    sequence = loader.send(program(flash_start + 1024 * i, pattern(1024, i)));
  }
  ASSERT_TRUE(loader.wait_done(sequence));
  // The transfer of the first block overlaps with nothing.
  const double transfer = 11.5 * (1024 + 20) / 4;
  const double took = microseconds(board.target().now() - from) - transfer;
  const double flash = halfword_us * 512 * blocks;
  RecordProperty("percent", std::to_string(100 * (took / flash - 1)));
  EXPECT_GE(took, flash);
  EXPECT_LE(took, 1.04 * flash) << "overhead per halfword: " << (took - flash) / (512 * blocks)
                                << " us";
}

TEST(Timing, ErasingAPageTakesAtMostOnePercentMoreThanTheFlash) {
  Board board({});
  Loader loader(board);
  loader.start();
  const auto from = board.target().now();
  std::uint32_t sequence = 0;
  for (std::uint32_t i = 0; i < 8; ++i) sequence = loader.send(erase(flash_start + 1024 * i, 1024));
  ASSERT_TRUE(loader.wait_done(sequence));
  EXPECT_LE(microseconds(board.target().now() - from), 1.01 * 8 * page_ms * 1000);
}

TEST(Timing, SkippedHalfwordsCostATwentiethOfProgrammedOnes) {
  Board board({});
  Loader loader(board);
  loader.start();
  const auto from = board.target().now();
  const std::uint32_t sequence = loader.send(program(flash_start, Bytes(1024, 0xFF)));
  ASSERT_TRUE(loader.wait_done(sequence));
  const double transfer = 11.5 * (1024 + 20) / 4;
  EXPECT_LE(microseconds(board.target().now() - from) - transfer, halfword_us / 20 * 512);
}

TEST(Timing, AHundredKibibytesAreCheckedInThirtyMilliseconds) {
  Board board({});
  Loader loader(board);
  loader.replace(&fh_parameters::erase_chip, {0x00, 0x20, 0x70, 0x47});  // movs r0, #0; bx lr
  loader.start();
  for (const auto &command : {crc({{flash_start, 100 * 1024}}), erase_all(100 * 1024)}) {
    const auto from = board.target().now();
    ASSERT_TRUE(loader.execute(command));
    EXPECT_LE(board.target().now() - from, 30ms);
  }
}

}  // namespace
}  // namespace loader_test
