#include "plugin/plugin_kind.hpp"

#include "gates/plugin_id.hpp"

#include <gtest/gtest.h>

namespace flashhost {
namespace {

TEST(PluginName, FileNameHoldsKindAndId) {
  const PluginName name{PluginKind::transport, "stlinkv2"};
  EXPECT_EQ(name.file(), "transport-stlinkv2.so");
  EXPECT_EQ(parse_plugin_file("transport-stlinkv2.so"), name);
  EXPECT_EQ(parse_plugin_file("format-a-b_c.so"), (PluginName{PluginKind::format, "a-b_c"}));
}

TEST(PluginName, OtherFileNamesAreNoPlugins) {
  for (const char *name : {"", ".so", "transport.so", "transport-.so", "transport-x",
                           "transport-x.so.1", "libtransport-x.so", "probe-x.so", "format-X.so",
                           "format--x.so", "format-a/b.so", "format-a b.so"}) {
    EXPECT_EQ(parse_plugin_file(name), std::nullopt) << name;
  }
}

TEST(PluginName, IdIsNoPath) {
  EXPECT_TRUE(valid_plugin_id("f1"));
  EXPECT_FALSE(valid_plugin_id("../f1"));
  EXPECT_FALSE(valid_plugin_id("/f1"));
  EXPECT_FALSE(valid_plugin_id("f1\n"));
}

TEST(PluginName, IdHasARule) {
  EXPECT_FALSE(valid_plugin_id(""));
  EXPECT_FALSE(valid_plugin_id("-x"));
  EXPECT_TRUE(valid_plugin_id("9_-"));
  EXPECT_TRUE(valid_plugin_id(std::string(64, 'a')));
  EXPECT_FALSE(valid_plugin_id(std::string(65, 'a')));
}

TEST(PluginName, KindsAreNamedByNumber) {
  EXPECT_EQ(kind_name(std::uint32_t{FLASHHOST_KIND_FAMILY}), "family");
  EXPECT_EQ(kind_name(77U), "kind 77");
}

}  // namespace
}  // namespace flashhost
