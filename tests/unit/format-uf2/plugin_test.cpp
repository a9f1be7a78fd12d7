#include "format_plugin.hpp"
#include "thrown.hpp"
#include "uf2_maker.hpp"

namespace flashhost {
namespace {

using bench::text_of;
using test::uf2_file;
using Uf2Plugin = FormatPlugin;

const Bytes file = uf2_file(
    {{0x08000000, {1}, 0, 1, 0x2000, 0x57755a57}, {0x10000000, {2}, 0, 1, 0x2000, 0x12345678}});

Settings family(const std::string &value) {
  return Settings({{"family", value, "board.toml:9:1"}});
}

TEST_F(Uf2Plugin, recognises_by_content_before_extension) {
  EXPECT_EQ(format_->recognises("bin", file), 100);
  EXPECT_EQ(format_->recognises("uf2", {}), 50);
  EXPECT_EQ(format_->recognises("hex", bytes_of("UF2\nabcd")), 0);
}

TEST_F(Uf2Plugin, refuses_an_address_because_the_file_carries_its_own) {
  EXPECT_EQ(text_of(Errc::config, [&] { return format_->parse(file, {0x08000000}); }),
            "an address is given, but UF2 carries its own addresses");
}

TEST_F(Uf2Plugin, the_family_is_set_by_name_or_id) {
  format_->configure(family("STM32F4"));
  EXPECT_EQ(format_->parse(file, {}), (ParsedFile{{{0x08000000, {1}}}, {}, "STM32F4"}));
  format_->configure(family("0x12345678"));
  EXPECT_EQ(format_->parse(file, {}), (ParsedFile{{{0x10000000, {2}}}, {}}));
  for (const char *wrong : {"stm", "", "0xZ", "123", "0x123456789"}) {
    EXPECT_EQ(text_of(Errc::config,
                      [&] {
                        format_->configure(family(wrong));
                        return 0;
                      }),
              "board.toml:9:1: family: it is no known family, such as \"STM32F4\", and no id, such "
              "as \"0x57755a57\"");
  }
}

TEST_F(Uf2Plugin, writes_what_it_reads) {
  const ParsedFile content{{{0x08000000, {1, 2, 3}}}, {}, "STM32F1"};
  ASSERT_NE(format_->writer(), nullptr);
  EXPECT_EQ(format_->parse(format_->writer()->write(content), {}), content);
}

}  // namespace
}  // namespace flashhost
