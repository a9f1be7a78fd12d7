// How operations are cut into packets, and what responses to them mean.
#include "packets.hpp"

#include "random.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace flashhost::cmsisdap {
namespace {

using adiv5::Ack;
using adiv5::Operation;
using Operations = std::vector<Operation>;

constexpr std::uint8_t tar = 0x4, drw = 0xC, select = 0x8, rdbuff = 0xC;

Operations repeated(const Operation &operation, std::size_t count) {
  return Operations(count, operation);
}

std::vector<Packet> cut(const Operations &all, std::size_t size, bool blocks) {
  std::vector<Packet> packets;
  for (std::size_t next = 0; next < all.size(); next += packets.back().count) {
    packets.push_back(next_packet(all, next, size, blocks));
    if (packets.back().count == 0) break;
  }
  return packets;
}

std::size_t reads_of(const Packet &packet, const Operations &all) {
  std::size_t reads = 0;
  for (std::size_t i = 0; i < packet.count; ++i) {
    const Operation::Kind kind = all[packet.first + i].kind;
    if (kind == Operation::Kind::read_ap || kind == Operation::Kind::read_dp) ++reads;
  }
  return reads;
}

std::size_t response_size(const Packet &packet, const Operations &all) {
  return (packet.command == Command::transfer ? 3 : 4) + 4 * reads_of(packet, all);
}

TEST(Packets, AWordIsReadByOne) {
  const Operations all = {Operation::write_ap(tar, 0x20000000), Operation::read_ap(drw)};
  const auto packets = cut(all, 64, true);
  ASSERT_EQ(packets.size(), 1U);
  EXPECT_EQ(encode(packets[0], all), (Bytes{0x05, 0, 2, 0x05, 0, 0, 0, 0x20, 0x0F}));
}

TEST(Packets, TheRequestBytesAreTheSpecifications) {
  const Operations all = {Operation::write_dp(0, 0x1E), Operation::read_dp(0),
                          Operation::read_dp(0x4),      Operation::write_dp(0x4, 0x50000000),
                          Operation::write_dp(0x8, 1),  Operation::read_dp(0xC),
                          Operation::read_ap(0),        Operation::write_ap(0, 2),
                          Operation::write_ap(0xC, 3)};
  EXPECT_EQ(encode({Command::transfer, 0, all.size()}, all),
            (Bytes{0x05, 0, 9, 0x00, 0x1E, 0,    0,    0, 0x02, 0x06, 0x04, 0,    0, 0, 0x50, 0x08,
                   1,    0, 0, 0,    0x0E, 0x03, 0x01, 2, 0,    0,    0,    0x0D, 3, 0, 0,    0}));
}

TEST(Packets, ABlockHasItsRegisterOnce) {
  const Operations reads = repeated(Operation::read_ap(drw), 5);
  EXPECT_EQ(next_packet(reads, 0, 64, true), (Packet{Command::transfer_block, 0, 5}));
  EXPECT_EQ(encode({Command::transfer_block, 0, 5}, reads), (Bytes{0x06, 0, 5, 0, 0x0F}));
  Operations writes;
  for (std::uint32_t i = 0; i < 4; ++i) writes.push_back(Operation::write_ap(drw, i));
  EXPECT_EQ(next_packet(writes, 0, 64, true), (Packet{Command::transfer_block, 0, 4}));
  EXPECT_EQ(encode({Command::transfer_block, 0, 4}, writes),
            (Bytes{0x06, 0, 4, 0, 0x0D, 0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0}));
}

struct Capacity {
  std::size_t size, writes, reads, block_writes, block_reads;
};

TEST(Packets, AreFilledExactly) {
  for (const auto &[size, writes, reads, block_writes, block_reads] :
       {Capacity{64, 12, 15, 14, 15}, Capacity{512, 101, 127, 126, 127},
        Capacity{1024, 204, 255, 254, 255}}) {
    EXPECT_EQ(next_packet(repeated(Operation::write_ap(drw, 1), 400), 0, size, false).count,
              writes);
    EXPECT_EQ(next_packet(repeated(Operation::read_ap(drw), 400), 0, size, false).count, reads);
    EXPECT_EQ(next_packet(repeated(Operation::write_ap(drw, 1), 400), 0, size, true).count,
              block_writes);
    EXPECT_EQ(next_packet(repeated(Operation::read_ap(drw), 400), 0, size, true).count,
              block_reads);
  }
}

TEST(Packets, AKibibyteTakesNoMoreThanItMust) {
  Operations write = {Operation::write_ap(tar, 0x20000000)};
  Operations read = write;
  write.resize(257, Operation::write_ap(drw, 1));
  read.resize(257, Operation::read_ap(drw));
  EXPECT_EQ(cut(write, 64, true).size(), 19U);
  EXPECT_EQ(cut(write, 512, true).size(), 3U);
  EXPECT_EQ(cut(read, 64, true).size(), 18U);
  EXPECT_EQ(cut(read, 512, true).size(), 3U);
}

TEST(Packets, AShortRunStaysInTheMixedPacket) {
  Operations all = {Operation::write_ap(tar, 1)};
  all.resize(7, Operation::read_ap(drw));
  all.push_back(Operation::write_dp(select, 0));
  EXPECT_EQ(next_packet(all, 0, 64, true), (Packet{Command::transfer, 0, all.size()}));
}

TEST(Packets, NeverOverrunTheProbeAndAreNeverShorterThanNeeded) {
  flashhost::test::Random random(7);
  for (int round = 0; round < 2000; ++round) {
    Operations all;
    while (all.size() < 1 + random.below(600)) {
      const std::uint8_t address = static_cast<std::uint8_t>(4 * random.below(4));
      const Operation kinds[] = {Operation::read_dp(address), Operation::write_dp(address, 1),
                                 Operation::read_ap(address), Operation::write_ap(address, 2)};
      all.resize(all.size() + 1 + (random.one_in(3) ? random.below(300) : 0),
                 kinds[random.below(4)]);
    }
    const std::size_t size = 48 + random.below(random.one_in(2) ? 32 : 1000);
    const bool blocks = random.one_in(2);
    std::size_t next = 0;
    for (const Packet &packet : cut(all, size, blocks)) {
      ASSERT_EQ(packet.first, next);
      ASSERT_GT(packet.count, 0U);
      ASSERT_LE(encode(packet, all).size(), size);
      ASSERT_LE(response_size(packet, all), size);
      next += packet.count;
      if (next == all.size() || packet.command == Command::transfer_block) continue;
      const Packet larger{packet.command, packet.first, packet.count + 1};
      ASSERT_TRUE(larger.count > 255 || encode(larger, all).size() > size ||
                  response_size(larger, all) > size);
    }
    ASSERT_EQ(next, all.size());
  }
}

// --- Responses.

struct Decoded {
  Result result;
  std::vector<std::uint32_t> values;
};

Decoded decoded(Operations all, const Bytes &response, bool padded = false,
                Command command = Command::transfer) {
  Decoded decoded;
  decoded.result = decode({command, 0, all.size()}, response, padded, all);
  for (const Operation &operation : all) decoded.values.push_back(operation.value);
  return decoded;
}

const Operations read_write_read = {Operation::read_ap(drw), Operation::write_ap(tar, 7),
                                    Operation::read_dp(rdbuff)};

TEST(Responses, GiveEachReadItsValue) {
  const auto [result, values] =
      decoded(read_write_read, {5, 3, 1, 0x78, 0x56, 0x34, 0x12, 4, 3, 2, 1});
  EXPECT_EQ(result, (Result{.done = 3}));
  EXPECT_EQ(values, (std::vector<std::uint32_t>{0x12345678, 7, 0x01020304}));
}

TEST(Responses, OfAReportMayBeLonger) {
  Bytes report = {5, 3, 1, 1, 0, 0, 0, 2, 0, 0, 0};
  report.resize(64, 0xEE);
  EXPECT_EQ(decoded(read_write_read, report, true).result, (Result{.done = 3}));
  EXPECT_EQ(decoded(read_write_read, report, false).result.misfit, Misfit::length);
  report.resize(10);
  EXPECT_EQ(decoded(read_write_read, report, true).result.misfit, Misfit::length);
}

TEST(Responses, NameEachKindOfFailure) {
  const auto ack_of = [](std::uint8_t status) {
    return decoded(repeated(Operation::write_ap(tar, 1), 3), {5, 1, status}).result;
  };
  EXPECT_EQ(ack_of(2), (Result{.ack = Ack::wait, .done = 1}));
  EXPECT_EQ(ack_of(4), (Result{.ack = Ack::fault, .done = 1}));
  EXPECT_EQ(ack_of(0x14), (Result{.ack = Ack::fault, .done = 1}));
  EXPECT_EQ(ack_of(7), (Result{.ack = Ack::none, .done = 1}));
  EXPECT_EQ(ack_of(0), (Result{.ack = Ack::none, .done = 1}));
  EXPECT_EQ(ack_of(8), (Result{.ack = Ack::parity, .done = 1}));
  EXPECT_EQ(ack_of(0x11).misfit, Misfit::content);
  EXPECT_EQ(ack_of(0xFF).misfit, Misfit::content);
}

TEST(Responses, OfAClosedPortSayThatNothingWasDone) {
  EXPECT_EQ(decoded(read_write_read, {5, 0, 0}).result,
            (Result{.ack = Ack::none, .port_closed = true}));
  EXPECT_EQ(
      decoded(repeated(Operation::read_ap(drw), 5), {6, 0, 0, 0}, false, Command::transfer_block)
          .result,
      (Result{.ack = Ack::none, .port_closed = true}));
}

TEST(Responses, AFaultAfterTheLastOperationIsTheWritesBeforeIt) {
  EXPECT_EQ(decoded(repeated(Operation::write_ap(drw, 1), 3), {5, 3, 4}).result,
            (Result{.ack = Ack::fault, .done = 3}));
  EXPECT_EQ(decoded(repeated(Operation::write_ap(drw, 1), 9), {6, 9, 0, 4}, false,
                    Command::transfer_block)
                .result,
            (Result{.ack = Ack::fault, .done = 9}));
}

TEST(Responses, APostedReadWithoutItsWordIsNotDone) {
  const Operations reads = repeated(Operation::read_ap(drw), 3);
  const auto [result, values] = decoded(reads, {5, 2, 4, 9, 0, 0, 0});
  EXPECT_EQ(result, (Result{.ack = Ack::fault, .done = 1}));
  EXPECT_EQ(values[0], 9U);
  EXPECT_EQ(decoded(reads, {5, 2, 4, 9, 0, 0, 0, 8, 0, 0, 0}).result,
            (Result{.ack = Ack::fault, .done = 2}));
  // A report does not tell whether the word is there.
  Bytes report = {5, 2, 4, 9, 0, 0, 0, 8, 0, 0, 0};
  report.resize(64);
  EXPECT_EQ(decoded(reads, report, true).result, (Result{.ack = Ack::fault, .done = 1}));
  // What comes before a write has its word, or the write would not have been accepted.
  EXPECT_EQ(decoded(read_write_read, {5, 2, 4}).result.misfit, Misfit::length);
  EXPECT_EQ(decoded(read_write_read, {5, 2, 4, 1, 0, 0, 0}).result,
            (Result{.ack = Ack::fault, .done = 2}));
}

TEST(Responses, OfABlockHaveTheWordsThatTheyCount) {
  const Operations reads = repeated(Operation::read_ap(drw), 4);
  const auto block = [&](const Bytes &response) {
    return decoded(reads, response, false, Command::transfer_block).result;
  };
  EXPECT_EQ(block({6, 1, 0, 4, 9, 0, 0, 0}), (Result{.ack = Ack::fault, .done = 1}));
  EXPECT_EQ(block({6, 1, 0, 4}).misfit, Misfit::length);
  EXPECT_EQ(block({6, 0, 1, 4}).misfit, Misfit::content);
}

TEST(Responses, ThatDoNotFitAreNeverUsed) {
  const auto misfit_of = [](const Bytes &response) {
    const auto [result, values] = decoded(read_write_read, response);
    EXPECT_EQ(values, (std::vector<std::uint32_t>{0, 7, 0}));
    return result.misfit;
  };
  EXPECT_EQ(misfit_of({}), Misfit::length);
  EXPECT_EQ(misfit_of({5}), Misfit::length);
  EXPECT_EQ(misfit_of({5, 3}), Misfit::length);
  EXPECT_EQ(misfit_of({5, 3, 1}), Misfit::length);
  EXPECT_EQ(misfit_of({5, 3, 1, 1, 0, 0, 0, 2, 0, 0}), Misfit::length);
  EXPECT_EQ(misfit_of({5, 3, 1, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0}), Misfit::length);
  EXPECT_EQ(misfit_of({5, 2, 1, 1, 0, 0, 0}), Misfit::content) << "fewer than asked for, but OK";
  EXPECT_EQ(misfit_of({5, 4, 1, 1, 0, 0, 0, 2, 0, 0, 0}), Misfit::content);
  EXPECT_EQ(misfit_of({6, 3, 1, 1, 0, 0, 0, 2, 0, 0, 0}), Misfit::other_command);
  EXPECT_EQ(misfit_of({0xFF}), Misfit::unsupported);
  EXPECT_EQ(misfit_of({0xFF, 0, 0, 0}), Misfit::other_command);
}

TEST(Packets, AWriteIsLeftOpenByAReadOfTheDebugPort) {
  const Operation write = Operation::write_ap(drw, 1), status = Operation::read_dp(0x4);
  EXPECT_TRUE(leaves_write_open(Operations{write, status}));
  EXPECT_FALSE(leaves_write_open(Operations{write}));
  EXPECT_FALSE(leaves_write_open(Operations{status}));
  EXPECT_FALSE(leaves_write_open(Operations{write, Operation::read_ap(drw)}));
  EXPECT_FALSE(leaves_write_open(Operations{write, Operation::read_dp(rdbuff), status}));
  EXPECT_FALSE(leaves_write_open(Operations{write, status, Operation::write_dp(select, 0)}));
}

}  // namespace
}  // namespace flashhost::cmsisdap
