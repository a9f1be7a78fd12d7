#include "ihex.hpp"

#include "emitter.hpp"
#include "thrown.hpp"

#include <flashhost/error.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <string_view>

namespace flashhost {
namespace {

using test::end_of_file;
using test::record;
using test::word_record;

std::span<const std::uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t *>(text.data()), text.size()};
}

ParsedFile parse(std::string_view text) {
  return ihex::parse(bytes_of(text));
}

std::string error_of(std::string_view text) {
  try {
    parse(text);
  } catch (const Error &error) {
    EXPECT_EQ(error.code(), Errc::image);
    return error.what();
  }
  return "no error";
}

using Segments = std::vector<Segment>;

TEST(Ihex, a_data_record_becomes_a_segment) {
  EXPECT_EQ(parse(":0400100001020304E2\n:00000001FF\n"), (ParsedFile{{{0x10, {1, 2, 3, 4}}}, {}}));
}

TEST(Ihex, lower_case_digits_are_digits) {
  EXPECT_EQ(parse(":02abcd00ab0fcc\n:00000001ff\n").segments, (Segments{{0xABCD, {0xAB, 0x0F}}}));
}

TEST(Ihex, line_ends_may_be_cr_lf_or_lf_or_cr_or_missing_at_the_end) {
  const std::string data = ":0100000055AA";
  const Segments expected{{0, {0x55}}};
  for (const std::string_view end : {"\r\n", "\n", "\r"}) {
    EXPECT_EQ(parse(fmt::format("{0}{1}{2}{1}", data, end, end_of_file)).segments, expected);
    EXPECT_EQ(parse(fmt::format("{0}{1}{2}", data, end, end_of_file)).segments, expected);
    EXPECT_EQ(parse(fmt::format("{1}{0}{1}{1}{2}{1}{1}", data, end, end_of_file)).segments,
              expected);
  }
  EXPECT_EQ(parse("  " + data + " \t\r\n\t" + end_of_file + "  \n").segments, expected);
}

TEST(Ihex, line_numbers_count_every_kind_of_line_end_once) {
  const std::string bad = ":00000009F7";
  EXPECT_EQ(error_of("\r\n\r\n" + bad), "line 3: unknown record type 0x09");
  EXPECT_EQ(error_of("\r\r" + bad), "line 3: unknown record type 0x09");
  EXPECT_EQ(error_of("\n\n" + bad), "line 3: unknown record type 0x09");
  EXPECT_EQ(error_of("\n\r" + bad), "line 3: unknown record type 0x09");
}

TEST(Ihex, gaps_stay_gaps_and_adjacent_records_join_in_any_order) {
  const std::string text = record(0, 0x20, Bytes{5}) + "\n" + record(0, 2, Bytes{3, 4}) + "\n" +
                           record(0, 0, Bytes{1, 2}) + "\n" + record(0, 5, Bytes{}) + "\n" +
                           end_of_file;
  EXPECT_EQ(parse(text).segments, (Segments{{0, {1, 2, 3, 4}}, {0x20, {5}}}));
}

TEST(Ihex, an_extended_linear_address_moves_what_follows) {
  const std::string text = word_record(4, 0x0800) + "\n" + record(0, 0xFFFF, Bytes{1}) + "\n" +
                           word_record(4, 0x0801) + "\n" + record(0, 0, Bytes{2}) + "\n" +
                           end_of_file;
  EXPECT_EQ(parse(text).segments, (Segments{{0x0800FFFF, {1, 2}}}));
}

TEST(Ihex, linear_data_runs_on_past_64_kib) {
  const std::string text =
      word_record(4, 0x0800) + "\n" + record(0, 0xFFFF, Bytes{1, 2}) + "\n" + end_of_file;
  EXPECT_EQ(parse(text).segments, (Segments{{0x0800FFFF, {1, 2}}}));
}

TEST(Ihex, segmented_data_wraps_inside_its_64_kib) {
  const std::string text =
      word_record(2, 0x1234) + "\n" + record(0, 0xFFFE, Bytes{1, 2, 3, 4}) + "\n" + end_of_file;
  EXPECT_EQ(parse(text).segments, (Segments{{0x12340, {3, 4}}, {0x2233E, {1, 2}}}));
}

TEST(Ihex, the_last_base_record_counts) {
  const std::string text = word_record(4, 0x0800) + "\n" + word_record(2, 0x1000) + "\n" +
                           record(0, 0, Bytes{1}) + "\n" + word_record(4, 0) + "\n" +
                           record(0, 0, Bytes{2}) + "\n" + end_of_file;
  EXPECT_EQ(parse(text).segments, (Segments{{0, {2}}, {0x10000, {1}}}));
}

