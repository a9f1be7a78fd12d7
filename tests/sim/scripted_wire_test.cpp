#include <flashhost/error.hpp>
#include <flashhost/machine/scripted_wire.hpp>

#include <gtest/gtest.h>

#include <chrono>

namespace sim_test::scripted_wire {

namespace {

using namespace std::chrono_literals;
using flashhost::Error;
using flashhost::adiv5::Ack;
using flashhost::adiv5::Operation;
using flashhost::adiv5::Order;
using flashhost::adiv5::Outcome;
using flashhost::machine::ScriptedWire;

Outcome run(ScriptedWire &wire, std::vector<Operation> operations) {
  return wire.transfer(operations, Order::strict);
}

TEST(ScriptedWire, answers_as_its_script_says) {
  const std::vector<std::uint8_t> ones(8, 0xFF);
  ScriptedWire wire;
  wire.expect_connect();
  wire.expect_clock(5'000'000, 4'000'000);
  wire.expect_clock(1, std::nullopt);
  wire.expect_sequence(ones, 50);
  wire.expect_nrst(true);
  wire.expect(Operation::write_ap(0x4, 0x20000000));
  Operation read = Operation::read_ap(0xC);
  read.value = 7;
  wire.expect(read);
  wire.connect();
  EXPECT_EQ(wire.set_clock(5'000'000), 4'000'000U);
  EXPECT_EQ(wire.set_clock(1), std::nullopt);
  wire.sequence(ones, 50);
  wire.drive_nrst(true);
  std::vector<Operation> operations = {Operation::write_ap(0x4, 0x20000000),
                                       Operation::read_ap(0xC)};
  EXPECT_EQ(wire.transfer(operations, Order::strict), (Outcome{Ack::ok, 2}));
  EXPECT_EQ(operations[1].value, 7U);
  EXPECT_EQ(wire.difference(), "");
  wire.sleep(3s);
  EXPECT_EQ(wire.now(), 3s);
}

TEST(ScriptedWire, ends_a_transfer_where_an_operation_fails) {
  ScriptedWire wire;
  wire.expect(Operation::read_dp(0x0));
  wire.expect(Operation::write_dp(0x8, 0), Ack::wait);
  wire.expect(Operation::read_dp(0x4));
  wire.expect_refused(Operation::write_ap(0xC, 1));
  EXPECT_EQ(run(wire, {Operation::read_dp(0x0), Operation::write_dp(0x8, 0),
                       Operation::write_dp(0x4, 0)}),
            (Outcome{Ack::wait, 1}));
  EXPECT_EQ(run(wire, {Operation::read_dp(0x4), Operation::write_ap(0xC, 1)}),
            (Outcome{Ack::fault, 2}));
  EXPECT_EQ(wire.difference(), "");
}

TEST(ScriptedWire, tells_the_first_difference_and_is_lost_from_then_on) {
  ScriptedWire wire;
  wire.expect(Operation::read_dp(0x0));
  wire.expect(Operation::write_dp(0x8, 0xF0));
  wire.expect_connect();
  EXPECT_EQ(wire.difference(), "call 1: read DP 0x0 was expected, and 2 more, but no call came");
  EXPECT_THROW(run(wire, {Operation::read_dp(0x0), Operation::write_dp(0x8, 0)}), Error);
  const std::string difference =
      "call 2: write DP 0x8 = 0x000000f0 was expected, but write DP 0x8 = 0x00000000 came";
  EXPECT_EQ(wire.difference(), difference);
  EXPECT_THROW(wire.connect(), Error);
  EXPECT_EQ(wire.difference(), difference);
}

TEST(ScriptedWire, tells_a_call_behind_the_end_of_the_script) {
  ScriptedWire wire;
  EXPECT_THROW(wire.drive_nrst(false), Error);
  EXPECT_EQ(wire.difference(), "call 1: nothing was expected, but NRST high came");
}

TEST(ScriptedWire, loses_the_probe_and_gets_it_back_by_connect) {
  ScriptedWire wire;
  wire.expect_loss();
  wire.expect_connect();
  wire.expect(Operation::read_ap(0xC));
  EXPECT_THROW(run(wire, {Operation::read_dp(0x0)}), Error);
  EXPECT_THROW(run(wire, {Operation::read_dp(0x0)}), Error);
  wire.connect();
  EXPECT_EQ(run(wire, {Operation::read_ap(0xC)}), (Outcome{Ack::ok, 1}));
  EXPECT_EQ(wire.difference(), "");
}

}  // namespace

}  // namespace sim_test::scripted_wire
