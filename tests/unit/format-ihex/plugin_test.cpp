#include "hosts.hpp"

#include <flashhost/error.hpp>
#include <flashhost/format.hpp>
#include <flashhost/plugin.h>

#include <gtest/gtest.h>

#include <memory>
#include <string_view>

extern "C" const flashhost_plugin flashhost_plugin_v2;

namespace flashhost {
namespace {

class IhexPlugin : public testing::Test {
 protected:
  static std::span<const std::uint8_t> bytes_of(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t *>(text.data()), text.size()};
  }

  testing::QuietHost host_;
  std::unique_ptr<Format, void (*)(void *)> format_{
      static_cast<Format *>(flashhost_plugin_v2.create(&host_)),
      [](void *object) { flashhost_plugin_v2.destroy(object); }};
};

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
  try {
    static_cast<void>(format_->parse(bytes_of(":00000001FF\n"), {0x08000000}));
    FAIL() << "no error";
  } catch (const Error &error) {
    EXPECT_EQ(error.code(), Errc::config);
    EXPECT_STREQ(error.what(), "an address is given, but Intel HEX carries its own addresses");
  }
}

TEST_F(IhexPlugin, writes_what_it_reads) {
  const ParsedFile content{{{0x08000000, {1, 2, 3}}}, {}};
  ASSERT_NE(format_->writer(), nullptr);
  EXPECT_EQ(format_->parse(format_->writer()->write(content), {}), content);
}

TEST_F(IhexPlugin, knows_no_settings) {
  EXPECT_NO_THROW(format_->configure(Settings{}));
  EXPECT_THROW(format_->configure(Settings{{{"fill", std::int64_t{255}, "board.toml:3:1"}}}),
               Error);
}

}  // namespace
}  // namespace flashhost
