#include "flash/crc32.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace flashhost {
namespace {

// Values from the bitwise definition, not from the implementation under test.
std::uint32_t bitwise(const std::vector<std::uint8_t> &bytes) {
  std::uint32_t crc = 0xFFFFFFFF;
  for (std::size_t i = 0; i < bytes.size(); i += 4) {
    crc ^= std::uint32_t{bytes[i]} | std::uint32_t{bytes[i + 1]} << 8 |
           std::uint32_t{bytes[i + 2]} << 16 | std::uint32_t{bytes[i + 3]} << 24;
    for (int bit = 0; bit < 32; ++bit) crc = (crc << 1) ^ ((crc >> 31) != 0 ? 0x04C11DB7 : 0);
  }
  return crc;
}

TEST(LoaderCrc, OfOneWordIsThatOfTheCrcUnit) {
  // The CRC unit of an STM32 gives 0xDF8A8A2B for 0x12345678 after a reset.
  EXPECT_EQ(loader_crc(std::vector<std::uint8_t>{0x78, 0x56, 0x34, 0x12}), 0xDF8A8A2B);
}

TEST(LoaderCrc, EqualsTheBitwiseDefinition) {
  std::vector<std::uint8_t> bytes;
  for (int i = 0; i < 1024; ++i) bytes.push_back(static_cast<std::uint8_t>(i * 31 + i / 7));
  EXPECT_EQ(loader_crc(bytes), bitwise(bytes));
}

TEST(LoaderCrc, OfNothingIsTheInitialValue) {
  EXPECT_EQ(loader_crc({}), 0xFFFFFFFF);
}

TEST(LoaderCrc, OfAFillEqualsTheCrcOfThoseBytes) {
  for (const std::uint32_t size : {4U, 252U, 256U, 260U, 1024U, 5000U}) {
    EXPECT_EQ(loader_crc_of_fill(0xFF, size), bitwise(std::vector<std::uint8_t>(size, 0xFF)));
    EXPECT_EQ(loader_crc_of_fill(0x00, size), bitwise(std::vector<std::uint8_t>(size, 0x00)));
  }
}

TEST(LoaderCrcTable, GivesTheSameCrcFourBitsAtATime) {
  const auto table = loader_crc_table();
  const std::vector<std::uint8_t> word{0x78, 0x56, 0x34, 0x12};
  std::uint32_t crc = 0xFFFFFFFF ^ 0x12345678;
  for (int i = 0; i < 8; ++i) crc = (crc << 4) ^ table[crc >> 28];
  EXPECT_EQ(crc, loader_crc(word));
}

}  // namespace
}  // namespace flashhost
