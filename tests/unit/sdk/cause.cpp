#include <flashhost/error.hpp>

#include <gtest/gtest.h>

#include <algorithm>

namespace {

using namespace flashhost;

TEST(WhereToRead, NamesTheSectionOfTheFailureGuide) {
  EXPECT_EQ(where_to_read(Cause::slow_flash),
            "See \"Slow flash\" in the failure guide (failures.md).");
  EXPECT_EQ(with_page("it is slow", Cause::slow_flash),
            "it is slow (failure guide, \"Slow flash\")");
  EXPECT_EQ(where_to_read(""), "");
}

TEST(WhereToRead, NamesThePluginWhoseDocumentationHasTheSection) {
  EXPECT_EQ(where_to_read("acme/fuse bits"),
            "See \"fuse bits\" in the documentation of the plugin acme.");
  EXPECT_EQ(with_page("it is fused", "acme/fuse bits"),
            "it is fused (documentation of the plugin acme, \"fuse bits\")");
  EXPECT_EQ(where_to_read("fuse bits"), "See \"fuse bits\" in the documentation of the plugin.");
}

TEST(WhereToRead, NoTwoSectionsHaveTheSameKey) {
  for (const GuideSection &section : guide_sections()) {
    EXPECT_EQ(std::ranges::count(guide_sections(), section.key, &GuideSection::key), 1)
        << section.key;
    EXPECT_EQ(title(section.key), section.title);
  }
}

TEST(ErrorsKey, BelongsToTheErrorAndTheFirstOneStays) {
  std::string key = "a key that is too long for the inside of a string";
  const Error error = Error(Errc::flash, "it failed", "Try again.").see(key);
  key.assign(key.size(), '-');
  EXPECT_EQ(error.see(Cause::bad_ram).in("here").cause(),
            "a key that is too long for the inside of a string");
}

}  // namespace
