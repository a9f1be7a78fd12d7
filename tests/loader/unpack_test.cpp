// Packed commands: what zlib makes of all kinds of content comes out of it again, on every core,
// and what is damaged does no harm.
#include "loaders/unpack/unpack.inc"

#include "loader.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

#include <algorithm>
#include <random>
#include <stdexcept>

namespace loader_test {
namespace {

constexpr std::uint32_t payload = 4096;

struct Compression {
  int level = Z_BEST_COMPRESSION;
  int strategy = Z_DEFAULT_STRATEGY;
};

Bytes deflated(const Bytes &data, const Bytes &before = {}, Compression how = {}) {
  z_stream stream{};
  if (deflateInit2(&stream, how.level, Z_DEFLATED, -MAX_WBITS, MAX_MEM_LEVEL, how.strategy) !=
      Z_OK) {
    throw std::runtime_error("zlib");
  }
  if (!before.empty()) {
    deflateSetDictionary(&stream, before.data(), static_cast<uInt>(before.size()));
  }
  Bytes packed(deflateBound(&stream, static_cast<uLong>(data.size())));
  stream.next_in = const_cast<Bytef *>(data.data());
  stream.avail_in = static_cast<uInt>(data.size());
  stream.next_out = packed.data();
  stream.avail_out = static_cast<uInt>(packed.size());
  const int result = deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  if (result != Z_STREAM_END) throw std::runtime_error("zlib");
  return packed;
}

// One block, the last one, with fixed or dynamic codes.
bool is_one_block(const Bytes &packed) {
  return (packed.front() & 7) == 3 || (packed.front() & 7) == 5;
}

// Content with `variety` different bytes, of which a part repeats what stands somewhere before it,
// also in `before`.
Bytes content(std::size_t size, const Bytes &before, std::uint32_t seed, unsigned variety) {
  std::mt19937 dice(seed);
  Bytes all = before;
  while (all.size() < before.size() + size) {
    if (!all.empty() && dice() % 16 == 0) {
      const std::size_t most = std::min<std::size_t>(all.size(), 32768 - 300);
      const std::size_t distance =
          1 + dice() % (dice() % 2 == 0 ? std::min<std::size_t>(most, 300) : most);
      const std::size_t length = 3 + dice() % (dice() % 4 == 0 ? 400 : 12);
      for (std::size_t i = 0; i < length; ++i) all.push_back(all[all.size() - distance]);
    } else {
      // Some bytes are much more frequent than others: their codes are of every length.
      const auto rarity = 1 + dice() % variety;
      all.push_back(static_cast<std::uint8_t>(dice() % rarity));
    }
  }
  all.resize(before.size() + size);
  all.erase(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(before.size()));
  return all;
}

flashhost::machine::Config f4() {
  return part("STM32F407VG");
}

Setup f4_setup() {
  return {
      .slot_payload = payload + 4, .slot_count = 4, .family = f4_functions(), .look_every = 200us};
}

class Unpack : public ::testing::Test {
 protected:
  void start() {
    loader.start();
    loader.load_unpacker();
  }
  [[nodiscard]] bool holds(std::uint32_t address, const Bytes &data) {
    return std::ranges::equal(data,
                              std::span(board.flash()).subspan(address - flash_start, data.size()));
  }

