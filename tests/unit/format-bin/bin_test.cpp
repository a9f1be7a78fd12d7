#include "format_plugin.hpp"
#include "thrown.hpp"

#include <string>
#include <utility>
#include <vector>

namespace flashhost {
namespace {

using bench::text_of;
using BinPlugin = FormatPlugin;

TEST_F(BinPlugin, puts_the_bytes_at_the_given_address) {
  EXPECT_EQ(format_->parse(bytes_of("abc"), {0x08000000}),
            (ParsedFile{{{0x08000000, {'a', 'b', 'c'}}}, {}}));
}

TEST_F(BinPlugin, an_empty_file_is_an_image_of_nothing) {
  EXPECT_EQ(format_->parse({}, {0x08000000}), ParsedFile{});
}

TEST_F(BinPlugin, writes_the_bytes_of_one_segment) {
  const FormatWriter *writer = format_->writer();
  ASSERT_NE(writer, nullptr);
  EXPECT_EQ(writer->write({}), Bytes());
  EXPECT_EQ(writer->write({{{0x08000000, {1, 2, 3}}}, {}}), (Bytes{1, 2, 3}));
}

TEST_F(BinPlugin, writes_no_gaps) {
  EXPECT_EQ(
      text_of(Errc::image, [&] { return format_->writer()->write({{{0, {1, 2}}, {8, {3}}}, {}}); }),
      "a raw binary has no place for a gap, but nothing is known between 0x00000002 and "
      "0x00000008");
}

TEST_F(BinPlugin, needs_an_address) {
  EXPECT_EQ(text_of(Errc::config, [&] { return format_->parse(bytes_of("abc"), {}); }),
            "a raw binary carries no address, and none is given");
}

TEST_F(BinPlugin, ends_with_the_address_space) {
  EXPECT_EQ(format_->parse(bytes_of("abc"), {0xFFFFFFFD}).segments.front().end(),
            std::uint64_t{1} << 32);
  EXPECT_EQ(text_of(Errc::image, [&] { return format_->parse(bytes_of("abc"), {0xFFFFFFFE}); }),
            "3 bytes at 0xfffffffe reach beyond the 32-bit address space");
}

TEST_F(BinPlugin, refuses_what_is_clearly_another_format_unless_raw_is_set) {
  const std::vector<std::pair<std::string, std::string>> files{
      {"\x7f"
       "ELF\1\1\1",
       "an ELF file"},
      {"UF2\n\x57\x51\x5d\x9e", "a UF2 file"},
      {"\r\n:0100000055AA\n", "an Intel HEX file"},
      {"S00600004844521B\n", "an S-record file"}};
  for (const auto &[content, name] : files) {
    EXPECT_EQ(text_of(Errc::image, [&] { return format_->parse(bytes_of(content), {0x08000000}); }),
              "it is " + name + ", and would be written as it is, as a raw binary");
  }
  format_->configure(Settings({{"raw", true, "board.toml:9:1"}}));
  for (const auto &[content, name] : files) {
    EXPECT_EQ(format_->parse(bytes_of(content), {0x08000000}).segments.front().data.size(),
              content.size());
  }
}

TEST_F(BinPlugin, takes_what_only_looks_like_another_format) {
  for (const std::string_view content : {"\x7f"
                                         "EL",
                                         "UF2\n", ":0100000055AB\n", ":hello", "S0"}) {
    EXPECT_EQ(format_->parse(bytes_of(content), {0}).segments.front().data.size(), content.size());
  }
}

TEST_F(BinPlugin, is_recognised_by_extension_alone) {
  EXPECT_GT(format_->recognises("bin", bytes_of(":00000001FF")), 0);
  EXPECT_LE(format_->recognises("bin", bytes_of(":00000001FF")), 50);
  EXPECT_EQ(format_->recognises("img", bytes_of("abc")), 0);
}

}  // namespace
}  // namespace flashhost
