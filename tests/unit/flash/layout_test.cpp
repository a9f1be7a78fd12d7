#include "flash/crc32.hpp"
#include "flash/loader_client.hpp"
#include "loaders/unpack/unpack.inc"

#include <gtest/gtest.h>

namespace flashhost {
namespace {

std::uint32_t word(const Bytes &block, std::size_t offset) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value |= std::uint32_t{block.at(offset + i)} << (8 * i);
  return value;
}

LoaderCode code_of(std::size_t size) {
  static const Bytes code(4096);
  LoaderCode loader;
  loader.code = std::span(code).first(size);
  return loader;
}

TEST(Layout, FitsIntoFourKibibytesWithSlotsForAPageEach) {
  const auto layout = lay_out({0x20000000, 4096}, 1000, code_of(536));
  ASSERT_TRUE(layout);
  EXPECT_GE(layout->slot_count, 2U);
  EXPECT_GE(layout->slot_count * layout->slot_size, 1536U);
  EXPECT_LE(layout->slots + layout->slot_count * layout->slot_size, 0x20001000U);
}

TEST(Layout, KeepsEveryPartAlignedAndApart) {
  for (const std::uint32_t size : {4096U, 6144U, 8192U, 10240U, 20480U, 65536U, 98304U}) {
    const auto layout = lay_out({0x20000000, size}, 1001, code_of(333));
    ASSERT_TRUE(layout) << size;
    EXPECT_EQ(layout->vectors % 512, 0U);
    EXPECT_EQ(layout->family % 8, 0U);
    EXPECT_EQ(layout->stack_top % 8, 0U);
    EXPECT_EQ(layout->slot_size % 8, 0U);
    EXPECT_EQ(layout->mailbox, layout->vectors + FH_VECTOR_TABLE_SIZE);
    EXPECT_EQ(layout->agent, layout->mailbox + sizeof(fh_mailbox));  // that is how it finds it
    EXPECT_GE(layout->family, layout->agent + 1001);
    EXPECT_GE(layout->stack_guard, layout->family + 333);
    EXPECT_EQ(layout->stack_top, layout->stack_guard + 4 + FH_STACK_SIZE);
    EXPECT_GE(layout->slots, layout->stack_top);
    EXPECT_LE(layout->slots + layout->slot_count * layout->slot_size, 0x20000000U + size);
    EXPECT_GE(layout->slot_count, 2U);
  }
}

TEST(Balance, MakesBothSumsZero) {
  for (const std::size_t size : {8U, 12U, 40U, 4000U}) {
    Bytes written(size);
    for (std::size_t i = 0; i < size; ++i) written[i] = static_cast<std::uint8_t>(i * 37 + 11);
    for (const std::size_t place : {std::size_t{0}, (size - 8) / 8 * 4, size - 8}) {
      SCOPED_TRACE(place);
      const Bytes before = written;
      balance(written, place);
      std::uint32_t sum = 0, sum_of_sums = 0;
      for (std::size_t at = size; at > 0; at -= 4) sum_of_sums += sum += word(written, at - 4);
      EXPECT_EQ(sum, 0U);
      EXPECT_EQ(sum_of_sums, 0U);
      std::copy_n(before.begin() + static_cast<std::ptrdiff_t>(place), 8,
                  written.begin() + static_cast<std::ptrdiff_t>(place));
      EXPECT_EQ(written, before) << "it changed other words";
    }
  }
}

TEST(Layout, HasRoomToUnpackWhereThatLeavesFourSlots) {
  bool with = false, without = false;
  for (std::uint32_t size = 4096; size <= 131'072; size += 512) {
    SCOPED_TRACE(size);
    const auto layout = lay_out({0x20000000, size}, 1001, code_of(333), 1, true);
    ASSERT_TRUE(layout);
    if (layout->unpacker == 0) {
      EXPECT_EQ(layout->unpacked, 0U);
      without = true;
      EXPECT_LE(size, 16'384U);
      continue;
    }
    with = true;
    EXPECT_GE(layout->slot_count, 4U);
    EXPECT_EQ(layout->unpacker % 8, 0U);
    EXPECT_EQ(layout->unpacked % 8, 0U);
    EXPECT_GE(layout->unpacker, layout->slots + layout->slot_count * layout->slot_size);
    EXPECT_GE(layout->unpacked,
              layout->unpacker + std::size(unpack_blob::code) + unpack_blob::work);
    EXPECT_LE(layout->unpacked + layout->payload(), 0x20000000U + size);
  }
  EXPECT_TRUE(with && without);
  EXPECT_EQ(lay_out({0x20000000, 131'072}, 1001, code_of(333))->unpacker, 0U) << "nobody asked";
}

TEST(Layout, PutsEveryPayloadAtAMultipleOfEight) {
  const auto layout = lay_out({0x20000000, 20480}, 1001, code_of(333));
  ASSERT_TRUE(layout);
  for (std::uint32_t sequence = 1; sequence <= 2 * layout->slot_count; ++sequence) {
    const std::uint32_t trailer = layout->trailer_of(sequence);
    EXPECT_EQ(trailer % 8, 0U);
    EXPECT_GE(trailer - layout->payload(), layout->slots);
    EXPECT_LE(trailer + sizeof(fh_trailer), layout->slots + layout->slot_count * layout->slot_size);
  }
  EXPECT_EQ(layout->trailer_of(1), layout->trailer_of(layout->slot_count + 1));
}

TEST(Layout, GivesTheAlgorithmItsZeroedDataAndItsStack) {
  LoaderCode code = code_of(333);
  code.zero_data = 1000;
  code.stack_size = 1020;
  const auto layout = lay_out({0x20000000, 20480}, 1001, code);
  ASSERT_TRUE(layout);
  EXPECT_GE(layout->stack_guard, layout->family + 1333);
  EXPECT_EQ(layout->scratch, layout->family + 1333);
  EXPECT_EQ(layout->stack_top, layout->stack_guard + 4 + 1024);
  EXPECT_EQ(layout->checked_end, layout->stack_top);
}

TEST(Layout, HasRoomForScratchBetweenZeroedDataAndStack) {
  LoaderCode code = code_of(333);
  code.zero_data = 3;
  code.scratch = 2000;
  const auto layout = lay_out({0x20000000, 20480}, 1001, code);
  ASSERT_TRUE(layout);
  EXPECT_EQ(layout->scratch, layout->family + 336);
  EXPECT_GE(layout->stack_guard, layout->scratch + 2000);
  EXPECT_EQ(layout->checked_end, layout->scratch);  // it is large
  code.scratch = 1020;
  const auto smaller = lay_out({0x20000000, 20480}, 1001, code);
  ASSERT_TRUE(smaller);
  EXPECT_EQ(smaller->checked_end, smaller->stack_top);
  code.scratch = 20480;
  EXPECT_FALSE(lay_out({0x20000000, 20480}, 1001, code));
}

TEST(Layout, HasSlotsForWholePagesOrNone) {
  LoaderCode code = code_of(500);
  for (const std::uint32_t page : {64U, 256U, 1024U, 4096U, 16384U}) {
    code.page_size = page;
    const auto layout = lay_out({0x20000000, 65536}, 1000, code);
    ASSERT_TRUE(layout) << page;
    EXPECT_EQ(layout->payload() % page, 0U) << page;
    EXPECT_LE(layout->slots + layout->slot_count * layout->slot_size, 0x20010000U) << page;
  }
  EXPECT_FALSE(lay_out({0x20000000, 34000}, 1000, code));
}

TEST(Layout, HasSlotsForWhatIsProgrammedAtATime) {
  const auto layout = lay_out({0x20000000, 20480}, 1000, code_of(500), 2048);
  ASSERT_TRUE(layout);
  EXPECT_EQ(layout->payload() % 2048, 0U);
}

TEST(Layout, SaysSoWhenTheAlgorithmWantsMoreThanThereIs) {
  LoaderCode code = code_of(333);
  code.zero_data = 0xFFFFFF00;
  EXPECT_FALSE(lay_out({0x20000000, 20480}, 1001, code));
  code.zero_data = 0;
  code.stack_size = 0xFFFFFFF8;
  EXPECT_FALSE(lay_out({0x20000000, 20480}, 1001, code));
}

TEST(Layout, SaysSoWhenThereIsNoRoom) {
  EXPECT_FALSE(lay_out({0x20000000, 2048}, 1000, code_of(500)));
  EXPECT_FALSE(lay_out({0x20000000, 0}, 1000, code_of(500)));
}

TEST(EncodeCommand, EndsWithTheSequenceAndCoversTheRestByCrc) {
  const Bytes payload{1, 2, 3, 4, 5};
  const Bytes block = encode_command(FH_OP_PROGRAM, 0x08000400, 5, payload, 42);
  ASSERT_EQ(block.size(), 8 + sizeof(fh_trailer));
  EXPECT_EQ(Bytes(block.begin(), block.begin() + 8), (Bytes{1, 2, 3, 4, 5, 0xFF, 0xFF, 0xFF}));
  EXPECT_EQ(word(block, 8), std::uint32_t{FH_OP_PROGRAM});
  EXPECT_EQ(word(block, 12), 0x08000400U);
  EXPECT_EQ(word(block, 16), 5U);
  EXPECT_EQ(word(block, 20), loader_crc(std::span(block).first(20)));
  EXPECT_EQ(word(block, 24), 42U);
}

}  // namespace
}  // namespace flashhost
