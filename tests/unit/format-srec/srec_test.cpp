#include "srec.hpp"

#include "record_peers.hpp"
#include "thrown.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace flashhost {
namespace {

using bench::text_and_hint_of;
using bench::text_of;
using test::s_record;
using Segments = std::vector<Segment>;

ParsedFile parse(std::string_view text) {
  return srec::parse({reinterpret_cast<const std::uint8_t *>(text.data()), text.size()});
}

std::string error_of(const std::string &text) {
  return text_of(Errc::image, [&] { return parse(text); });
}

std::string data(std::uint32_t address, const Bytes &bytes) {
  return s_record('3', address, 4, bytes) + "\n";
}

const std::string end_record = "S9030000FC";
const std::string damaged =
    " | The file was damaged, cut off or edited by hand: build or copy it again.";

TEST(Srec, data_of_each_width_becomes_segments) {
  EXPECT_EQ(parse("S107001001020304DE\nS9030000FC\n"), (ParsedFile{{{0x10, {1, 2, 3, 4}}}, {}}));
  EXPECT_EQ(parse("S206123456AA555E\n" + end_record).segments,
            (Segments{{0x123456, {0xAA, 0x55}}}));
  EXPECT_EQ(parse("S30608000000AB46\n" + end_record).segments, (Segments{{0x08000000, {0xAB}}}));
}

TEST(Srec, widths_may_be_mixed_and_records_come_in_any_order) {
  const std::string text = data(0x20, {5}) + s_record('2', 2, 3, Bytes{3, 4}) + "\n" +
                           s_record('1', 0, 2, Bytes{1, 2}) + "\n" + s_record('1', 9, 2, Bytes{}) +
                           "\n" + end_record;
  EXPECT_EQ(parse(text).segments, (Segments{{0, {1, 2, 3, 4}}, {0x20, {5}}}));
}

TEST(Srec, data_goes_on_beyond_what_the_address_field_can_say) {
  EXPECT_EQ(parse(s_record('1', 0xFFFF, 2, Bytes{1, 2}) + "\n" + end_record).segments,
            (Segments{{0xFFFF, {1, 2}}}));
  EXPECT_EQ(parse(s_record('2', 0xFFFFFF, 3, Bytes{1, 2}) + "\n" + end_record).segments,
            (Segments{{0xFFFFFF, {1, 2}}}));
}

TEST(Srec, the_longest_record_has_250_bytes_at_a_32_bit_address) {
  EXPECT_EQ(parse(data(0x100, Bytes(250, 7)) + end_record).segments,
            (Segments{{0x100, Bytes(250, 7)}}));
}

TEST(Srec, lower_case_blanks_and_every_kind_of_line_end_are_accepted) {
  const Segments expected{{0x8000, {0xAB, 0xCD}}};
  for (const std::string_view end : {"\r\n", "\n", "\r"}) {
    for (const std::string_view record : {"S1058000ABCD02", "s1058000abcd02"}) {
      EXPECT_EQ(parse(fmt::format("{0}{1}{2}{1}", record, end, end_record)).segments, expected);
      EXPECT_EQ(parse(fmt::format("{1} \t{0} {1}{1}{2}", record, end, end_record)).segments,
                expected);
    }
  }
}

TEST(Srec, titles_are_ignored_wherever_they_are) {
  EXPECT_EQ(parse("S00600004844521B\n" + data(4, {1}) + "S0030000FC\n" + end_record).segments,
            (Segments{{4, {1}}}));
}

TEST(Srec, the_end_record_has_the_entry_point_and_zero_is_none) {
  EXPECT_EQ(parse("S70508000131C0").entry_point, 0x08000131U);
  EXPECT_EQ(parse(s_record('8', 0x123456, 3, {})).entry_point, 0x123456U);
  EXPECT_EQ(parse(s_record('9', 0x8000, 2, {})).entry_point, 0x8000U);
  EXPECT_EQ(parse("S9030000FC").entry_point, std::nullopt);
  EXPECT_EQ(parse("S70500000000FA"), ParsedFile{});
}

TEST(Srec, the_number_of_data_records_must_be_right) {
  const std::string two = data(0, {1}) + data(8, {2});
  for (const char type : {'5', '6'}) {
    const std::size_t size = type == '5' ? 2 : 3;
    const auto with_count = [&](std::uint32_t count) {
      return fmt::format("{}{}\n{}", two, s_record(type, count, size, {}), end_record);
    };
    EXPECT_EQ(parse(with_count(2)).segments.size(), 2U);
    EXPECT_EQ(error_of(with_count(3)),
              "line 3: the file says that it has 3 data records up to here, but it has 2");
  }
  EXPECT_EQ(text_and_hint_of(Errc::image, [&] { return parse(s_record('5', 1, 2, {})); }),
            "line 1: the file says that it has 1 data records up to here, but it has 0 | Records "
            "were lost or added: build or copy the file again.");
}

TEST(Srec, of_a_number_too_large_for_its_record_the_lower_bits_count) {
  std::string text;
  for (std::uint32_t i = 0; i < 65537; ++i) text += s_record('3', i, 4, Bytes{1}) + "\n";
  EXPECT_EQ(parse(text + s_record('5', 1, 2, {}) + "\n" + end_record).segments.size(), 1U);
  EXPECT_EQ(parse(text + s_record('6', 65537, 3, {}) + "\n" + end_record).segments.size(), 1U);
  EXPECT_EQ(error_of(text + s_record('5', 2, 2, {})),
            "line 65538: the file says that it has 2 data records up to here, but it has 65537");
  EXPECT_EQ(error_of(text + s_record('6', 1, 3, {})),
            "line 65538: the file says that it has 1 data records up to here, but it has 65537");
}

TEST(Srec, a_file_needs_an_end_and_nothing_after_it) {
  const std::string no_end = "the file ends without a record that says so (S7, S8 or S9)";
  EXPECT_EQ(error_of(""), "line 1: " + no_end);
  EXPECT_EQ(error_of("\n\n"), "line 2: " + no_end);
  EXPECT_EQ(text_and_hint_of(Errc::image, [] { return parse(data(0, {1})); }),
            "line 1: " + no_end + " | The file is cut off: build or copy it again.");
  EXPECT_EQ(text_and_hint_of(Errc::image, [] { return parse(end_record + "\n\n" + data(0, {1})); }),
            "line 3: there is more after the record that ends the file (S7, S8 or S9) | Two files "
            "were joined by plain concatenation: give them as two [[image]] entries.");
}

TEST(Srec, a_count_in_the_last_record_shows_that_nothing_is_missing) {
  const std::string one = data(0, {1});
  const std::string count = s_record('5', 1, 2, {}) + "\n";
  EXPECT_EQ(parse(one + count).segments, (Segments{{0, {1}}}));
  EXPECT_NE(error_of(one + count + data(1, {2})).find("ends without"), std::string::npos);
  EXPECT_NE(error_of(one + count + "S0030000FC\n").find("ends without"), std::string::npos);
}

TEST(Srec, the_last_byte_of_the_address_space_is_an_address_and_the_next_is_not) {
  EXPECT_EQ(parse(data(0xFFFFFFFF, {7}) + end_record).segments, (Segments{{0xFFFFFFFF, {7}}}));
  EXPECT_EQ(error_of("\n" + data(0xFFFFFFFF, {7, 8}) + end_record),
            "line 2: 2 bytes at 0xffffffff reach beyond the 32-bit address space");
}

TEST(Srec, bytes_given_twice_must_be_equal) {
  const std::string first = data(0, {1, 2, 3});
  EXPECT_EQ(parse(first + data(2, {3, 4}) + first + end_record).segments,
            (Segments{{0, {1, 2, 3, 4}}}));
  EXPECT_EQ(text_and_hint_of(Errc::image, [&] { return parse(first + data(2, {9}) + end_record); }),
            "line 2: byte 0x09 at 0x00000002 differs from 0x03 given in line 1 | Two parts of the "
            "firmware overlap: check the linker script, or which files were merged. "
            "[image.settings] overlap = \"last\" takes the later one, as other tools do.");
}

TEST(Srec, the_later_record_counts_if_that_is_wanted) {
  const std::string text = data(0, {1, 2, 3}) + data(1, {9, 3, 4}) + end_record;
  EXPECT_EQ(srec::parse(test::bytes_of(text), {}, Overlap::last).segments,
            (Segments{{0, {1, 9, 3, 4}}}));
}

TEST(Srec, each_malformed_record_is_named_with_line_and_reason) {
  const auto told = [](const std::string &record) {
    return text_and_hint_of(Errc::image, [&] { return parse(data(0, {1}) + record); });
  };
  EXPECT_EQ(told("hello"),
            "line 2: a record starts with 'S', this line with 'h' | Is this a Motorola S-record "
            "file? If not, name its format: --format, or image.format in the board file.");
  EXPECT_EQ(told("S"), "line 2: the record ends after its 'S'" + damaged);
  EXPECT_EQ(told("SA030000FC"),
            "line 2: unknown record type 'A' | S-records have the types S0 to S9.");
  EXPECT_EQ(told("S\x1b"),
            "line 2: unknown record type byte 0x1b | S-records have the types S0 to "
            "S9.");
  EXPECT_EQ(told("S4030000FC"),
            "line 2: a record of type S4 has no defined meaning | The type is reserved. Ask the "
            "tool that made the file for plain S-records.");
  EXPECT_EQ(told(" S903000GFC"), "line 2: 'G' in column 9 is not a hexadecimal digit" + damaged);
  EXPECT_EQ(told("S9 03"), "line 2: byte 0x20 in column 3 is not a hexadecimal digit" + damaged);
  EXPECT_EQ(told("S9"), "line 2: the record has 0 digits, the shortest has 8" + damaged);
  EXPECT_EQ(told("S9030000F"), "line 2: the record has 7 digits, the shortest has 8" + damaged);
  EXPECT_EQ(told("S20400000F"), "line 2: the record has 8 digits, the shortest has 10" + damaged);
  EXPECT_EQ(told("S305000000"), "line 2: the record has 8 digits, the shortest has 12" + damaged);
  EXPECT_EQ(told("S1040000FC"),
            "line 2: the record has 8 digits, but its length byte 0x04 makes it 10" + damaged);
  EXPECT_EQ(told("S10400000FCAA"),
            "line 2: the record has 11 digits, but its length byte 0x04 makes it 10" + damaged);
  EXPECT_EQ(told("S1" + std::string(600, '0')),
            "line 2: the record has 600 digits, but its length byte 0x00 makes it 2" + damaged);
  EXPECT_EQ(told("S9030000FD"),
            "line 2: checksum is 0xfd, the record's bytes make it 0xfc" + damaged);
  for (const char type : {'5', '6', '7', '8', '9'}) {
    EXPECT_EQ(
        told(s_record(type, 1,
                      type == '5' || type == '9' ? 2
                      : type == '7'              ? 4
                                                 : 3,
                      Bytes{1, 2})),
        fmt::format("line 2: a record of type S{} carries 0 bytes of data, this one 2", type) +
            damaged);
  }
}

TEST(Srec, every_single_corrupted_digit_is_noticed) {
  const std::string text = data(0x1230, {0xDE, 0xAD, 0xBE, 0xEF}) + "S705000000807A\n";
  const ParsedFile good = parse(text);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n' || text[i] == 'S') continue;
    for (const char digit : std::string_view("0123456789ABCDEF")) {
      if (digit == text[i]) continue;
      std::string changed = text;
      changed[i] = digit;
      try {
        EXPECT_NE(parse(changed), good) << changed;
      } catch (const Error &error) {
        EXPECT_EQ(error.code(), Errc::image);
      }
    }
  }
}

TEST(Srec, every_truncation_is_noticed) {
  const std::string text = "S0030000FC\r\n" + data(0, {1, 2, 3}) + "S705000000807A";
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_NE(error_of(text.substr(0, size)), "");
  }
}

TEST(Srec, a_first_record_tells_the_format) {
  const auto recognised = [](const std::string &text) {
    return srec::starts_with_record(test::bytes_of(text));
  };
  EXPECT_TRUE(recognised(end_record));
  EXPECT_TRUE(recognised("\r\n \tS00600004844521B\r\nS1"));
  EXPECT_FALSE(recognised(""));
  EXPECT_FALSE(recognised(" \n"));
  EXPECT_FALSE(recognised("S9030000FD"));
  EXPECT_FALSE(recognised("S4030000FC"));
  EXPECT_FALSE(recognised("Some text"));
  EXPECT_FALSE(recognised(":00000001FF"));
}

}  // namespace
}  // namespace flashhost