  Board board{f4()};
  Loader loader{board, f4_setup()};
};

TEST_F(Unpack, GivesWhatZlibWasGiven) {
  start();
  Bytes before;
  std::uint32_t address = flash_start, seed = 1;
  int packed_commands = 0;
  const auto one = [&](std::size_t size, unsigned variety, Compression how) {
    const Bytes data = content(size, before, ++seed, variety);
    const Bytes packed = deflated(data, before, how);
    SCOPED_TRACE("seed " + std::to_string(seed) + ", at " + std::to_string(address));
    if (is_one_block(packed) && packed.size() + 4 <= payload) {
      ASSERT_TRUE(loader.execute(program_packed(address, data, packed)));
      ++packed_commands;
    } else {
      ASSERT_TRUE(loader.execute(program(address, data)));
    }
    ASSERT_TRUE(holds(address, data));
    before.insert(before.end(), data.begin(), data.end());
    if (before.size() > 32768) before.erase(before.begin(), before.end() - 32768);
    address += static_cast<std::uint32_t>(size);
  };
  for (const unsigned variety : {1U, 2U, 20U, 256U}) {
    for (const std::size_t size : {4U, 64U, 252U, 1000U, 4096U}) {
      for (const int level : {1, 6, 9}) one(size, variety, {.level = level});
      for (const int strategy : {Z_FILTERED, Z_HUFFMAN_ONLY, Z_RLE})
        one(size, variety, {.strategy = strategy});
    }
  }
  EXPECT_GE(packed_commands, 70);
}

TEST_F(Unpack, TakesReferencesAcrossTheBeginningOfTheBlock) {
  start();
  const Bytes before = pattern(payload, 1);
  ASSERT_TRUE(loader.execute(program(flash_start, before)));
  // The end of what stands before, again and again: the first reference reaches into itself.
  Bytes data;
  for (std::uint32_t i = 0; i < payload; ++i) data.push_back(before[payload - 100 + i % 100]);
  const Bytes packed = deflated(data, before);
  ASSERT_TRUE(is_one_block(packed));
  ASSERT_LT(packed.size(), 100U);
  ASSERT_TRUE(loader.execute(program_packed(flash_start + payload, data, packed)));
  EXPECT_TRUE(holds(flash_start + payload, data));
}

TEST_F(Unpack, ProgramsNothingWhereSomethingElseComesOut) {
  start();
  const Bytes data = content(1024, {}, 1, 30);
  Bytes other = data;
  other[500] ^= 1;
  Command command = program_packed(flash_start, data, deflated(other));
  const fh_mailbox mailbox = loader.fail(command);
  EXPECT_EQ(mailbox.error, FH_ERROR_UNPACK);
  EXPECT_EQ(mailbox.error_address, flash_start);
  EXPECT_TRUE(all(board.flash(), 0xFF));
}

TEST_F(Unpack, IsAnErrorWhereTheHostHasNotLoadedIt) {
  loader.start();
  const Bytes data = content(1024, {}, 1, 30);
  const fh_mailbox mailbox = loader.fail(program_packed(flash_start, data, deflated(data)));
  EXPECT_EQ(mailbox.error, FH_ERROR_UNPACK);
  EXPECT_TRUE(all(board.flash(), 0xFF));
}

TEST_F(Unpack, APackedSizeThatDoesNotFitIsABadSlot) {
  start();
  const Bytes data = content(1024, {}, 1, 30);
  for (const std::uint32_t size : {payload + 8, 0xFFFFFFU}) {
    Command command = program_packed(flash_start, data, deflated(data));
    command.op = FH_OP_PROGRAM | FH_PACKED_SIZE(size);
    const std::uint32_t sequence = loader.send(command);
    ASSERT_TRUE(board.wait_for([&] { return board.word(loader.sequence_word(sequence)) == 0; }));
    EXPECT_EQ(loader.mailbox().state, FH_STATE_BAD_SLOT);
    command.op = FH_OP_PROGRAM | FH_PACKED_SIZE(command.payload.size());
    loader.write_slot(sequence, command.block(sequence));
    ASSERT_TRUE(loader.wait_done(sequence));
  }
  EXPECT_TRUE(holds(flash_start, data));
}

// Whatever it is given, it ends, and writes nowhere but where it may.
TEST(UnpackOfRubbish, EndsAndStaysInItsPlace) {
  constexpr std::uint32_t guard = 64, size = 1024;
  for (std::uint32_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(seed);
    Board board(f4());
    Loader loader(board, f4_setup());
    loader.start();
    loader.load_unpacker();
    const Bytes data = content(size, {}, seed, 30);
    Bytes packed = deflated(data);
    ASSERT_TRUE(is_one_block(packed));
    std::mt19937 dice(seed);
    if (seed % 2 == 0) {
      for (std::uint8_t &byte : packed) byte = static_cast<std::uint8_t>(dice());
      packed.front() = static_cast<std::uint8_t>(packed.front() / 8 * 8 + 5);
    } else {
      for (int i = 0; i < 3; ++i)
        packed[dice() % packed.size()] ^= static_cast<std::uint8_t>(1 << dice() % 8);
    }
    const std::uint32_t begin = loader.unpacked() - flashhost::unpack_blob::work - guard;
    const Bytes code = board.read(begin, guard);
    const Bytes mark(guard, 0xA5);
    board.write(loader.unpacked() + size, mark);
    const fh_mailbox mailbox = loader.fail_by_any(program_packed(flash_start, data, packed));
    // A reference to where nothing answers stops the core at the vector catch.
    constexpr std::uint32_t vector_catch = 8;
    EXPECT_TRUE(mailbox.error == FH_ERROR_UNPACK || (board.word(dfsr) & vector_catch) != 0)
        << mailbox.error;
    EXPECT_EQ(board.read(begin, guard), code);
    EXPECT_EQ(board.read(loader.unpacked() + size, guard), mark);
    EXPECT_TRUE(all(board.flash(), 0xFF));
  }
}

class UnpackOnCores : public ::testing::TestWithParam<const char *> {};

TEST_P(UnpackOnCores, GivesWhatZlibWasGiven) {
  Board board(part(GetParam()));
  constexpr std::uint32_t size = 1024;
  Loader loader(board, {.slot_payload = size + 4, .slot_count = 3});
  loader.start();
  loader.load_unpacker();
  Bytes before;
  for (std::uint32_t i = 0; i < 8; ++i) {
    const Bytes data = content(size, before, i + 1, 60);
    const Bytes packed = deflated(data, before);
    ASSERT_TRUE(is_one_block(packed));
    ASSERT_LT(packed.size() + 4, size);
    ASSERT_TRUE(loader.execute(program_packed(flash_start + i * size, data, packed)));
    before.insert(before.end(), data.begin(), data.end());
  }
  EXPECT_TRUE(std::ranges::equal(before, std::span(board.flash()).first(before.size())));
}

INSTANTIATE_TEST_SUITE_P(Cores, UnpackOnCores, ::testing::Values("STM32F072RB", "STM32F103CB"));

TEST_F(Unpack, TakesAsManyCyclesAsTheHostAllowsAndTicksMeanwhile) {
  start();
  std::uint32_t address = flash_start;
  const auto time_of = [&](const Command &command) {
    const auto from = board.target().now();
    const std::uint32_t heartbeat = loader.mailbox().heartbeat;
    EXPECT_TRUE(loader.execute(command));
    const Time took = board.target().now() - from;
    const std::uint32_t ticks = loader.mailbox().heartbeat - heartbeat;
    EXPECT_GE(ticks * 20us, took * 3 / 4);
    address += payload;
    return took;
  };
  // Beside the same bytes that are not packed, without their longer transfer.
  const auto cycles_of = [&](const Bytes &data, const Bytes &packed) {
    const auto less =
        static_cast<std::int64_t>(data.size()) - static_cast<std::int64_t>(packed.size()) - 4;
    const Time plain = time_of(program(address, data)) - 2875ns * less;
    const Time unpacking = time_of(program_packed(address, data, packed)) - plain;
    return static_cast<double>(unpacking.count()) * 0.060;
  };
  const Bytes small = content(64, {}, 1, 200), large = content(payload, {}, 7, 60);
  const double of_codes = cycles_of(small, deflated(small));
  // Each byte by a code of its own.
  const double of_bytes =
      cycles_of(large, deflated(large, {}, {.strategy = Z_HUFFMAN_ONLY})) - of_codes;
  RecordProperty("codes", std::to_string(of_codes));
  RecordProperty("byte", std::to_string(of_bytes / payload));
  EXPECT_GE(of_codes, 10'000);
  EXPECT_LE(of_codes, 80'000);
  EXPECT_GE(of_bytes, 10 * payload);
  EXPECT_LE(of_bytes, 110 * payload);
}

}  // namespace
}  // namespace loader_test