TEST(Ihex, the_last_byte_of_the_address_space_is_an_address_and_the_next_is_not) {
  const std::string base = word_record(4, 0xFFFF) + "\n";
  EXPECT_EQ(parse(base + record(0, 0xFFFF, Bytes{7}) + "\n" + end_of_file).segments,
            (Segments{{0xFFFFFFFF, {7}}}));
  EXPECT_EQ(error_of(base + record(0, 0xFFFF, Bytes{7, 8}) + "\n" + end_of_file),
            "line 2: 2 bytes at 0xffffffff reach beyond the 32-bit address space");
}

TEST(Ihex, start_addresses_are_kept_and_the_last_one_counts) {
  EXPECT_EQ(parse(record(5, 0, Bytes{8, 0, 1, 0xED}) + "\n" + end_of_file).entry_point,
            0x080001EDU);
  EXPECT_EQ(parse(record(3, 0, Bytes{0x12, 0x34, 0, 5}) + "\n" + end_of_file).entry_point,
            0x12345U);
  EXPECT_EQ(parse(record(3, 0, Bytes{0xFF, 0xFF, 0xFF, 0xFF}) + "\n" +
                  record(5, 0, Bytes{0, 0, 0, 1}) + "\n" + end_of_file)
                .entry_point,
            1U);
}

TEST(Ihex, bytes_given_twice_must_be_equal) {
  const std::string first = record(0, 0, Bytes{1, 2, 3}) + "\n";
  EXPECT_EQ(parse(first + record(0, 2, Bytes{3, 4}) + "\n" + first + end_of_file).segments,
            (Segments{{0, {1, 2, 3, 4}}}));
  EXPECT_EQ(error_of(first + record(0, 2, Bytes{9}) + "\n" + end_of_file),
            "line 2: byte 0x09 at 0x00000002 differs from 0x03 given in line 1");
  EXPECT_EQ(error_of(record(0, 2, Bytes{9}) + "\n" + first + end_of_file),
            "line 2: byte 0x03 at 0x00000002 differs from 0x09 given in line 1");
}

TEST(Ihex, a_contradiction_names_the_setting_that_accepts_it) {
  const std::string text = record(0, 0, Bytes{1}) + "\n" + record(0, 0, Bytes{2}) + "\n";
  EXPECT_EQ(bench::text_and_hint_of(Errc::image, [&] { return parse(text + end_of_file); }),
            "line 2: byte 0x02 at 0x00000000 differs from 0x01 given in line 1 | Two parts of the "
            "firmware overlap: check the linker script, or which files were merged. "
            "[image.settings] overlap = \"last\" takes the later one, as other tools do.");
}

TEST(Ihex, the_later_record_counts_if_that_is_wanted) {
  const auto last = [](const std::string &text) {
    return ihex::parse(bytes_of(text), {}, Overlap::last).segments;
  };
  const std::string whole = record(0, 0, Bytes{1, 2, 3, 4}) + "\n";
  EXPECT_EQ(last(whole + record(0, 1, Bytes{8, 9}) + "\n" + end_of_file),
            (Segments{{0, {1, 8, 9, 4}}}));
  EXPECT_EQ(last(record(0, 1, Bytes{8, 9}) + "\n" + whole + end_of_file),
            (Segments{{0, {1, 2, 3, 4}}}));
  EXPECT_EQ(last(word_record(2, 0) + "\n" + record(0, 0xFFFF, Bytes{1, 2}) + "\n" +
                 record(0, 0, Bytes{7}) + "\n" + end_of_file),
            (Segments{{0, {7}}, {0xFFFF, {1}}}));
}

TEST(Ihex, each_malformed_record_is_named_with_line_and_reason) {
  const std::string good = record(0, 0, Bytes{1}) + "\n";
  EXPECT_EQ(error_of(good + ":0000000G"), "line 2: 'G' in column 9 is not a hexadecimal digit");
  EXPECT_EQ(error_of(good + " :00000001F\xC3"),
            "line 2: byte 0xc3 in column 12 is not a hexadecimal digit");
  EXPECT_EQ(error_of(good + ":01 00"), "line 2: byte 0x20 in column 4 is not a hexadecimal digit");
  EXPECT_EQ(error_of(good + end_of_file + end_of_file),
            "line 2: ':' in column 12 is not a hexadecimal digit");
  EXPECT_EQ(error_of(good + "hello"), "line 2: a record starts with ':', this line with 'h'");
  EXPECT_EQ(error_of(std::string("\0:00000001FF", 12)),
            "line 1: a record starts with ':', this line with byte 0x00");
  EXPECT_EQ(error_of(good + ":"), "line 2: the record has 0 digits, the shortest has 10");
  EXPECT_EQ(error_of(good + ":00000001F"), "line 2: the record has 9 digits, the shortest has 10");
  EXPECT_EQ(error_of(good + ":0100000055"),
            "line 2: the record has 10 digits, but its length byte 0x01 makes it 12");
  EXPECT_EQ(error_of(good + ":0100000055AA00"),
            "line 2: the record has 14 digits, but its length byte 0x01 makes it 12");
  EXPECT_EQ(error_of(good + ":0100000055AB"),
            "line 2: checksum is 0xab, the record's bytes make it 0xaa");
  EXPECT_EQ(error_of(good + record(6, 0, {})), "line 2: unknown record type 0x06");
  EXPECT_EQ(error_of(good + record(0xFF, 0, Bytes{1})), "line 2: unknown record type 0xff");
  EXPECT_EQ(error_of(good + record(1, 0, Bytes{1})),
            "line 2: a record of type 01 carries 0 bytes, this one 1");
  EXPECT_EQ(error_of(good + record(2, 0, Bytes{1})),
            "line 2: a record of type 02 carries 2 bytes, this one 1");
  EXPECT_EQ(error_of(good + record(3, 0, Bytes{1})),
            "line 2: a record of type 03 carries 4 bytes, this one 1");
  EXPECT_EQ(error_of(good + record(4, 0, {})),
            "line 2: a record of type 04 carries 2 bytes, this one 0");
  EXPECT_EQ(error_of(good + record(5, 0, Bytes{1, 2})),
            "line 2: a record of type 05 carries 4 bytes, this one 2");
}

