#include "format_plugin.hpp"
#include "thrown.hpp"

namespace flashhost {
namespace {

using bench::text_of;
using IhexPlugin = FormatPlugin;

TEST_F(IhexPlugin, recognises_by_content_before_extension) {
  EXPECT_GT(format_->recognises("txt", bytes_of(":00000001FF\n")), 50);
  for (const std::string_view extension : {"hex", "ihex", "ihx"}) {
    EXPECT_GT(format_->recognises(extension, {}), 0);
    EXPECT_LE(format_->recognises(extension, bytes_of("S0")), 50);
  }
  EXPECT_EQ(format_->recognises("bin", bytes_of("\x7F"
                                                "ELF")),
            0);
}

TEST_F(IhexPlugin, refuses_an_address_because_the_file_carries_its_own) {
  EXPECT_NO_THROW(static_cast<void>(format_->parse(bytes_of(":00000001FF\n"), {})));
  EXPECT_EQ(text_of(Errc::config,
                    [&] { return format_->parse(bytes_of(":00000001FF\n"), {0x08000000}); }),
            "an address is given, but Intel HEX carries its own addresses");
}

TEST_F(IhexPlugin, writes_what_it_reads) {
  const ParsedFile content{{{0x08000000, {1, 2, 3}}}, {}};
  ASSERT_NE(format_->writer(), nullptr);
  EXPECT_EQ(format_->parse(format_->writer()->write(content), {}), content);
}

}  // namespace
}  // namespace flashhost
