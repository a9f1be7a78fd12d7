// The wire on a scripted probe: connecting, operations, and how many packets are under way.
#include "hosts.hpp"
#include "limits.hpp"
#include "scripted_probe.hpp"
#include "thrown.hpp"
#include "wire_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace flashhost::cmsisdap {
namespace {

using adiv5::Ack;
using adiv5::Operation;
using adiv5::Order;
using adiv5::Outcome;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class Wire : public test::WireFixture {};

TEST_F(Wire, OpeningAsksOnlyForInformation) {
  auto wire = open();
  for (const Bytes &request : scripted_->sent) EXPECT_EQ(request.front(), 0x00);
  EXPECT_EQ(wire->info().product, "ACME CMSIS-DAP");
  EXPECT_EQ(wire->info().serial, "A1");
  EXPECT_EQ(wire->info().firmware, "7.1");
  EXPECT_EQ(wire->info().target_millivolts, std::nullopt);
}

TEST_F(Wire, ConnectingDisconnectsFirstAndSetsAllUp) {
  auto wire = open();
  scripted_->sent.clear();
  wire->connect();
  EXPECT_THAT(scripted_->sent, ElementsAre(Bytes{0x03}, Bytes{0x02, 1}, Bytes{0x13, 0},
                                           Bytes{0x01, 0, 1}, Bytes{0x10, 0x80, 0x80, 0, 0, 0, 0}));
}

TEST_F(Wire, TheClockIsSetBeforeAnythingIsSentToTheTarget) {
  const std::vector<Bytes> setting{{0x11, 0x40, 0x42, 0x0F, 0}, {0x04, 0, 0x02, 0x06, 0, 0}};
  auto wire = open();
  wire->connect();
  scripted_->sent.clear();
  wire->sequence(Bytes{0xFF}, 8);
  EXPECT_THAT(scripted_->sent, ElementsAre(setting[0], setting[1], Bytes{0x12, 8, 0xFF}));
  wire->connect();
  scripted_->sent.clear();
  std::array one{Operation::read_dp(0)};
  static_cast<void>(wire->transfer(one, Order::strict));
  ASSERT_THAT(scripted_->sent, testing::SizeIs(3));
  EXPECT_EQ(scripted_->sent[0], setting[0]);
  EXPECT_EQ(scripted_->sent[1], setting[1]);
}

TEST_F(Wire, TheClockDecidesHowOftenWaitIsRepeated) {
  auto wire = connected();
  scripted_->sent.clear();
  EXPECT_EQ(wire->set_clock(4'000'000), std::nullopt);
  // 20 ms are 80000 clocks, 6153 times 13.
  EXPECT_THAT(scripted_->sent,
              ElementsAre(Bytes{0x11, 0x00, 0x09, 0x3D, 0}, Bytes{0x04, 0, 0x09, 0x18, 0, 0}));
  scripted_->sent.clear();
  wire->set_clock(100);
  EXPECT_THAT(scripted_->sent, Contains(Bytes{0x04, 0, 1, 0, 0, 0}));
}

TEST_F(Wire, ASequenceIsCutIntoCommands) {
  auto wire = connected();
  wire->set_clock(1'000'000);
  scripted_->sent.clear();
  Bytes data(33, 0xA5);
  wire->sequence(data, 260);
  Bytes first(34, 0xA5);
  first[0] = 0x12;
  first[1] = 0;  // 256
  EXPECT_THAT(scripted_->sent, ElementsAre(first, Bytes{0x12, 4, 0xA5}));
}

TEST_F(Wire, AnEdbgGetsItsClockAgainAfterASequence) {
  bus_->probes.front().vendor = 0x03eb;
  bus_->probes.front().product_id = 0x2111;
  auto wire = connected();
  wire->set_clock(1'000'000);
  scripted_->sent.clear();
  wire->sequence(Bytes{0xFF}, 8);
  EXPECT_EQ(scripted_->sent.front().front(), 0x12);
  EXPECT_THAT(scripted_->sent, Contains(Bytes{0x11, 0x40, 0x42, 0x0F, 0}));
}

TEST_F(Wire, ClosingReleasesTheResetPin) {
  auto wire = connected();
  wire->drive_nrst(true);
  EXPECT_EQ(scripted_->sent.back(), (Bytes{0x10, 0, 0x80, 0, 0, 0, 0}));
  scripted_->sent.clear();
  wire.reset();
  EXPECT_THAT(scripted_->sent,
              ElementsAre(Bytes{0x10, 0x80, 0x80, 0, 0, 0, 0}, Bytes{0x01, 0, 0}, Bytes{0x03}));
}

TEST_F(Wire, AProbeWithoutPinsIsUsedWithoutThem) {
  answer(0x10, {reply({0xFF})}, always);
  auto wire = connected();
  EXPECT_NO_THROW(wire->drive_nrst(true));
}

TEST_F(Wire, OperationsAreDoneInOrderAndGetTheirValues) {
  auto wire = connected();
  Operations all = {Operation::write_ap(0x4, 0x20000000)};
  all.resize(40, Operation::read_ap(0xC));
  all.push_back(Operation::read_dp(0x4));
  EXPECT_EQ(wire->transfer(all, Order::strict), (Outcome{Ack::ok, 41}));
  EXPECT_EQ(scripted_->done, all);
  for (std::uint32_t i = 1; i < 41; ++i) {
    EXPECT_EQ(all[i].value, test::ScriptedProbe::first_value + i);
  }
}

TEST_F(Wire, NothingToDoSendsNothing) {
  auto wire = connected();
  scripted_->sent.clear();
  EXPECT_EQ(wire->transfer({}, Order::strict), (Outcome{Ack::ok, 0}));
  EXPECT_THAT(scripted_->sent, IsEmpty());
}

TEST_F(Wire, AWriteBeforeAReadOfTheDebugPortIsCompleted) {
  auto wire = connected();
  Operations all = {Operation::write_ap(0xC, 1), Operation::read_dp(0x4)};
  EXPECT_EQ(wire->transfer(all, Order::strict), (Outcome{Ack::ok, 2}));
  ASSERT_EQ(scripted_->done.size(), 3U);
  EXPECT_EQ(scripted_->done[2].kind, Operation::Kind::read_dp);
  EXPECT_EQ(scripted_->done[2].address, 0xC);
  EXPECT_EQ(all[1].value, test::ScriptedProbe::first_value + 1);
  // Where only that read is refused, all operations were acknowledged.
  scripted_->trouble[5] = 4;
  EXPECT_EQ(wire->transfer(all, Order::strict), (Outcome{Ack::fault, 2}));
}

TEST_F(Wire, InStrictOrderOnePacketIsUnderWay) {
  auto wire = connected();
  scripted_->most_pending = 0;
  Operations all(200, Operation::write_ap(0xC, 1));
  EXPECT_EQ(wire->transfer(all, Order::strict), (Outcome{Ack::ok, 200}));
  EXPECT_EQ(scripted_->most_pending, 1U);
}

TEST_F(Wire, InLooseOrderAsManyAsTheProbeTakes) {
  for (const auto &[count, most] :
       {std::pair{1, 1U}, {2, 2U}, {8, 8U}, {64, 8U}, {0, 1U}, {0xFF, 1U}}) {
    scripted_->packet_count = static_cast<std::uint8_t>(count);
    auto wire = connected();
    scripted_->most_pending = 0;
    scripted_->done.clear();
    Operations all(300, Operation::write_ap(0xC, 1));
    EXPECT_EQ(wire->transfer(all, Order::loose), (Outcome{Ack::ok, 300}));
    EXPECT_EQ(scripted_->most_pending, most) << count;
    EXPECT_EQ(scripted_->done.size(), 300U);
  }
}

TEST_F(Wire, ADebugprobeGetsOneLessThanItSays) {
  bus_->probes.front().vendor = 0x2e8a;
  bus_->probes.front().product_id = 0x000c;
  bus_->probes.front().release = 0x0210;
  scripted_->packet_count = 8;
  auto wire = connected();
  EXPECT_THAT(host_.texts(Level::warning), ElementsAre(HasSubstr("2.10")));
  scripted_->most_pending = 0;
  Operations all(300, Operation::write_ap(0xC, 1));
  EXPECT_EQ(wire->transfer(all, Order::loose), (Outcome{Ack::ok, 300}));
  EXPECT_EQ(scripted_->most_pending, 7U);
}

TEST_F(Wire, AfterAFailureInStrictOrderNothingMoreIsSent) {
  for (const std::uint8_t status : Bytes{2, 4, 7, 8}) {
    auto wire = connected();
    scripted_->done.clear();
    scripted_->trouble = {{20, status}};
    Operations all(100, Operation::write_ap(0xC, 1));
    const Outcome outcome = wire->transfer(all, Order::strict);
    EXPECT_NE(outcome.ack, Ack::ok);
    EXPECT_EQ(outcome.done, 20U);
    EXPECT_EQ(scripted_->done.size(), 20U);
    Operations clear = {Operation::write_dp(0, 0x1E)};
    EXPECT_EQ(wire->transfer(clear, Order::strict), (Outcome{Ack::ok, 1}));
  }
}

TEST_F(Wire, AfterAFailureInLooseOrderTheFirstIsReported) {
  auto wire = connected();
  Operations first(20, Operation::write_ap(0xC, 1));
  EXPECT_EQ(wire->transfer(first, Order::loose), (Outcome{Ack::ok, 20}));
  scripted_->trouble = {{40, 8}};
  Operations all(200, Operation::write_ap(0xC, 1));
  EXPECT_EQ(wire->transfer(all, Order::loose), (Outcome{Ack::parity, 20}));
  // What was under way is not left for the next transfer.
  EXPECT_THAT(scripted_->pending, IsEmpty());
  EXPECT_EQ(wire->transfer(first, Order::loose), (Outcome{Ack::ok, 20}));
}

TEST_F(Wire, NothingFollowsAnAddressThatWasNotAcknowledgedUnlessItMayFail) {
  for (const bool may_fail : {false, true}) {
    auto wire = connected();
    scripted_->done.clear();
    Operations all(200, Operation::write_ap(0xC, 1));
    EXPECT_EQ(wire->transfer(all, Order::loose), (Outcome{Ack::ok, 200}));
    all[50] = Operation::write_ap(0x4, 0x20000400);
    all[50].may_fail = may_fail;
    scripted_->trouble = {{200 + 50, 7}};
    EXPECT_EQ(wire->transfer(all, Order::loose), (Outcome{Ack::none, 50}));
    EXPECT_EQ(scripted_->done.size() > 200 + 50, may_fail);
    EXPECT_THAT(scripted_->pending, IsEmpty());
  }
}

TEST_F(Wire, AProbeWithoutBlocksGetsSinglesInTheRightOrder) {
  for (const Order order : {Order::strict, Order::loose}) {
    scripted_->has_blocks = false;
    scripted_->done.clear();
    auto wire = connected();
    Operations all = {Operation::write_ap(0x4, 0x20000000)};
    for (std::uint32_t i = 0; i < 99; ++i) all.push_back(Operation::write_ap(0xC, i));
    EXPECT_EQ(wire->transfer(all, order), (Outcome{Ack::ok, 100}));
    EXPECT_EQ(scripted_->done, all);
    const std::size_t tried = scripted_->count(Command::transfer_block);
    EXPECT_EQ(wire->transfer(all, order), (Outcome{Ack::ok, 100}));
    EXPECT_EQ(scripted_->count(Command::transfer_block), tried) << "it is not tried again";
  }
}

// What was selected before is not known then: the caller begins anew.
TEST_F(Wire, APortThatWasClosedIsOpenedForTheNextTransfer) {
  for (const Order order : {Order::strict, Order::loose}) {
    auto wire = connected();
    scripted_->port_open = false;  // by another program
    scripted_->done.clear();
    Operations all(100, Operation::write_ap(0xC, 1));
    EXPECT_EQ(wire->transfer(all, order), (Outcome{Ack::none, 0}));
    EXPECT_TRUE(scripted_->done.empty());
    EXPECT_EQ(wire->transfer(all, order), (Outcome{Ack::ok, 100}));
    EXPECT_EQ(scripted_->done.size(), 100U);
  }
}

TEST_F(Wire, ATargetWithoutSupplyLooksLikeAClosedPort) {
  auto wire = connected();
  answer(0x05, {reply({0x05, 0, 0})}, always);
  const std::size_t before = scripted_->count(Command::connect);
  Operations all(2, Operation::write_ap(0xC, 1));
  EXPECT_EQ(wire->transfer(all, Order::strict), (Outcome{Ack::none, 0}));
  EXPECT_EQ(scripted_->count(Command::connect), before + 1);
}

TEST_F(Wire, TheResetPinIsNotReleasedToOpenThePort) {
  auto wire = connected();
  wire->drive_nrst(true);
  scripted_->port_open = false;
  const std::size_t before = scripted_->count(Command::connect);
  Operations all(2, Operation::write_ap(0xC, 1));
  EXPECT_EQ(wire->transfer(all, Order::strict), (Outcome{Ack::none, 0}));
  EXPECT_EQ(scripted_->count(Command::connect), before);
}

TEST_F(Wire, ReportsHaveTheirFullSize) {
  scripted_->padded = true;
  scripted_->packet_count = 1;
  for (const std::size_t size : {64U, 512U, 1024U}) {
    scripted_->usb_packet = scripted_->packet_size = size;
    scripted_->done.clear();
    auto wire = connected();
    Operations all = {Operation::write_ap(0x4, 0x20000000)};
    all.resize(500, Operation::read_ap(0xC));
    EXPECT_EQ(wire->transfer(all, Order::loose), (Outcome{Ack::ok, 500}));
    EXPECT_EQ(scripted_->done, all);
  }
}

TEST_F(Wire, NoPacketFillsAUsbPacketThatIsSmallerThanTheProbes) {
  scripted_->packet_size = 512;
  scripted_->most_response = 63;
  auto wire = connected();
  Operations all(200, Operation::read_ap(0xC));
  EXPECT_EQ(wire->transfer(all, Order::loose), (Outcome{Ack::ok, 200}));
  for (const Bytes &request : scripted_->sent) EXPECT_LT(request.size(), 64U);
  // 15 words and the head are 63 bytes; in a block they would be 64.
  EXPECT_EQ(scripted_->count(Command::transfer), 13U);
  EXPECT_EQ(scripted_->count(Command::transfer_block), 1U);
}

}  // namespace
}  // namespace flashhost::cmsisdap
