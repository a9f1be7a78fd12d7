#include <flashhost/text.hpp>

#include <gtest/gtest.h>

namespace {

using namespace flashhost;
using namespace std::chrono_literals;

TEST(Text, AddressesHaveEightDigitsInLowerCase) {
  EXPECT_EQ(hex(0x08000000), "0x08000000");
  EXPECT_EQ(hex(0xFFFFFFFF), "0xffffffff");
  EXPECT_EQ(hex(0), "0x00000000");
}

TEST(Text, BytesAreWrittenWithoutSeparators) {
  EXPECT_EQ(hex_bytes({0x06, 0x69, 0xFF, 0x30}), "0669ff30");
  EXPECT_EQ(hex_bytes({}), "");
}

TEST(Text, RangesNameTheirFirstAndLastByte) {
  EXPECT_EQ(format_range({0x08000000, 0x400}), "0x08000000..0x080003ff");
  EXPECT_EQ(format_range({0xFFFFFFF0, 0x10}), "0xfffffff0..0xffffffff");
  EXPECT_EQ(format_range({0x08000000, 0}), "0x08000000 (empty)");
}

TEST(Text, SizesAreInTheLargestUnitThatIsExact) {
  EXPECT_EQ(format_size(0), "0 bytes");
  EXPECT_EQ(format_size(1), "1 byte");
  EXPECT_EQ(format_size(42368), "42368 bytes");
  EXPECT_EQ(format_size(122'880), "120 KiB");
  EXPECT_EQ(format_size(1'048'576), "1 MiB");
  EXPECT_EQ(format_size(1'572'864), "1536 KiB");
}

TEST(Text, DurationsHaveAtMostOneDecimal) {
  EXPECT_EQ(format_duration(3400ms), "3.4 s");
  EXPECT_EQ(format_duration(20ms), "20 ms");
  EXPECT_EQ(format_duration(52500ns), "52.5 us");
  EXPECT_EQ(format_duration(999ns), "999 ns");
  EXPECT_EQ(format_duration(0ns), "0 ns");
  EXPECT_EQ(format_duration(-20ms), "-20 ms");
}

TEST(Text, DurationsRoundUpIntoTheNextUnit) {
  EXPECT_EQ(format_duration(999960ns), "1 ms");
  EXPECT_EQ(format_duration(999940ns), "999.9 us");
  EXPECT_EQ(format_duration(999'960'000ns), "1 s");
}

TEST(Text, SizesAreReadWithEveryWayToWriteTheUnit) {
  for (const char *text : {"128K", "128k", "128KiB", "128 KB", " 131072 ", "0x20000", "131072B"}) {
    EXPECT_EQ(parse_size(text), 131072U) << text;
  }
  EXPECT_EQ(parse_size("1M"), 1048576U);
  EXPECT_EQ(parse_size("0"), 0U);
}

TEST(Text, WhatIsNoSizeIsRefused) {
  for (const char *text : {"", " ", "K", "-1", "+1", "1.5K", "128X", "0x", "0xg", "12 8", "1KK",
                           "99999999999999999999", "18446744073709551615K"}) {
    EXPECT_EQ(parse_size(text), std::nullopt) << text;
  }
}

TEST(Text, AddressesAreReadInHexAndDecimal) {
  EXPECT_EQ(parse_address("0x08000000"), 0x08000000U);
  EXPECT_EQ(parse_address("0X0800ABCD"), 0x0800ABCDU);
  EXPECT_EQ(parse_address("134217728"), 0x08000000U);
  EXPECT_EQ(parse_address("0xFFFFFFFF"), 0xFFFFFFFFU);
  for (const char *text : {"", "0x100000000", "4294967296", "0x", "-1", "8K", "0x08 1"}) {
    EXPECT_EQ(parse_address(text), std::nullopt) << text;
  }
}

TEST(Text, FrequenciesAreReadInHertzKiloAndMegahertz) {
  EXPECT_EQ(parse_frequency("4MHz"), 4'000'000U);
  EXPECT_EQ(parse_frequency("950kHz"), 950'000U);
  EXPECT_EQ(parse_frequency("1.8 MHz"), 1'800'000U);
  EXPECT_EQ(parse_frequency("1800000"), 1'800'000U);
  for (const char *text : {"", "MHz", "0", "-4MHz", "5GHz", "nan", "inf", "1e3", "5000MHz"}) {
    EXPECT_EQ(parse_frequency(text), std::nullopt) << text;
  }
}

TEST(Text, DurationsNeedAUnit) {
  EXPECT_EQ(parse_duration("20ms"), Nanoseconds(20ms));
  EXPECT_EQ(parse_duration("1 s"), Nanoseconds(1s));
  EXPECT_EQ(parse_duration("52.5us"), Nanoseconds(52500ns));
  EXPECT_EQ(parse_duration("0s"), Nanoseconds(0));
  for (const char *text : {"", "20", "ms", "-1s", "1h", "99999999999s"}) {
    EXPECT_EQ(parse_duration(text), std::nullopt) << text;
  }
}

}  // namespace
