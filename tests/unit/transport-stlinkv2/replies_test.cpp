#include "protocol.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace flashhost::stlink {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::uint16_t v2 = 0x3748, v2_1 = 0x374B;

Bytes version_reply(unsigned word) {
  return {static_cast<std::uint8_t>(word >> 8),
          static_cast<std::uint8_t>(word),
          0x83,
          0x04,
          0x48,
          0x37};
}

std::string version_text(unsigned hardware, unsigned first, unsigned second,
                         std::uint16_t product) {
  const auto version = parse_version(version_reply(hardware << 12 | first << 6 | second), product);
  return version ? version->text : "none";
}

Bytes words(std::initializer_list<std::uint32_t> values, std::size_t size) {
  Bytes bytes;
  for (const std::uint32_t value : values) {
    for (unsigned i = 0; i < 4; ++i) bytes.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
  }
  bytes.resize(size);
  return bytes;
}

TEST(Versions, AreReadAsTheHardwareMeansThem) {
  EXPECT_EQ(version_text(2, 37, 7, v2), "V2J37S7");
  EXPECT_EQ(version_text(2, 17, 4, v2), "V2J17S4");
  EXPECT_EQ(version_text(2, 33, 25, v2_1), "V2J33M25");
  EXPECT_EQ(version_text(3, 0, 0, 0x374E), "V3");
}

TEST(Versions, SwimOnlyBuildsOfV21HaveNoDebugFirmware) {
  const auto version = parse_version(version_reply(2U << 12 | 22 << 6 | 7), v2_1);
  ASSERT_TRUE(version);
  EXPECT_EQ(version->text, "V2M22S7");
  EXPECT_EQ(version->jtag, 0U);
  EXPECT_EQ(version_text(2, 26, 12, v2_1), "V2M26S12");
  EXPECT_EQ(version_text(2, 26, 13, v2_1), "V2J26M13");
  EXPECT_EQ(version_text(2, 23, 7, v2_1), "V2J23M7");
}

TEST(Versions, OfV3ComeInTheLongReply) {
  const Bytes reply = {3, 1, 10, 3, 5, 0, 0, 0, 0x83, 0x04, 0x4E, 0x37};
  const auto version = parse_version_ext(reply);
  ASSERT_TRUE(version);
  EXPECT_EQ(version->jtag, 10U);
  EXPECT_EQ(version->text, "V3J10M3B5S1");
}

TEST(Versions, DamagedRepliesAreNone) {
  Bytes reply = version_reply(2U << 12 | 37 << 6);
  reply[2] = 0;
  EXPECT_FALSE(parse_version(reply, v2));
  EXPECT_FALSE(parse_version(version_reply(0x0100), v2));
  EXPECT_FALSE(parse_version(Bytes(5), v2));
  EXPECT_FALSE(parse_version_ext(Bytes(12)));
  EXPECT_FALSE(parse_version_ext(Bytes(11, 3)));
}

TEST(Modes, AreNamedOrNone) {
  EXPECT_EQ(parse_mode(Bytes{1, 0}), Mode::mass);
  EXPECT_EQ(parse_mode(Bytes{4, 0}), Mode::bootloader);
  EXPECT_FALSE(parse_mode(Bytes{5, 0}));
  EXPECT_FALSE(parse_mode(Bytes{1}));
}

TEST(Voltage, IsTheRatioOfTwoMeasurements) {
  EXPECT_EQ(parse_millivolts(words({1489, 2047}, 8)), 3299);
}

TEST(Voltage, ThatNothingRunsAtIsUnknown) {
  EXPECT_FALSE(parse_millivolts(words({0, 2047}, 8)));
  EXPECT_FALSE(parse_millivolts(words({1489, 4}, 8)));
  EXPECT_FALSE(parse_millivolts(words({1, 0xFFFFFFFF}, 8)));
  EXPECT_FALSE(parse_millivolts(Bytes(7)));
}

TEST(FrequenciesOfV3, AreSortedFastestFirst) {
  Bytes reply = words({0x80, 0, 3, 8000, 24000, 3300}, 52);
  const auto found = parse_frequencies_v3(reply);
  ASSERT_TRUE(found);
  EXPECT_THAT(*found, ElementsAre(24'000'000U, 8'000'000U, 3'300'000U));
  reply[8] = 11;
  EXPECT_FALSE(parse_frequencies_v3(reply));
  reply[8] = 0;
  EXPECT_FALSE(parse_frequencies_v3(reply));
  reply[8] = 4;
  EXPECT_FALSE(parse_frequencies_v3(reply)) << "a clock of 0";
}

