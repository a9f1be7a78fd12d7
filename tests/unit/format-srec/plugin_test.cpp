#include "format_plugin.hpp"
#include "thrown.hpp"

namespace flashhost {
namespace {

using bench::text_of;
using SrecPlugin = FormatPlugin;

TEST_F(SrecPlugin, recognises_by_content_before_extension) {
  EXPECT_GT(format_->recognises("txt", bytes_of("S9030000FC\n")), 50);
  for (const std::string_view extension : {"s19", "s28", "s37", "srec", "mot", "s", "mhx"}) {
    EXPECT_GT(format_->recognises(extension, {}), 0);
    EXPECT_LE(format_->recognises(extension, bytes_of(":0")), 50);
  }
  EXPECT_EQ(format_->recognises("bin", bytes_of("\x7F"
                                                "ELF")),
            0);
}

TEST_F(SrecPlugin, refuses_an_address_because_the_file_carries_its_own) {
  EXPECT_NO_THROW(static_cast<void>(format_->parse(bytes_of("S9030000FC\n"), {})));
  EXPECT_EQ(
      text_of(Errc::config, [&] { return format_->parse(bytes_of("S9030000FC\n"), {0x08000000}); }),
      "an address is given, but S-records carry their own addresses");
}

TEST_F(SrecPlugin, takes_the_later_of_two_bytes_if_the_board_file_says_so) {
  const auto file = bytes_of("S104000001FA\nS104000002F9\nS9030000FC\n");
  format_->configure(Settings());
  EXPECT_THROW(static_cast<void>(format_->parse(file, {})), Error);
  format_->configure(Settings({{"overlap", "last", "board.toml:9:1"}}));
  EXPECT_EQ(format_->parse(file, {}).segments, (std::vector<Segment>{{0, {2}}}));
  EXPECT_EQ(text_of(Errc::config,
                    [&] {
                      format_->configure(Settings({{"overlap", "first", "board.toml:9:1"}}));
                      return 0;
                    }),
            R"(board.toml:9:1: overlap: "first" is not one of "refuse", "last")");
}

TEST_F(SrecPlugin, writes_what_it_reads) {
  const ParsedFile content{{{0x08000000, {1, 2, 3}}}, {}};
  ASSERT_NE(format_->writer(), nullptr);
  EXPECT_EQ(format_->parse(format_->writer()->write(content), {}), content);
}

}  // namespace
}  // namespace flashhost
