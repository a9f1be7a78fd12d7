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

class BinPlugin : public testing::Test {
 protected:
  static std::span<const std::uint8_t> bytes_of(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t *>(text.data()), text.size()};
  }

  testing::QuietHost host_;
  std::unique_ptr<Format, void (*)(void *)> format_{
      static_cast<Format *>(flashhost_plugin_v2.create(&host_)),
      [](void *object) { flashhost_plugin_v2.destroy(object); }};
};

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
  try {
    static_cast<void>(format_->writer()->write({{{0, {1, 2}}, {8, {3}}}, {}}));
    FAIL() << "no error";
  } catch (const Error &error) {
    EXPECT_EQ(error.code(), Errc::image);
    EXPECT_STREQ(error.what(),
                 "a raw binary has no place for a gap, but nothing is known between 0x00000002 and "
                 "0x00000008");
  }
}

TEST_F(BinPlugin, needs_an_address) {
  try {
    static_cast<void>(format_->parse(bytes_of("abc"), {}));
    FAIL() << "no error";
  } catch (const Error &error) {
    EXPECT_EQ(error.code(), Errc::config);
    EXPECT_STREQ(error.what(), "a raw binary carries no address, and none is given");
  }
}

TEST_F(BinPlugin, ends_with_the_address_space) {
  EXPECT_EQ(format_->parse(bytes_of("abc"), {0xFFFFFFFD}).segments.front().end(),
            std::uint64_t{1} << 32);
  try {
    static_cast<void>(format_->parse(bytes_of("abc"), {0xFFFFFFFE}));
    FAIL() << "no error";
  } catch (const Error &error) {
    EXPECT_EQ(error.code(), Errc::image);
    EXPECT_STREQ(error.what(), "3 bytes at 0xfffffffe reach beyond the 32-bit address space");
  }
}

TEST_F(BinPlugin, is_recognised_by_extension_alone) {
  EXPECT_GT(format_->recognises("bin", bytes_of(":00000001FF")), 0);
  EXPECT_LE(format_->recognises("bin", bytes_of(":00000001FF")), 50);
  EXPECT_EQ(format_->recognises("img", bytes_of("abc")), 0);
}

TEST_F(BinPlugin, knows_no_settings) {
  EXPECT_NO_THROW(format_->configure(Settings{}));
  EXPECT_THROW(format_->configure(Settings{{{"fill", std::int64_t{255}, "board.toml:3:1"}}}),
               Error);
}

}  // namespace
}  // namespace flashhost