TEST(Statuses, AreWhatTheFactSheetSays) {
  EXPECT_EQ(meaning(0x80), Meaning::good);
  EXPECT_EQ(meaning(0x0D), Meaning::good);
  for (const int code : {0x81, 0x01, 0x11, 0x15, 0x19}) {
    EXPECT_EQ(meaning(static_cast<std::uint8_t>(code)), Meaning::fault) << code;
  }
  for (const int code : {0x07, 0x10, 0x14}) {
    EXPECT_EQ(meaning(static_cast<std::uint8_t>(code)), Meaning::wait) << code;
  }
  for (const int code : {0x12, 0x13, 0x16, 0x17, 0x18}) {
    EXPECT_EQ(meaning(static_cast<std::uint8_t>(code)), Meaning::line) << code;
  }
  for (const int code : {0x04, 0x05, 0x09, 0x0B}) {
    EXPECT_EQ(meaning(static_cast<std::uint8_t>(code)), Meaning::absent) << code;
  }
  EXPECT_EQ(meaning(0x42), Meaning::unsupported);
  EXPECT_EQ(meaning(0x00), Meaning::unknown);
  EXPECT_EQ(meaning(0xFF), Meaning::unknown);
}

TEST(Statuses, AreSaidInWordsWithTheirNumber) {
  EXPECT_EQ(describe(0x17), "SWD debug port: parity error (0x17)");
  EXPECT_THAT(describe(0xAA), HasSubstr("0xaa"));
}

Version firmware(unsigned hardware, unsigned jtag) {
  Version version;
  version.hardware = hardware;
  version.jtag = jtag;
  return version;
}

TEST(FeaturesOfAFirmware, FollowItsNumber) {
  const auto of = [](unsigned jtag) { return features(firmware(2, jtag)); };
  EXPECT_FALSE(of(12).voltage);
  EXPECT_TRUE(of(13).voltage);
  EXPECT_FALSE(of(14).last_status2);
  EXPECT_TRUE(of(15).last_status2);
  EXPECT_FALSE(of(17).frequency || of(17).dap || of(17).half || of(17).open_ap);
  EXPECT_FALSE(of(21).frequency);
  EXPECT_TRUE(of(22).frequency);
  EXPECT_TRUE(of(24).dap);
  EXPECT_EQ(of(25).block_limit, 1024U);
  EXPECT_EQ(of(25).block_boundary, 1024U);
  EXPECT_TRUE(of(26).half);
  EXPECT_EQ(of(26).block_limit, 6144U);
  EXPECT_FALSE(of(27).open_ap);
  EXPECT_TRUE(of(28).open_ap);
  EXPECT_EQ(of(45).byte_limit, 64U);
}

TEST(FeaturesOfAFirmware, OfV3AreAllThere) {
  const Features all = features(firmware(3, 3));
  EXPECT_TRUE(all.voltage && all.last_status2 && all.dap && all.half && all.open_ap);
  EXPECT_TRUE(all.frequency_v3);
  EXPECT_FALSE(all.frequency);
  EXPECT_EQ(all.byte_limit, 64U);
  EXPECT_GT(features(firmware(3, 6)).byte_limit, 64U);
}

TEST(SwdClocks, AreSortedFastestFirst) {
  EXPECT_TRUE(std::ranges::is_sorted(swd_clocks(), std::ranges::greater(), &SwdClock::hz));
  EXPECT_TRUE(std::ranges::is_sorted(swd_clocks(), std::ranges::less(), &SwdClock::divisor));
}

Bytes descriptor(std::string_view units) {
  Bytes bytes = {static_cast<std::uint8_t>(2 + 2 * units.size()), 3};
  for (const char unit : units) {
    bytes.push_back(static_cast<std::uint8_t>(unit));
    bytes.push_back(0);
  }
  return bytes;
}

TEST(SerialNumbers, OfTwentyFourDigitsAreThemselves) {
  EXPECT_EQ(parse_serial(descriptor("0669FF303430484257251934")), "0669FF303430484257251934");
}

TEST(SerialNumbers, OfTwelveRawBytesAreShownAsDigits) {
  EXPECT_EQ(parse_serial(descriptor("\x52\xC3\xBFn\x06I\x83UAA\x01\x7F")),
            "52C3BF6E06498355414"
            "1017F");
}

TEST(SerialNumbers, OfNoLengthOrOddLengthAreNoTrouble) {
  EXPECT_EQ(parse_serial({}), "");
  EXPECT_EQ(parse_serial(Bytes{2, 3}), "");
  EXPECT_EQ(parse_serial(Bytes{5, 3, 'A', 0, 'B'}), "A");
}

TEST(Products, AreKnownByTheirNumber) {
  ASSERT_NE(find_product(v2), nullptr);
  EXPECT_EQ(find_product(v2)->kind, Kind::v2);
  EXPECT_EQ(find_product(0x3752)->kind, Kind::v2_1);
  EXPECT_EQ(find_product(0x3754)->kind, Kind::v3);
  EXPECT_EQ(find_product(0x3744)->kind, Kind::v1);
  EXPECT_EQ(find_product(0x5740), nullptr);
}

}  // namespace
}  // namespace flashhost::stlink
