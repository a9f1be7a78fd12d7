// What the Packer makes is what zlib unpacks again, with no more than the flash holds by then.
#include "flash/packer.hpp"

#include "flash/crc32.hpp"
#include "pattern.hpp"
#include "random.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

#include <cstring>

namespace flashhost {
namespace {

constexpr std::uint32_t base = 0x08000000;

// Empty: it is no deflate data with these references.
Bytes unpacked(const Bytes &payload, std::size_t size, const Bytes &before) {
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, -MAX_WBITS), Z_OK);
  if (!before.empty()) {
    inflateSetDictionary(&stream, before.data(), static_cast<uInt>(before.size()));
  }
  Bytes packed(payload.begin() + 4, payload.end()), data(size);
  stream.next_in = packed.data();
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = data.data();
  stream.avail_out = static_cast<uInt>(data.size());
  const int result = inflate(&stream, Z_FINISH);
  const bool good = result == Z_STREAM_END && stream.avail_in == 0 && stream.avail_out == 0;
  inflateEnd(&stream);
  return good ? data : Bytes();
}

std::uint32_t first_word(const Bytes &payload) {
  std::uint32_t word = 0;
  std::memcpy(&word, payload.data(), sizeof word);
  return word;
}

// Below 0x80, with half of it repeated.
Bytes content(std::size_t size) {
  Bytes bytes = testing::pattern(size, 1);
  for (std::size_t at = 600; at < size; ++at) {
    if (at / 100 % 2 == 0) bytes[at] = bytes[at - 500];
  }
  return bytes;
}

TEST(Packer, MakesOneBlockWithTheCrcBeforeIt) {
  for (const Bytes &data :
       {content(4096), Bytes(256, 7), Bytes(4096, 0), testing::pattern(2048, 3)}) {
    Packer packer;
    const Bytes payload = packer.pack(base, data);
    ASSERT_FALSE(payload.empty());
    EXPECT_LT(payload.size(), data.size());
    EXPECT_EQ(first_word(payload), loader_crc(data));
    EXPECT_TRUE((payload[4] & 7) == 3 || (payload[4] & 7) == 5);
    EXPECT_TRUE(unpacked(payload, data.size(), {}) == data);
  }
}

TEST(Packer, RefersToWhatStandsDirectlyBefore) {
  const Bytes before = testing::pattern(40'000, 2);
  const Bytes data(before.end() - 4096, before.end());
  Packer packer;
  const std::size_t alone = packer.pack(base, data).size();
  packer.programmed(base, std::span(before).first(30'000));
  packer.programmed(base + 30'000, std::span(before).subspan(30'000));
  const Bytes payload = packer.pack(base + 40'000, data);
  ASSERT_FALSE(payload.empty());
  EXPECT_LT(payload.size(), alone / 20);
  EXPECT_TRUE(unpacked(payload, data.size(), {before.end() - 32'768, before.end()}) == data);
}

TEST(Packer, DoesNotReferToWhatItDoesNotKnow) {
  const Bytes before = testing::pattern(4096, 2);
  Packer packer;
  const Bytes alone = packer.pack(base, before);
  packer.programmed(base, before);
  EXPECT_TRUE(packer.pack(base + 4100, before) == alone) << "a gap is between them";
  EXPECT_TRUE(packer.pack(base, before) == alone) << "it stands in the same place";
  EXPECT_NE(packer.pack(base + 4096, before).size(), alone.size());
  packer.erased({base + 4096, 4096});
  EXPECT_NE(packer.pack(base + 4096, before).size(), alone.size());
  packer.erased({base + 2048, 2048});
  EXPECT_TRUE(packer.pack(base + 4096, before) == alone) << "it was erased";
  packer.programmed(base + 4096, before);
  packer.programmed(base, before);
  EXPECT_TRUE(packer.pack(base + 8192, before) == alone) << "other flash was programmed since";
}

TEST(Packer, GivesNothingThatIsNotSmaller) {
  const Bytes bytes = test::Random(1).bytes(4096);
  Packer packer;
  EXPECT_TRUE(packer.pack(base, bytes).empty());
  EXPECT_TRUE(packer.pack(base, std::span(bytes).first(8)).empty());
  EXPECT_TRUE(packer.pack(base, std::span(bytes).first(4)).empty());
  EXPECT_FALSE(packer.pack(base, Bytes(64, 7)).empty());
}

}  // namespace
}  // namespace flashhost
