#include "thrown.hpp"
#include "zip_maker.hpp"

#include <family-flm/pack.hpp>
#include <family-flm/pdsc.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace flashhost::flm {
namespace {

using bench::text_and_hint_of;
using bench::text_of;
using test::ZipMaker;
using ::testing::HasSubstr;

std::string text(const Bytes &bytes) {
  return {bytes.begin(), bytes.end()};
}

std::string opening(const ZipMaker &zip) {
  const Bytes bytes = zip.make();
  return text_of(Errc::image, [&] { return Pack(bytes); });
}

// What reading a file of the pack gives, or its error.
std::string read(const ZipMaker &zip, const std::string &path, std::size_t limit = 1000) {
  const Bytes bytes = zip.make();
  const Pack pack(bytes);
  try {
    return text(pack.read(path, limit));
  } catch (const Error &error) {
    EXPECT_EQ(error.code(), Errc::image);
    return error.what();
  }
}

ZipMaker with_pdsc() {
  ZipMaker zip;
  zip.add("A.pdsc", "description");
  return zip;
}

TEST(Pack, the_description_in_the_root_counts) {
  ZipMaker zip;
  zip.add("examples/B.pdsc", "no").add("./A.PDSC", "description").add("__MACOSX/A.pdsc", "no");
  const Bytes bytes = zip.make();
  const Pack pack(bytes);
  EXPECT_EQ(pack.pdsc_path(), "A.PDSC");
  EXPECT_EQ(text(pack.pdsc()), "description");
}

TEST(Pack, paths_start_from_the_folder_of_the_description) {
  ZipMaker zip;
  zip.add("Vendor.DFP/A.pdsc", "d").add("Vendor.DFP/Flash/a.FLM", "inside").add("b.FLM", "above");
  EXPECT_EQ(read(zip, "Flash/a.FLM"), "inside");
  EXPECT_EQ(read(zip, "../b.FLM"), "above");
  EXPECT_EQ(read(zip, "b.FLM"), "it has no file 'Vendor.DFP/b.FLM'");
}

TEST(Pack, no_or_several_descriptions) {
  EXPECT_EQ(opening(ZipMaker().add("A.pdsc.txt", "")),
            "it has no description of its chips (.pdsc)");
  EXPECT_EQ(opening(ZipMaker().add(".pdsc", "")), "it has no description of its chips (.pdsc)");
  EXPECT_EQ(opening(ZipMaker().add("a/A.pdsc", "").add("b/B.pdsc", "")),
            "it has several descriptions of its chips: a/A.pdsc, b/B.pdsc");
}

TEST(Pack, paths_may_be_written_in_other_ways) {
  ZipMaker zip = with_pdsc();
  zip.add("Flash/a.FLM", "flash").add("Windows\\b.FLM", "from Windows");
  for (const char *path : {"Flash/a.FLM", "Flash\\a.FLM", "./Flash//a.FLM", "x/../Flash/a.FLM",
                           "FLASH\\A.flm", "\\Flash\\a.FLM"}) {
    EXPECT_EQ(read(zip, path), "flash") << path;
  }
  EXPECT_EQ(read(zip, "Windows/b.FLM"), "from Windows");
}

TEST(Pack, the_right_case_counts_first) {
  ZipMaker zip = with_pdsc();
  zip.add("a.FLM", "small").add("A.FLM", "large");
  EXPECT_EQ(read(zip, "A.FLM"), "large");
  EXPECT_EQ(read(zip, "a.FLM"), "small");
  EXPECT_EQ(read(zip, "a.flm"), "it has 2 files 'a.flm'");
}

TEST(Pack, a_file_that_is_there_twice) {
  ZipMaker zip = with_pdsc();
  zip.add("a.FLM", "one").add("b/../a.FLM", "two");
  EXPECT_EQ(read(zip, "a.FLM"), "it has 2 files 'a.FLM'");
}

TEST(Pack, paths_that_lead_outside) {
  ZipMaker zip = with_pdsc();
  zip.add("../a.FLM", "outside");
  EXPECT_EQ(read(zip, "../a.FLM"), "the path '../a.FLM' leads out of the pack");
  EXPECT_THAT(read(zip, "a\\..\\..\\a.FLM"), HasSubstr("leads out of the pack"));
  EXPECT_EQ(read(zip, "a.FLM"), "it has no file 'a.FLM'");
}

TEST(Pack, files_are_unpacked) {
  ZipMaker zip = with_pdsc();
  zip.add({.name = "a", .content = Bytes(500, 'a'), .deflate = true});
  EXPECT_EQ(read(zip, "a"), std::string(500, 'a'));
}

TEST(Pack, what_is_larger_than_allowed_is_refused_whatever_the_archive_says) {
  ZipMaker zip = with_pdsc();
  zip.add({.name = "bomb", .content = Bytes(1'000'000, 0), .deflate = true});
  zip.add({.name = "liar", .content = Bytes(1'000'000, 0), .deflate = true, .claimed = 10});
  zip.add({.name = "just", .content = Bytes(1000, 'x'), .deflate = true});
  EXPECT_EQ(read(zip, "bomb"), "its file 'bomb' is larger than 1000 bytes, which is refused");
  EXPECT_EQ(read(zip, "liar").substr(0, 16), "its file 'liar' ");
  EXPECT_EQ(read(zip, "just").size(), 1000U);
}

TEST(Pack, the_description_is_limited) {
  ZipMaker zip;
  zip.add({.name = "A.pdsc", .content = Bytes(Pdsc::max_size + 1, ' '), .deflate = true});
  const Bytes bytes = zip.make();
  const Pack pack(bytes);
  EXPECT_EQ(text_of(Errc::image, [&] { return pack.pdsc(); }),
            "its file 'A.pdsc' is larger than 16 MiB, which is refused");
}

TEST(Pack, damaged_and_encrypted_files) {
  ZipMaker zip = with_pdsc();
  zip.add({.name = "crc", .content = Bytes(100, 1), .crc_error = 1});
  zip.add({.name = "encrypted", .content = Bytes(100, 1), .flags = 1});
  zip.add({.name = "method", .content = Bytes(100, 1), .method = 12});
  EXPECT_EQ(read(zip, "crc"), "its file 'crc' cannot be read: CRC error");
  EXPECT_EQ(read(zip, "encrypted"), "its file 'encrypted' is encrypted");
  EXPECT_EQ(read(zip, "method"), "its file 'method' is compressed by method 12, not by deflate");
}

TEST(Pack, what_is_no_archive) {
  EXPECT_EQ(
      text_and_hint_of(Errc::image, [] { return Pack(Bytes(100, 7)); }),
      "it is no zip archive: Not a zip archive | The pack is damaged, or no CMSIS pack: get it "
      "again.");
  EXPECT_EQ(text_of(Errc::image, [] { return Pack({}); }),
            "it has no description of its chips (.pdsc)");
}

TEST(Pack, cut_off_at_any_place_it_is_refused) {
  const Bytes file = with_pdsc().make();
  for (std::size_t size = 0; size < file.size(); ++size) {
    const std::span<const std::uint8_t> part(file.data(), size);
    EXPECT_THROW(static_cast<void>(Pack(part).pdsc()), Error) << size;
  }
}

TEST(CleanPath, without_dots_and_empty_parts) {
  EXPECT_EQ(clean_path("a/./b//c/../d"), "a/b/d");
  EXPECT_EQ(clean_path("a\\b"), "a/b");
  EXPECT_EQ(clean_path("/"), "");
  EXPECT_EQ(clean_path("a/../.."), std::nullopt);
}

}  // namespace
}  // namespace flashhost::flm
