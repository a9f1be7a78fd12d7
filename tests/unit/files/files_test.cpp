#include <config/support.hpp>
#include <files/files.hpp>
#include <files/sha256.hpp>
#include <sys/stat.h>

namespace flashhost::files {
namespace {

namespace test = config::test;
using test::error_of;

TEST(ReadFile, gives_every_byte) {
  const test::Folder folder;
  const std::string text("a\0b\r\n\xFF", 6);
  EXPECT_EQ(read_file(folder.write("f", text), 6, Errc::image), Bytes(text.begin(), text.end()));
  EXPECT_EQ(read_file(folder.write("empty", ""), 0, Errc::image), Bytes());
}

TEST(ReadFile, follows_a_link_to_a_file) {
  const test::Folder folder;
  std::filesystem::create_symlink(folder.write("f", "x"), folder.path() / "link");
  EXPECT_EQ(read_file(folder.path() / "link", 10, Errc::image), Bytes{'x'});
}

TEST(ReadFile, refuses_a_byte_too_many) {
  const test::Folder folder;
  const auto file = folder.write("f", "1234567");
  EXPECT_EQ(error_of(Errc::image, [&] { return read_file(file, 6, Errc::image); }),
            file.string() + " has 7 bytes; at most 6 bytes are read");
}

TEST(ReadFile, never_waits_for_a_pipe_or_reads_a_device) {
  const test::Folder folder;
  const auto pipe = folder.path() / "pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_EQ(error_of(Errc::image, [&] { return read_file(pipe, 10, Errc::image); }),
            "cannot read " + pipe.string() + ": it is a pipe, not a file");
  EXPECT_EQ(error_of(Errc::image, [] { return read_file("/dev/zero", 10, Errc::image); }),
            "cannot read /dev/zero: it is a device, not a file");
  std::filesystem::create_symlink("/dev/zero", folder.path() / "zero");
  EXPECT_EQ(
      error_of(Errc::image, [&] { return read_file(folder.path() / "zero", 10, Errc::image); }),
      "cannot read " + (folder.path() / "zero").string() + ": it is a device, not a file");
}

TEST(ReadFile, bounds_a_file_whose_size_is_not_known_before) {
  EXPECT_FALSE(read_file("/proc/self/maps", std::size_t{1} << 20, Errc::image).empty());
  EXPECT_EQ(error_of(Errc::image, [] { return read_file("/proc/self/maps", 20, Errc::image); }),
            "/proc/self/maps has more than 20 bytes; at most 20 bytes are read");
}

TEST(ReadFile, names_what_is_missing) {
  EXPECT_EQ(error_of(Errc::image, [] { return read_file("/none/app.hex", 10, Errc::image); }),
            "cannot read /none/app.hex: No such file or directory");
}

TEST(Sha256, agrees_with_the_published_examples) {
  const std::string abc = "abc";
  EXPECT_EQ(sha256({}), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256({reinterpret_cast<const std::uint8_t *>(abc.data()), abc.size()}),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256(Bytes(1'000'000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

}  // namespace
}  // namespace flashhost::files
