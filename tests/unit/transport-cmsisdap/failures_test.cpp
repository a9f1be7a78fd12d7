// What the transport does about responses that are missing, damaged or late, and about a probe that
// goes away.
#include "limits.hpp"
#include "wire_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace flashhost::cmsisdap {
namespace {

using adiv5::Ack;
using adiv5::Operation;
using adiv5::Order;
using adiv5::Outcome;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;

class Failures : public test::WireFixture {
 protected:
  // From its loss until connect, every method says so at once; connect finds the probe again.
  void expect_lost_until_connected(CmsisDapWire &wire) {
    const Nanoseconds start = clock_->time;
    const std::size_t sent = scripted_->sent.size();
    Operations one = {Operation::read_dp(0)};
    EXPECT_EQ(bench::error_of([&] { return wire.transfer(one, Order::loose); }).code(),
              Errc::probe);
    EXPECT_EQ(bench::error_of([&] { return wire.set_clock(1000); }).code(), Errc::probe);
    const auto reset = [&] {
      wire.drive_nrst(true);
      return 0;
    };
    EXPECT_EQ(bench::error_of(reset).code(), Errc::probe);
    EXPECT_EQ(scripted_->sent.size(), sent);
    EXPECT_EQ(clock_->time, start);
    EXPECT_EQ(wire.info().serial, "A1");
    scripted_->instead = nullptr;
    wire.connect();
    EXPECT_EQ(wire.transfer(one, Order::strict), (Outcome{Ack::ok, 1}));
  }
  Error error_of_transfer(CmsisDapWire &wire, std::size_t operations = 2) {
    Operations all(operations, Operation::write_ap(0xC, 1));
    return error_of([&] { return wire.transfer(all, Order::loose); });
  }
};

TEST_F(Failures, StaleResponsesOfAnotherProgramAreDropped) {
  for (int i = 0; i < 5; ++i) scripted_->pending.push_back(reply({0x03, 0}));
  scripted_->packet_count = 8;
  const auto wire = connected();
  EXPECT_EQ(wire->info().firmware, "7.1");
}

TEST_F(Failures, AStaleResponseInBetweenIsNotTakenForAnother) {
  auto wire = connected();
  answer(0x11, {reply({0x05, 1, 1}), reply({0x11, 0})});
  wire->set_clock(100'000);
  EXPECT_EQ(scripted_->count(Command::swj_clock), 2U);
  EXPECT_THAT(scripted_->pending, IsEmpty());
}

TEST_F(Failures, AnyWrongResponseToACommandIsMendedOnce) {
  for (const test::Answer &wrong :
       {reply({}), reply({0x11}), reply({0x11, 0, 0}), reply({0x12, 0}), reply(Bytes(65)),
        test::Answer{{}, UsbStatus::stall}, test::Answer{{}, UsbStatus::timeout},
        test::Answer{{}, UsbStatus::failed}}) {
    auto wire = connected();
    answer(0x11, {wrong});
    EXPECT_NO_THROW(wire->set_clock(100'000));
    answer(0x11, {wrong}, always);
    const Error error = error_of([&] { return wire->set_clock(100'000); });
    EXPECT_EQ(error.code(), Errc::probe);
    EXPECT_THAT(error.what(), HasSubstr("while setting the SWD clock to 100000 Hz"));
    expect_lost_until_connected(*wire);
  }
}

TEST_F(Failures, AMissingResponseIsMended) {
  auto wire = connected();
  answer(0x11, {});
  EXPECT_NO_THROW(wire->set_clock(100'000));
}

TEST_F(Failures, ALateResponseIsNotTakenForTheNextOne) {
  auto wire = connected();
  // Nothing comes to the first request; with the next one, which asks whether it is in step, the
  // late response comes first.
  scripted_->instead = [&, step = 0](const Bytes &request) mutable {
    if (request.front() == 0x11 && step == 0) {
      step = 1;
      return true;
    }
    if (request == Bytes{0x00, 0xFE} && step == 1) {
      step = 2;
      scripted_->pending.push_back(reply({0x11, 0}));
      scripted_->pending.push_back(reply({0x00, 1, 4}));
      return true;
    }
    return false;
  };
  EXPECT_NO_THROW(wire->set_clock(100'000));
  EXPECT_THAT(scripted_->pending, IsEmpty());
}

// However late they come, and whatever the host has asked meanwhile: each value that is read is
// that of its own operation.
TEST_F(Failures, ResponsesThatComeAfterTheProbeWasOpenedAgainAreNotTakenForOthers) {
  for (const bool drops : {false, true}) {
    scripted_->drops = drops;
    for (const std::uint8_t under_way : Bytes{1, 2, 5, 8}) {
      for (const Nanoseconds late : {1ms, 50ms, 150ms, 400ms, 900ms, 1100ms, 1700ms, 3000ms}) {
        for (const Nanoseconds slow : {0ms, 20ms, 120ms, 300ms}) {
          SCOPED_TRACE(testing::Message() << int{under_way} << " late by " << late.count()
                                          << " ns, then one in " << slow.count() << " ns");
          scripted_->packet_count = 64;
          scripted_->per_answer = 0ms;
          auto wire = connected();
          Operations reads(14U * under_way, Operation::read_ap(0xC));
          EXPECT_EQ(wire->transfer(reads, Order::loose).ack, Ack::ok);
          if (drops) scripted_->packet_count = under_way;
          // The first response may take four seconds and the time of its bits.
          scripted_->busy_until = clock_->time + transfer_limit + 1ms + late;
          scripted_->per_answer = slow;
          EXPECT_EQ(error_of([&] { return wire->transfer(reads, Order::loose); }).code(),
                    Errc::probe);
          // The host tries as often as it likes.
          bool back = false;
          for (int i = 0; i < 3 && !back; ++i) {
            try {
              wire->connect();
              back = true;
            } catch (const Error &) {
            }
          }
          ASSERT_TRUE(back);
          for (const std::size_t size : {1U, 3U, 14U, 40U}) {
            scripted_->done.clear();
            Operations all(size, Operation::read_ap(0xC));
            ASSERT_EQ(wire->transfer(all, Order::loose), (Outcome{Ack::ok, size}));
            EXPECT_EQ(all, scripted_->done);
          }
          EXPECT_THAT(scripted_->pending, IsEmpty());
        }
      }
    }
  }
}

// An old response that looks like that to the last question is not taken for it.
TEST_F(Failures, GettingInStepIsNotDeceivedByAnOldResponseToTheSameQuestion) {
  auto wire = connected();
  answer(0x05, {reply({0x05, 1, 1})});
  EXPECT_EQ(error_of_transfer(*wire).code(), Errc::probe);
  scripted_->instead = nullptr;
  scripted_->busy_until = clock_->time + 250ms;
  for (int i = 0; i < 3; ++i) {
    scripted_->pending.push_back({{0x00, 2, 64, 0}, UsbStatus::done, scripted_->busy_until});
  }
  const std::size_t before = scripted_->sent.size();
  wire->connect();
  // The questions until it is in step, then what opening asks and does.
  constexpr std::size_t in_step = most_foreign + 1, opening = 5, port = 5;
  EXPECT_EQ(scripted_->sent.size() - before, in_step + opening + port);
  EXPECT_THAT(scripted_->pending, IsEmpty());
}

TEST_F(Failures, LateResponsesToTheSameCommandAreToldApart) {
  for (const Nanoseconds late : {1ms, 400ms, 600ms, 1200ms, 2000ms}) {
    SCOPED_TRACE(late.count());
    auto wire = connected();
    scripted_->busy_until = clock_->time + 1s + late;
    try {
      wire->set_clock(100'000);
    } catch (const Error &) {
      wire->connect();
    }
    EXPECT_THAT(scripted_->pending, IsEmpty());
    Operations all(40, Operation::read_ap(0xC));
    scripted_->done.clear();
    ASSERT_EQ(wire->transfer(all, Order::strict), (Outcome{Ack::ok, 40}));
    EXPECT_EQ(all, scripted_->done);
  }
}

TEST_F(Failures, AWrongResponseToATransferLosesTheProbe) {
  for (const Bytes &wrong :
       {Bytes{}, Bytes{0x05}, Bytes{0x05, 2}, Bytes{0x06, 2, 1}, Bytes{0x05, 2, 1, 0},
        Bytes{0x05, 3, 1}, Bytes{0x05, 1, 1}, Bytes{0x05, 2, 0x11}, Bytes{0xFF}, Bytes(65)}) {
    auto wire = connected();
    answer(0x05, {reply(wrong)});
    EXPECT_EQ(error_of_transfer(*wire).code(), Errc::probe);
    expect_lost_until_connected(*wire);
  }
}

TEST_F(Failures, TheErrorOfATransferSaysWhatWasWrong) {
  auto wire = connected();
  answer(0x05, {reply({0x05, 1, 1})});
  EXPECT_THAT(error_of_transfer(*wire).what(),
              AllOf(HasSubstr("the probe's response makes no sense (3 bytes)"),
                    HasSubstr("while transferring data")));
}

TEST_F(Failures, ATransferWithoutResponseIsNotRepeated) {
  auto wire = connected();
  answer(0x05, {}, always);
  const std::size_t before = scripted_->count(Command::transfer);
  const Error error = error_of_transfer(*wire);
  EXPECT_THAT(error.what(), HasSubstr("the probe does not answer"));
  EXPECT_EQ(error.cause(), Cause::usb);
  EXPECT_EQ(scripted_->count(Command::transfer), before + 1);
  expect_lost_until_connected(*wire);
}

TEST_F(Failures, AfterATransferWentWrongOnePacketIsUnderWay) {
  auto wire = connected();
  answer(0x05, {reply({0x05, 1, 1})});
  EXPECT_EQ(error_of_transfer(*wire).code(), Errc::probe);
  scripted_->instead = nullptr;
  wire->connect();
  scripted_->most_pending = 0;
  Operations all(200, Operation::write_ap(0xC, 1));
  EXPECT_EQ(wire->transfer(all, Order::loose), (Outcome{Ack::ok, 200}));
  EXPECT_EQ(scripted_->most_pending, 1U);
}

TEST_F(Failures, ABlockThatStopsWorkingIsNotDoneAgain) {
  auto wire = connected();
  Operations all(100, Operation::write_ap(0xC, 1));
  EXPECT_EQ(wire->transfer(all, Order::loose), (Outcome{Ack::ok, 100}));
  scripted_->has_blocks = false;
  EXPECT_EQ(error_of([&] { return wire->transfer(all, Order::loose); }).code(), Errc::probe);
  scripted_->has_blocks = true;
  expect_lost_until_connected(*wire);
}

TEST_F(Failures, AStallIsCleared) {
  auto wire = connected();
  answer(0x05, {{{}, UsbStatus::stall}});
  EXPECT_THAT(error_of_transfer(*wire).what(), HasSubstr("stall"));
  EXPECT_EQ(scripted_->stalls_cleared, 1);
}

TEST_F(Failures, AProbeThatIsGoneIsNamedAndComesBack) {
  auto wire = connected();
  scripted_->gone = true;
  EXPECT_THAT(error_of_transfer(*wire).what(),
              HasSubstr("the probe is not on the USB bus any more"));
  scripted_->gone = false;
  expect_lost_until_connected(*wire);
  EXPECT_EQ(bus_->opened, 2);
  EXPECT_EQ(bus_->resets, 0) << "a reset also disturbs the probe's drive and serial port";
  // It was not the probe's fault.
  scripted_->most_pending = 0;
  Operations all(200, Operation::write_ap(0xC, 1));
  EXPECT_EQ(wire->transfer(all, Order::loose), (Outcome{Ack::ok, 200}));
  EXPECT_GT(scripted_->most_pending, 1U);
}

TEST_F(Failures, AProbeThatStaysAwayIsWaitedForAWhile) {
  auto wire = connected();
  scripted_->gone = true;
  EXPECT_EQ(error_of_transfer(*wire).code(), Errc::probe);
  const auto probes = std::exchange(bus_->probes, {});
  const auto connect = [&] {
    wire->connect();
    return 0;
  };
  const Nanoseconds start = clock_->time;
  EXPECT_THAT(error_of(connect).what(), HasSubstr("the probe A1 went away"));
  EXPECT_GE(clock_->time - start, 4s);
  EXPECT_EQ(bench::error_of([&] { return wire->set_clock(1000); }).code(), Errc::probe);
  bus_->probes = probes;
  scripted_->gone = false;
  EXPECT_NO_THROW(wire->connect());
}

TEST_F(Failures, OnlyTheSameProbeIsTakenWhenItIsBack) {
  CmsisDapWire wire(host_, bus_, clock_, bus_->probes.front(), "1-2");
  wire.connect();
  scripted_->gone = true;
  EXPECT_EQ(error_of_transfer(wire).code(), Errc::probe);
  scripted_->gone = false;
  FoundProbe other = bus_->probes.front(), elsewhere = other;
  other.serial = "B2";
  elsewhere.port = "1-3";
  bus_->probes = {other, elsewhere, bus_->probes.front()};
  wire.connect();
  EXPECT_EQ(bus_->last_opened.serial, "A1");
  EXPECT_EQ(bus_->last_opened.port, "1-2");
}

TEST_F(Failures, ASilentProbeIsGivenUpInTime) {
  scripted_->instead = [](const Bytes &) { return true; };
  EXPECT_THAT(error_of([&] { return open(); }).what(),
              AllOf(HasSubstr("the probe does not answer"),
                    HasSubstr("while asking for the number of packets")));
  scripted_->instead = nullptr;
  auto wire = connected();
  scripted_->instead = [](const Bytes &) { return true; };
  EXPECT_EQ(error_of_transfer(*wire).code(), Errc::probe);
  const auto connect = [&] {
    wire->connect();
    return 0;
  };
  EXPECT_EQ(error_of(connect).code(), Errc::probe);
}

TEST_F(Failures, AProbeThatOpeningDoesNotMendIsResetOnce) {
  auto wire = connected();
  const auto silence = [](const Bytes &) { return true; };
  scripted_->instead = silence;
  EXPECT_EQ(error_of_transfer(*wire).code(), Errc::probe);
  scripted_->reset = [this] { scripted_->instead = nullptr; };
  EXPECT_NO_THROW(wire->connect());
  EXPECT_EQ(bus_->resets, 1);

  scripted_->instead = silence;
  scripted_->reset = nullptr;
  EXPECT_EQ(error_of_transfer(*wire).code(), Errc::probe);
  const auto connect = [&] {
    wire->connect();
    return 0;
  };
  EXPECT_EQ(error_of(connect).code(), Errc::probe);
  EXPECT_EQ(bus_->resets, 2);
}

TEST_F(Failures, AProbeThatTakesNoRequestsWhenItIsOpenedIsReset) {
  scripted_->refuses = true;
  scripted_->reset = [this] { scripted_->refuses = false; };
  auto wire = connected();
  EXPECT_EQ(bus_->resets, 1);
  EXPECT_EQ(wire->info().firmware, "7.1");

  scripted_->refuses = true;
  scripted_->reset = nullptr;
  EXPECT_EQ(error_of([&] { return open(); }).code(), Errc::probe);
}

TEST_F(Failures, TheResetPinIsReleasedAlsoWhereTheSessionIsLost) {
  const Bytes release = {0x10, 0x80, 0x80, 0, 0, 0, 0};
  for (const bool answered : {true, false}) {
    auto wire = connected();
    if (!answered) answer(0x10, {}, always);
    const auto drive = [&] {
      wire->drive_nrst(true);
      if (answered) scripted_->gone = true;
      wire->set_clock(1000);
      return 0;
    };
    EXPECT_EQ(error_of(drive).code(), Errc::probe);
    scripted_->gone = false;
    scripted_->instead = nullptr;
    scripted_->sent.clear();
    wire.reset();
    EXPECT_THAT(scripted_->sent, testing::Contains(release));
  }
}

TEST_F(Failures, AProbeWithoutSwdIsNamed) {
  for (const Bytes &none : {Bytes{0x02}, Bytes{0x12, 0x01}, Bytes{}}) {
    scripted_->capabilities = none;
    EXPECT_THAT(error_of([&] { return open(); }).what(), HasSubstr("the probe has no SWD"));
  }
  scripted_->capabilities = {0x13, 0x01};
  EXPECT_NO_THROW(open());
}

TEST_F(Failures, APacketSizeThatCannotBeIsNamed) {
  for (const std::size_t size : {0U, 8U, 40000U}) {
    scripted_->instead = [this, size](const Bytes &request) {
      if (request != Bytes{0x00, 0xFF}) return false;
      scripted_->pending.push_back(reply(
          {0x00, 2, static_cast<std::uint8_t>(size & 0xFF), static_cast<std::uint8_t>(size >> 8)}));
      return true;
    };
    EXPECT_THAT(error_of([&] { return open(); }).what(), HasSubstr("packets of"));
  }
}

TEST_F(Failures, WhatTheProbeRefusesIsNamed) {
  auto wire = connected();
  answer(0x11, {reply({0x11, 0xFF})});
  EXPECT_THAT(error_of([&] { return wire->set_clock(1); }).what(),
              HasSubstr("the probe reports an error (while setting the SWD clock to 1 Hz)"));
  EXPECT_NO_THROW(wire->set_clock(1)) << "the probe is not lost by that";
  answer(0x12, {reply({0xFF})});
  const auto sequence = [&] {
    wire->sequence(Bytes{0xFF}, 8);
    return 0;
  };
  const Error error = error_of(sequence);
  EXPECT_THAT(error.what(), HasSubstr("the probe does not know the command"));
  EXPECT_THAT(error.hint(), HasSubstr("firmware 7.1"));
  answer(0x02, {reply({0x02, 0})});
  const auto connect = [&] {
    wire->connect();
    return 0;
  };
  EXPECT_THAT(error_of(connect).what(), HasSubstr("the probe cannot drive the wires"));
}

}  // namespace
}  // namespace flashhost::cmsisdap
