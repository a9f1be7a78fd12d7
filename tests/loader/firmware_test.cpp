// The example firmwares, as they are committed, run on the simulated chip.
#include "board.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <string>

namespace loader_test {
namespace {

unsigned hex_byte(const std::string &line, std::size_t at) {
  return static_cast<unsigned>(std::stoul(line.substr(at, 2), nullptr, 16));
}

// Data records of an Intel HEX file in the first 64 KiB of flash.
Bytes image(const std::string &name) {
  std::ifstream file(std::string(EXAMPLE_FIRMWARE_DIR) + "/" + name + ".hex");
  Bytes bytes;
  for (std::string line; std::getline(file, line);) {
    if (line.size() < 11 || hex_byte(line, 7) != 0) continue;
    const std::size_t address = hex_byte(line, 3) * 256 + hex_byte(line, 5);
    const std::size_t size = hex_byte(line, 1);
    if (bytes.size() < address + size) bytes.resize(address + size, 0xFF);
    for (std::size_t i = 0; i < size; ++i) {
      bytes[address + i] = static_cast<std::uint8_t>(hex_byte(line, 9 + 2 * i));
    }
  }
  return bytes;
}

struct Observed {
  std::map<std::string, std::vector<flashhost::machine::PinEdge>> edges;
  std::uint64_t resets = 0;
};

Observed run(Board &board, Time time) {
  const auto before = board.target().statistics().system_resets;
  board.target().clear_pin_edges();
  board.pass(time);
  Observed result;
  for (const auto &edge : board.target().pin_edges()) result.edges[edge.pin].push_back(edge);
  result.resets = board.target().statistics().system_resets - before;
  return result;
}

void expect_period(const std::vector<flashhost::machine::PinEdge> &edges, Time period) {
  for (std::size_t i = 1; i < edges.size(); ++i) {
    EXPECT_NEAR(static_cast<double>((edges[i].time - edges[i - 1].time).count()),
                static_cast<double>(period.count()), 50e3);
    EXPECT_NE(edges[i].level, edges[i - 1].level);
  }
}

TEST(ExampleFirmware, BlinkTogglesTheLedTenTimesASecondAndFeedsItsWatchdog) {
  const Bytes blink = image("blink");
  ASSERT_GE(blink.size(), 8192U);
  Board board({}, blink);
  board.pass(100ms);  // start-up and its check of itself
  const Observed result = run(board, 2s);
  ASSERT_TRUE(result.edges.contains("PC13"));
  EXPECT_EQ(result.edges.at("PC13").size(), 20U);
  expect_period(result.edges.at("PC13"), 100ms);
  EXPECT_EQ(result.resets, 0U);
  ASSERT_EQ(board.target().connect(), flashhost::machine::Ack::ok);
  EXPECT_EQ(board.word(iwdg + 4), 2U);
  EXPECT_EQ(board.word(iwdg + 8), 1249U);
}

TEST(ExampleFirmware, BlinkSendsMorseCode) {
  Board board({}, image("blink"));
  const Observed result = run(board, 3s);
  ASSERT_TRUE(result.edges.contains("PB0"));
  // "This": dash; four dots; two dots; three dots, as lengths of light.
  std::string heard;
  const auto &edges = result.edges.at("PB0");
  for (std::size_t i = 1; i < edges.size(); ++i) {
    if (edges[i].level == 0) heard += edges[i].time - edges[i - 1].time > 120ms ? '-' : '.';
  }
  EXPECT_THAT(heard, ::testing::StartsWith("-........."));
}

TEST(ExampleFirmware, BlinkWithOneDamagedByteShowsNothing) {
  Bytes damaged = image("blink");
  damaged[damaged.size() / 2] ^= 1;
  Board board({}, damaged);
  const Observed result = run(board, 2s);
  EXPECT_TRUE(result.edges.empty());
  EXPECT_GE(result.resets, 2U);  // by its watchdog
}

TEST(ExampleFirmware, OldRunsWithAShortWatchdogAndMuchInterruptAndDma) {
  Board board({}, image("old"));
  board.pass(50ms);
  const Observed result = run(board, 1200ms);
  ASSERT_TRUE(result.edges.contains("PC13"));
  ASSERT_TRUE(result.edges.contains("PB1"));
  EXPECT_EQ(result.edges.at("PC13").size(), 30U);
  EXPECT_EQ(result.edges.at("PB1").size(), 80U);
  expect_period(result.edges.at("PC13"), 40ms);
  EXPECT_EQ(result.resets, 0U);
  // Found in its interrupt as often as not.
  ASSERT_EQ(board.target().connect(), flashhost::machine::Ack::ok);
  int in_interrupt = 0;
  for (int i = 0; i < 20; ++i) {
    board.halt();
    if ((board.core_register(reg_xpsr) & 0x1FF) == 15) ++in_interrupt;
    board.run();
    board.pass(1370us);
  }
  EXPECT_GE(in_interrupt, 4);
  EXPECT_LE(in_interrupt, 19);
}

struct Led {
  const char *part;
  const char *pin;
  const char *series;  // at the end of the firmware's name
  [[nodiscard]] Bytes firmware(const std::string &name) const { return image(name + "-" + series); }
};

class SeriesFirmware : public ::testing::TestWithParam<Led> {};

TEST_P(SeriesFirmware, BlinkTogglesTheLedTenTimesASecondAndFeedsItsWatchdog) {
  Board board(part(GetParam().part), GetParam().firmware("blink"));
  board.pass(100ms);  // start-up and its check of itself
  const Observed result = run(board, 2s);
  ASSERT_TRUE(result.edges.contains(GetParam().pin));
  EXPECT_EQ(result.edges.at(GetParam().pin).size(), 20U);
  expect_period(result.edges.at(GetParam().pin), 100ms);
  EXPECT_EQ(result.resets, 0U);
}

TEST_P(SeriesFirmware, OldRunsWithAShortWatchdog) {
  Board board(part(GetParam().part), GetParam().firmware("old"));
  board.pass(50ms);
  const Observed result = run(board, 400ms);
  ASSERT_TRUE(result.edges.contains(GetParam().pin));
  EXPECT_EQ(result.edges.at(GetParam().pin).size(), 10U);
  expect_period(result.edges.at(GetParam().pin), 40ms);
  EXPECT_EQ(result.resets, 0U);
}

TEST_P(SeriesFirmware, BlinkWithOneDamagedByteShowsNothing) {
  Bytes damaged = GetParam().firmware("blink");
  damaged[damaged.size() / 2] ^= 1;
  Board board(part(GetParam().part), damaged);
  const Observed result = run(board, 2s);
  EXPECT_TRUE(result.edges.empty());
  EXPECT_GE(result.resets, 2U);  // by its watchdog
}

TEST(SmallFirmware, BlinkTogglesTheLedsOfF0AndF3BoardsAndOldDoesSoFaster) {
  for (const char *name : {"STM32F303K8", "STM32F072RB"}) {
    for (const char *pin : {"PB3", "PC9"}) {
      SCOPED_TRACE(std::string(name) + " " + pin);
      Board blink(part(name), image("blink-f0f3"));
      blink.pass(100ms);  // start-up and its check of itself
      const Observed slow = run(blink, 2s);
      ASSERT_TRUE(slow.edges.contains(pin));
      EXPECT_EQ(slow.edges.at(pin).size(), 20U);
      EXPECT_EQ(slow.resets, 0U);
      Board old(part(name), image("old-f0f3"));
      old.pass(50ms);
      const Observed fast = run(old, 400ms);
      ASSERT_TRUE(fast.edges.contains(pin));
      EXPECT_EQ(fast.edges.at(pin).size(), 10U);
      EXPECT_EQ(fast.resets, 0U);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Boards, SeriesFirmware,
    ::testing::Values(Led{"STM32F401RE", "PA5", "f4"}, Led{"STM32F411CE", "PC13", "f4"},
                      Led{"STM32F407VG", "PD12", "f4"}, Led{"STM32L476RG", "PA5", "l4"},
                      Led{"STM32L432KC", "PB3", "l4"}, Led{"STM32G474RE", "PA5", "l4"},
                      Led{"STM32WB55RG", "PB5", "l4"}, Led{"STM32G071RB", "PA5", "g0"}),
    [](const auto &param) { return std::string(param.param.part); });

}  // namespace
}  // namespace loader_test
