#include "port_bench.hpp"

#include <flashhost/error.hpp>
#include <flashhost/machine/virtual_wire.hpp>

#include <gmock/gmock.h>

namespace sim_test::virtual_wire {

namespace {

using flashhost::Error;
using flashhost::adiv5::Operation;
using flashhost::adiv5::Order;
using flashhost::adiv5::Outcome;
using flashhost::machine::VirtualWire;
using flashhost::machine::VirtualWireConfig;
using WireAck = flashhost::adiv5::Ack;

constexpr std::uint32_t nowhere = 0x60000000;

struct WireBench : PortBench {
  explicit WireBench(const VirtualWireConfig &wires = {}) : wire(target, port, wires) {
    wire.connect();
    power_up();
  }
  Outcome run(std::vector<Operation> &operations, Order order = Order::strict) {
    return wire.transfer(operations, order);
  }
  VirtualWire wire;
};

std::vector<Operation> fill(std::uint32_t address) {
  return {Operation::write_ap(0x4, address), Operation::write_ap(0xC, 0x1111),
          Operation::write_ap(0xC, 0x2222)};
}

TEST(VirtualWire, gives_each_ap_read_its_own_value) {
  WireBench bench;
  auto writes = fill(address::sram);
  EXPECT_EQ(bench.run(writes), (Outcome{WireAck::ok, 3}));
  std::vector<Operation> reads = {Operation::write_ap(0x4, address::sram), Operation::read_ap(0xC),
                                  Operation::read_ap(0xC), Operation::read_dp(0x0),
                                  Operation::read_ap(0x4)};
  EXPECT_EQ(bench.run(reads), (Outcome{WireAck::ok, 5}));
  EXPECT_EQ(reads[1].value, 0x1111U);
  EXPECT_EQ(reads[2].value, 0x2222U);
  EXPECT_EQ(reads[3].value, 0x1BA01477U);
  EXPECT_EQ(reads[4].value, address::sram + 8);
  EXPECT_EQ(bench.wire.counts().transfers, 2U);
  EXPECT_EQ(bench.wire.counts().operations, 8U);
}

TEST(VirtualWire, knows_that_the_last_write_failed_whatever_comes_after_it) {
  WireBench bench;
  std::vector<Operation> writes = {Operation::write_ap(0x4, nowhere), Operation::write_ap(0xC, 1)};
  EXPECT_EQ(bench.run(writes), (Outcome{WireAck::fault, 2}));
  bench.put(dp::abort, 0x1E);
  bench.put(dp::select, 0);
  writes.push_back(Operation::read_dp(0x4));
  EXPECT_EQ(bench.run(writes), (Outcome{WireAck::fault, 3}));
}

TEST(VirtualWire, counts_no_read_whose_value_did_not_come) {
  WireBench bench;
  std::vector<Operation> reads = {Operation::write_ap(0x4, nowhere), Operation::read_ap(0xC),
                                  Operation::read_ap(0xC)};
  EXPECT_EQ(bench.run(reads), (Outcome{WireAck::fault, 1}));
}

TEST(VirtualWire, repeats_wait_for_some_milliseconds_only) {
  WireBench bench;
  bench.port.set_faults({.wait_at = 1, .waits = 100});
  auto writes = fill(address::sram);
  EXPECT_EQ(bench.run(writes), (Outcome{WireAck::ok, 3}));
  bench.port.set_faults({.wait_at = 2, .waits = 1'000'000});
  const Nanoseconds start = bench.target.now();
  EXPECT_EQ(bench.run(writes), (Outcome{WireAck::wait, 1}));
  EXPECT_GE(bench.target.now() - start, 5ms);
  EXPECT_LT(bench.target.now() - start, 6ms);
}

TEST(VirtualWire, is_lost_when_told_and_comes_back_by_connect) {
  WireBench bench;
  bench.wire.lose_at(2);
  auto writes = fill(address::sram);
  EXPECT_EQ(bench.run(writes).ack, WireAck::ok);
  EXPECT_THROW(static_cast<void>(bench.run(writes)), Error);
  EXPECT_THROW(bench.wire.sequence({}, 0), Error);
  EXPECT_EQ(bench.wire.info().serial, "VW0001");
  bench.wire.set_away(true);
  EXPECT_THROW(bench.wire.connect(), Error);
  bench.wire.set_away(false);
  bench.wire.connect();
  EXPECT_EQ(bench.run(writes).ack, WireAck::ok);
  EXPECT_EQ(bench.wire.counts().connects, 3U);
}

TEST(VirtualWire, drives_nothing_before_connect) {
  PortBench bench;
  VirtualWire wire(bench.target, bench.port);
  std::vector<Operation> operations = {Operation::read_dp(0x0)};
  wire.sequence(switch_to_swd, 136);
  EXPECT_EQ(wire.transfer(operations, Order::strict), (Outcome{WireAck::none, 0}));
  wire.drive_nrst(true);
  EXPECT_EQ(bench.target.statistics().pin_resets, 0U);
  wire.connect();
  wire.sequence(switch_to_swd, 136);
  EXPECT_EQ(wire.transfer(operations, Order::strict), (Outcome{WireAck::ok, 1}));
}

TEST(VirtualWire, goes_on_behind_a_failure_only_where_it_may) {
  VirtualWireConfig reckless;
  reckless.loose_goes_on = true;
  for (const Order order : {Order::strict, Order::loose}) {
    WireBench bench(reckless);
    bench.write(address::sram, 0);
    bench.put(ap::write_tar, address::sram);
    std::vector<Operation> data = {Operation::write_ap(0xC, 5), Operation::write_ap(0xC, 7)};
    bench.port.set_faults({.silent_at = 1});
    EXPECT_EQ(bench.run(data, order), (Outcome{WireAck::none, 0}));
    EXPECT_EQ(bench.read(address::sram), order == Order::loose ? 7U : 0U);
    // Where the address may be wrong, nothing follows.
    bench.write(address::sram, 0);
    bench.put(ap::write_tar, address::sram);
    std::vector<Operation> mixed = {Operation::write_ap(0x4, address::sram + 64),
                                    Operation::write_ap(0xC, 7)};
    bench.port.set_faults({.silent_at = 1});
    EXPECT_EQ(bench.run(mixed, order), (Outcome{WireAck::none, 0}));
    EXPECT_EQ(bench.read(address::sram), 0U);
  }
}

TEST(VirtualWire, keeps_the_clock_within_its_limits_and_nrst_up_again) {
  WireBench bench;
  EXPECT_EQ(bench.wire.set_clock(50'000'000), 10'000'000U);
  EXPECT_EQ(bench.wire.set_clock(1), 10'000U);
  const auto resets = bench.target.statistics().pin_resets;
  bench.wire.drive_nrst(true);
  EXPECT_EQ(bench.target.statistics().pin_resets, resets + 1);
  bench.wire.connect();
  const Nanoseconds start = bench.wire.now();
  bench.wire.sleep(10ms);
  EXPECT_EQ(bench.wire.now() - start, 10ms);
  EXPECT_EQ(bench.try_read(address::sram), Ack::ok);  // NRST is high
}

}  // namespace

}  // namespace sim_test::virtual_wire
