// The witness: what it tells of a debugger's accesses, and what it does to them.
#include "bench.hpp"
#include "snippets.hpp"

#include <flashhost/machine/witness.hpp>

#include <gtest/gtest.h>

namespace sim_test::witness_rules {
namespace {

namespace witness = flashhost::machine::witness;

Config with_witness() {
  Config chosen = config();
  chosen.witness = true;
  return chosen;
}

struct Witnessed : Bench {
  Witnessed() : Bench(with_witness(), {{0x40, snippet::count_up}}, address::flash + 0x40) {}
  void watch(std::uint32_t start, std::uint32_t size) {
    write(witness::watch_start, start);
    write(witness::watch_size, size);
    write(witness::clear, 1);
  }
  [[nodiscard]] std::uint32_t record(std::uint32_t number, std::uint32_t word) {
    return read(witness::first_record + number * witness::record_size + 4 * word);
  }
};

TEST(Witness, IsNotThereUnlessTheBoardIsAskedForIt) {
  Bench plain(config());
  std::uint32_t value = 0;
  EXPECT_TRUE(plain.target.read(witness::base, 4, value) != Ack::ok || value != witness::id_value);
  Witnessed board;
  EXPECT_EQ(board.read(witness::id), witness::id_value);
}

TEST(Witness, RecordsAddressWidthDirectionAndValueInTheWatchedRangeAlone) {
  Witnessed board;
  board.watch(address::sram + 0x100, 8);
  std::uint32_t value = 0;
  EXPECT_EQ(board.target.write(address::sram + 0xFC, 4, 1), Ack::ok);
  EXPECT_EQ(board.target.write(address::sram + 0x104, 4, 0x11223344), Ack::ok);
  EXPECT_EQ(board.target.read(address::sram + 0x105, 1, value), Ack::ok);
  EXPECT_EQ(board.target.write(address::sram + 0x106, 2, 0xABCD), Ack::ok);
  EXPECT_EQ(board.target.write(address::sram + 0x108, 4, 1), Ack::ok);
  ASSERT_EQ(board.read(witness::recorded), 3U);
  EXPECT_EQ(board.record(0, 0), address::sram + 0x104);
  EXPECT_EQ(board.record(0, 1), 4 | witness::how_write);
  EXPECT_EQ(board.record(0, 2), 0x11223344U);
  EXPECT_EQ(board.record(1, 0), address::sram + 0x105);
  EXPECT_EQ(board.record(1, 1), 1U);
  EXPECT_EQ(board.record(1, 2), 0x33U);
  EXPECT_EQ(board.record(2, 1), 2 | witness::how_write);
}

TEST(Witness, ShowsLaterRecordsOnFurtherPages) {
  Witnessed board;
  board.watch(address::sram, 0x1000);
  for (std::uint32_t i = 0; i < witness::records + 5; ++i) board.write(address::sram + 4 * i, i);
  EXPECT_EQ(board.read(witness::recorded), witness::records + 5);
  board.write(witness::page, 1);
  EXPECT_EQ(board.record(4, 2), witness::records + 4);
  EXPECT_EQ(board.record(5, 0), 0U);
}

TEST(Witness, RefusesARangeToTheDebugger) {
  Witnessed board;
  board.watch(address::sram, 16);
  board.write(witness::fault_start, address::sram + 4);
  board.write(witness::fault_size, 4);
  EXPECT_EQ(board.target.write(address::sram, 4, 1), Ack::ok);
  EXPECT_EQ(board.target.write(address::sram + 6, 2, 1), Ack::fault);
  board.target.clear_sticky_error();
  EXPECT_EQ(board.target.write(address::sram + 8, 4, 1), Ack::ok);
  EXPECT_EQ(board.record(1, 1), 2 | witness::how_write | witness::how_refused);
}

TEST(Witness, CountsResetsByTheirCauseAndHalts) {
  Witnessed board;
  board.watch(0, 0);
  board.system_reset();
  board.target.set_nrst(0);
  board.target.advance(1ms);
  board.target.set_nrst(1);
  board.target.advance(1ms);
  EXPECT_EQ(board.read(witness::resets), 2U);
  EXPECT_EQ(board.read(witness::pin_resets), 1U);
  EXPECT_EQ(board.read(witness::power_ons), 0U);
  board.write(address::dhcsr, 0xA05F0003);
  board.write(address::dhcsr, 0xA05F0003);
  EXPECT_EQ(board.read(witness::halts), 1U);
  board.target.power_cycle();
  board.target.advance(10ms);
  EXPECT_EQ(board.read(witness::power_ons), 1U);
}

TEST(Witness, MakesARunningCoreHaltLate) {
  Witnessed board;
  board.write(witness::halt_delay, 1000);
  board.write(address::dhcsr, 0xA05F0003);
  EXPECT_FALSE(board.halted());
  board.target.advance(500us);
  board.write(address::dhcsr, 0xA05F0003);  // once more does not begin anew
  board.target.advance(600us);
  EXPECT_TRUE(board.halted());
}

}  // namespace
}  // namespace sim_test::witness_rules
