#include "wire.hpp"

#include "fake_target.hpp"
#include "thrown.hpp"

#include <flashhost/error.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <numeric>
#include <vector>

namespace flashhost::sim {
namespace {

using namespace std::chrono_literals;
using machine::Ack;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::uint32_t sram = 0x20000000;
constexpr std::uint32_t register_address = 0x40022010;
// 46 bits at 4 MHz.
constexpr Nanoseconds transfer = 11500ns;
constexpr Nanoseconds setup = 3 * transfer;

class WireTest : public testing::Test {
 protected:
  WireTest() { reset_fake_target(); }

  Nanoseconds time_of_read(std::uint32_t address, std::size_t size, Width width) {
    std::vector<std::uint8_t> bytes(size);
    const Nanoseconds before = target_.now();
    wire_.read(address, bytes, width);
    return target_.now() - before;
  }
  Nanoseconds time_of_write(std::uint32_t address, std::size_t size, Width width) {
    const std::vector<std::uint8_t> bytes(size);
    const Nanoseconds before = target_.now();
    wire_.write(address, bytes, width);
    return target_.now() - before;
  }
  Error error_of_write(std::uint32_t address, std::size_t size, Width width) {
    return bench::error_of([&] { return time_of_write(address, size, width); });
  }

  machine::Target target_{{}, {}};
  Wire wire_{target_, 4'000'000};
};

TEST(WireCost, PicksTheFastestClockThatIsNotAboveTheWish) {
  EXPECT_EQ(swd_speed({}), 4'000'000U);
  EXPECT_EQ(swd_speed(4'000'000), 4'000'000U);
  EXPECT_EQ(swd_speed(3'999'999), 1'800'000U);
  EXPECT_EQ(swd_speed(5'000), 5'000U);
  EXPECT_EQ(swd_speed(4'999), std::nullopt);
}

TEST(WireCost, CountsBitsAndPackets) {
  EXPECT_EQ(swd_time(46, 4'000'000), 11500ns);
  EXPECT_EQ(swd_time(46, 1'800'000), 25555ns);
  EXPECT_EQ(usb_payload_time(1216), 1ms);
}

TEST_F(WireTest, ASingleWordIsOnePairAndFourTransfers) {
  EXPECT_EQ(time_of_read(register_address, 4, Width::word), 1ms + setup + transfer);
  EXPECT_EQ(time_of_write(register_address, 4, Width::word), 1ms + setup + transfer);
}

TEST_F(WireTest, ASingleWordIsAccessedAfterHalfThePair) {
  time_of_write(register_address, 4, Width::word);
  EXPECT_THAT(fake_target().writes,
              ElementsAre(Access{500us + setup + transfer, register_address, 4}));
}

TEST_F(WireTest, ABlockIsTwoPairsItsDataOnUsbAndItsTransfers) {
  const Nanoseconds expected = 2ms + usb_payload_time(1024) + setup + 256 * transfer;
  EXPECT_EQ(time_of_write(sram, 1024, Width::automatic), expected);
  EXPECT_EQ(time_of_read(sram, 1024, Width::automatic), expected);
  EXPECT_EQ(time_of_write(sram, 2, Width::half), 2ms + usb_payload_time(2) + setup + transfer);
}

TEST_F(WireTest, EachKibibyteOfABlockSetsTheAddressUpAgain) {
  EXPECT_EQ(time_of_write(sram + 512, 1024, Width::automatic),
            2ms + usb_payload_time(1024) + 2 * setup + 256 * transfer);
}

TEST_F(WireTest, NothingCostsNothing) {
  EXPECT_EQ(time_of_write(sram, 0, Width::automatic), 0ns);
}

TEST_F(WireTest, ASlowerClockCostsMore) {
  Wire slow(target_, 100'000);
  std::vector<std::uint8_t> bytes(8);
  slow.read(sram, bytes, Width::word);
  EXPECT_EQ(target_.now(), 2ms + usb_payload_time(8) + 3 * 460us + 2 * 460us);
}

TEST_F(WireTest, WordsArriveInOrderAndTheLastOneAloneAndOnTime) {
  time_of_write(sram, 1024, Width::automatic);
  const std::vector<Access> &writes = fake_target().writes;
  ASSERT_EQ(writes.size(), 256U);
  for (std::size_t i = 0; i < writes.size(); ++i) {
    EXPECT_EQ(writes[i].address, sram + 4 * i);
    const Nanoseconds due = 500us + usb_payload_time(1024) + setup + (i + 1) * transfer;
    EXPECT_GE(writes[i].time, due);
    EXPECT_LT(writes[i].time, due + 64 * transfer);
    if (i == 255) {
      EXPECT_EQ(writes[i].time, due);
      EXPECT_EQ(writes[i].time - writes[i - 1].time, transfer);
    }
  }
}

TEST_F(WireTest, RegistersAreWrittenOneByOneEachAtItsTime) {
  time_of_write(register_address, 12, Width::word);
  const Nanoseconds start = 500us + usb_payload_time(12) + setup;
  EXPECT_THAT(fake_target().writes,
              ElementsAre(Access{start + transfer, register_address, 4},
                          Access{start + 2 * transfer, register_address + 4, 4},
                          Access{start + 3 * transfer, register_address + 8, 4}));
}

TEST_F(WireTest, WhatWasWrittenIsReadBack) {
  std::vector<std::uint8_t> data(7001);
  std::iota(data.begin(), data.end(), std::uint8_t{1});
  wire_.write(sram + 3, data, Width::automatic);
  std::vector<std::uint8_t> back(data.size());
  wire_.read(sram + 3, back, Width::automatic);
  EXPECT_EQ(back, data);
}

TEST_F(WireTest, AFaultStopsTheBlockClearsTheErrorAndNamesTheAddress) {
  fake_target().answer = [](std::uint32_t address) {
    return address == sram + 0x204 ? Ack::fault : Ack::ok;
  };
  const Error error = error_of_write(sram, 1024, Width::automatic);
  EXPECT_EQ(error.code(), Errc::memory_fault);
  EXPECT_THAT(error.what(), HasSubstr("writing 0x20000204"));
  EXPECT_EQ(fake_target().cleared, 1U);
  EXPECT_EQ(fake_target().writes.back().address, sram + 0x204);
}

TEST_F(WireTest, AShortWaitIsSatOutByTheProbe) {
  fake_target().answer = [](std::uint32_t) {
    return fake_target().now < 600us ? Ack::wait : Ack::ok;
  };
  const Nanoseconds time = time_of_write(sram, 4, Width::word);
  const Nanoseconds refused = swd_time(swd_refused_bits, 4'000'000);
  // 546 us: refused; after 10 us, 20 us and 40 us more it is not any more.
  EXPECT_EQ(time, 1ms + setup + transfer + 3 * refused + 70us);
  EXPECT_EQ(fake_target().writes.size(), 4U);
}

TEST_F(WireTest, ACommandThatIsAnsweredWaitIsSentAgainLaterAndLater) {
  Wire wire(target_, 4'000'000, {{}, {1, 3, 0}});
  const std::vector<std::uint8_t> word(4);
  wire.write(sram, word, Width::word);
  EXPECT_EQ(target_.now(), 3ms + (1 + 2 + 4) * 1ms + 1ms + setup + transfer);
  EXPECT_EQ(fake_target().writes.size(), 1U);
}

TEST_F(WireTest, ACommandWithAParityErrorIsSentAgainAfterTheErrorIsCleared) {
  Wire wire(target_, 4'000'000, {{}, {0, 0, 1}});
  const std::vector<std::uint8_t> word(4);
  wire.write(sram, word, Width::word);
  EXPECT_EQ(target_.now(), 2ms + 1ms + setup + transfer);
  EXPECT_EQ(fake_target().cleared, 1U);
  EXPECT_EQ(fake_target().writes.size(), 1U);
}

TEST_F(WireTest, WaitWithoutEndIsGivenUpAndNamed) {
  fake_target().answer = [](std::uint32_t) { return Ack::wait; };
  const Error error = error_of_write(sram, 4, Width::word);
  EXPECT_EQ(error.code(), Errc::target);
  EXPECT_THAT(error.what(), HasSubstr("nothing but WAIT for 500 ms while writing 0x20000000"));
  EXPECT_GE(target_.now(), 500ms);
  EXPECT_LT(target_.now(), 520ms);
  EXPECT_EQ(fake_target().cleared, 1U);
}

TEST_F(WireTest, ATargetThatIsGoneIsNamed) {
  fake_target().answer = [](std::uint32_t) { return Ack::no_response; };
  const Error error = error_of_write(sram, 4, Width::word);
  EXPECT_EQ(error.code(), Errc::probe);
  EXPECT_THAT(error.what(), HasSubstr("does not answer any more, while writing 0x20000000"));
}

}  // namespace
}  // namespace flashhost::sim