TEST(Ihex, a_file_needs_an_end_and_nothing_after_it) {
  EXPECT_EQ(error_of(""), "line 1: the file ends without an end-of-file record (:00000001FF)");
  EXPECT_EQ(error_of("\n\n"), "line 2: the file ends without an end-of-file record (:00000001FF)");
  EXPECT_EQ(error_of(record(0, 0, Bytes{1}) + "\n"),
            "line 1: the file ends without an end-of-file record (:00000001FF)");
  EXPECT_EQ(error_of(end_of_file + "\n\n" + record(0, 0, Bytes{1})),
            "line 3: there is more after the end-of-file record");
  EXPECT_EQ(error_of(end_of_file + "\n\x1A"), "line 2: there is more after the end-of-file record");
}

TEST(Ihex, an_end_of_file_alone_is_an_image_of_nothing) {
  EXPECT_EQ(parse(end_of_file), ParsedFile{});
}

TEST(Ihex, every_single_corrupted_digit_is_noticed) {
  const std::string text =
      record(0, 0x1230, Bytes{0xDE, 0xAD, 0xBE, 0xEF}) + "\n" + end_of_file + "\n";
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n' || text[i] == ':') continue;
    for (const char digit : std::string_view("0123456789ABCDEF")) {
      if (digit == text[i]) continue;
      std::string damaged = text;
      damaged[i] = digit;
      EXPECT_NE(error_of(damaged), "no error") << damaged;
    }
  }
}

TEST(Ihex, every_truncation_is_noticed) {
  const std::string text =
      word_record(4, 0x0800) + "\r\n" + record(0, 0, Bytes{1, 2, 3}) + "\r\n" + end_of_file;
  for (std::size_t size = 0; size < text.size(); ++size)
    EXPECT_NE(error_of(text.substr(0, size)), "no error");
}

// 400,000 one-byte records, first backwards, then scattered over 4 GiB: linear memory, no quadratic
// time.
TEST(Ihex, a_hostile_number_of_records_takes_seconds_not_hours) {
  constexpr std::uint32_t count = 400'000;
  std::string backwards;
  std::string scattered;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint32_t down = count - i;
    backwards += word_record(4, static_cast<std::uint16_t>(down >> 16)) + "\n" +
                 record(0, static_cast<std::uint16_t>(down), Bytes{1}) + "\n";
    const std::uint32_t address = i * 2'654'435'769U & ~1U;
    scattered +=
        word_record(4, static_cast<std::uint16_t>(address >> 16)) + "\n" +
        record(0, static_cast<std::uint16_t>(address), Bytes{static_cast<std::uint8_t>(address)}) +
        "\n";
  }
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(parse(backwards + end_of_file).segments, (Segments{{1, Bytes(count, 1)}}));
  EXPECT_GT(parse(scattered + end_of_file).segments.size(), count / 2);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
}

TEST(Ihex, a_first_record_tells_the_format) {
  const auto recognised = [](std::string_view text) {
    return ihex::starts_with_record(bytes_of(text));
  };
  EXPECT_TRUE(recognised(end_of_file));
  EXPECT_TRUE(recognised("\r\n \t:020000040800F2\r\n:10"));
  EXPECT_FALSE(recognised(""));
  EXPECT_FALSE(recognised(" \n"));
  EXPECT_FALSE(recognised(":00000001FE"));
  EXPECT_FALSE(recognised(":00000006FA"));
  EXPECT_FALSE(recognised(":hello"));
  EXPECT_FALSE(recognised("S00600004844521B"));
}

}  // namespace
}  // namespace flashhost
