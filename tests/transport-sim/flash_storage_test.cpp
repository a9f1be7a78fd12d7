#include "flash_storage.hpp"

#include "regular_file.hpp"
#include "sim_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <string>
#include <utility>
#include <vector>

namespace flashhost::sim {
namespace {

using testing::AllOf;
using testing::Each;
using testing::HasSubstr;

constexpr std::uint32_t size = 64 * 1024;

class FlashStorageTest : public testing::Test {
 protected:
  TemporaryFolder folder_;
  std::string state_ = folder_.file("chip.flash");
};

TEST_F(FlashStorageTest, ANewStateFileIsErasedAndAsLargeAsTheFlash) {
  (void)open_flash(state_, "", size);
  const Bytes bytes = file_bytes(state_);
  EXPECT_EQ(bytes.size(), size);
  EXPECT_THAT(bytes, Each(0xFF));
}

TEST_F(FlashStorageTest, WithoutAStateFileThereIsANewFlashEachTime) {
  open_flash("", "", size)->cells()[0] = 1;
  EXPECT_EQ(open_flash("", "", size)->cells()[0], 0xFF);
}

TEST_F(FlashStorageTest, WhatWasProgrammedIsThereTheNextTime) {
  open_flash(state_, "", size)->cells()[1000] = 0x42;
  EXPECT_EQ(open_flash(state_, "", size)->cells()[1000], 0x42);
}

TEST_F(FlashStorageTest, TheFileHoldsEveryByteEvenWhenTheProcessIsKilled) {
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const auto flash = open_flash(state_, "", size);
    std::ranges::fill(flash->cells().first(100), std::uint8_t{0x5A});
    ::raise(SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  const auto flash = open_flash(state_, "", size);
  EXPECT_THAT(flash->cells().first(100), Each(0x5A));
  EXPECT_EQ(flash->cells()[100], 0xFF);
}

TEST_F(FlashStorageTest, AFileOfAnotherSizeIsRefusedNamingBothSizes) {
  write_file(state_, std::string(1000, 'x'));
  const Error error = error_of([&] { (void)open_flash(state_, "", size); });
  EXPECT_EQ(error.code(), Errc::config);
  EXPECT_THAT(error.what(), AllOf(HasSubstr(state_), HasSubstr("1000 bytes"), HasSubstr("64 KiB")));
  EXPECT_EQ(file_bytes(state_).size(), 1000U);
}

TEST_F(FlashStorageTest, AFileInUseIsRefusedUntilItIsClosed) {
  auto first = open_flash(state_, "", size);
  const Error error = error_of([&] { (void)open_flash(state_, "", size); });
  EXPECT_EQ(error.code(), Errc::probe);
  EXPECT_THAT(error.what(), AllOf(HasSubstr("in use by another program"), HasSubstr(state_)));
  first.reset();
  EXPECT_NO_THROW((void)open_flash(state_, "", size));
}

TEST_F(FlashStorageTest, AMissingFolderIsNamed) {
  const std::string file = folder_.file("nowhere/chip.flash");
  const Error error = error_of([&] { (void)open_flash(file, "", size); });
  EXPECT_EQ(error.code(), Errc::config);
  EXPECT_THAT(error.what(), AllOf(HasSubstr(file), HasSubstr("No such file")));
}

// What can stand at a name but is no file, and what it is called.
std::vector<std::pair<std::string, std::string>> what_is_no_file(const TemporaryFolder &folder) {
  EXPECT_EQ(::mkfifo(folder.file("pipe").c_str(), 0600), 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string name = folder.file("socket");
  EXPECT_LT(name.size(), sizeof address.sun_path);
  std::ranges::copy(name, address.sun_path);
  const int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
  EXPECT_EQ(::bind(socket, reinterpret_cast<const sockaddr *>(&address), sizeof address), 0);
  ::close(socket);
  std::filesystem::create_symlink(folder.path(), folder.file("link-to-folder"));
  return {{folder.path(), "a folder"},
          {folder.file("link-to-folder"), "a folder"},
          {folder.file("pipe"), "a pipe"},
          {name, "a socket"},
          {"/dev/zero", "a device"}};
}

TEST_F(FlashStorageTest, WhatIsNoFileIsRefusedAsStateFileByItsKind) {
  for (const auto &[file, kind] : what_is_no_file(folder_)) {
    const Error error = error_of([&] { (void)open_flash(file, "", size); });
    EXPECT_EQ(error.code(), Errc::config);
    EXPECT_EQ(std::string(error.what()),
              "transport sim: state_file " + file + " is " + kind + ", not a file");
  }
}

TEST_F(FlashStorageTest, WhatIsNoFileIsRefusedAsFirmwareByItsKind) {
  for (const auto &[file, kind] : what_is_no_file(folder_)) {
    const Error error = error_of([&] { (void)open_flash("", file, size); });
    EXPECT_EQ(error.code(), Errc::config);
    EXPECT_EQ(std::string(error.what()),
              "transport sim: firmware " + file + " is " + kind + ", not a file");
  }
}

TEST_F(FlashStorageTest, ALinkToNothingIsNeitherReadNorFilled) {
  std::filesystem::create_symlink(folder_.file("elsewhere"), folder_.file("link"));
  for (const bool as_state : {true, false}) {
    const Error error = error_of([&] {
      (void)open_flash(as_state ? folder_.file("link") : "", as_state ? "" : folder_.file("link"),
                       size);
    });
    EXPECT_THAT(error.what(), HasSubstr("link is a symbolic link to nothing"));
    EXPECT_THAT(error.hint(), HasSubstr("remove the link"));
  }
  EXPECT_FALSE(std::filesystem::exists(folder_.file("elsewhere")));
}

TEST_F(FlashStorageTest, LinksThatLeadInACircleAreNamedAsSuch) {
  std::filesystem::create_symlink("circle", folder_.file("circle"));
  for (const bool as_state : {true, false}) {
    const std::string circle = folder_.file("circle");
    const Error error =
        error_of([&] { (void)open_flash(as_state ? circle : "", as_state ? "" : circle, size); });
    EXPECT_THAT(error.what(), HasSubstr("cannot be opened: Too many levels of symbolic links"));
    EXPECT_THAT(error.hint(), HasSubstr("circle"));
  }
}

TEST_F(FlashStorageTest, AStateFileIsUsedThroughALink) {
  open_flash(state_, "", size)->cells()[0] = 0x42;
  std::filesystem::create_symlink(state_, folder_.file("link"));
  EXPECT_EQ(open_flash(folder_.file("link"), "", size)->cells()[0], 0x42);
}

TEST_F(FlashStorageTest, AStateFileMayHaveTheLongestNameThatThereIs) {
  const std::string file = folder_.file(std::string(255, 'x'));
  open_flash(file, "", size)->cells()[0] = 0x42;
  EXPECT_EQ(open_flash(file, "", size)->cells()[0], 0x42);
}

TEST_F(FlashStorageTest, TheRemedyFitsTheFailureOfTheCall) {
  const auto remedy = [](int number) {
    return error_of([&] { fail("state_file", "x", "cannot be opened", number); }).hint();
  };
  EXPECT_THAT(remedy(ENOENT), HasSubstr("Is the path right?"));
  EXPECT_THAT(remedy(EACCES), HasSubstr("forbids it"));
  EXPECT_THAT(remedy(EROFS), HasSubstr("for reading only"));
  EXPECT_THAT(remedy(ENOSPC), HasSubstr("Make room"));
  EXPECT_EQ(remedy(EIO), "");
}

TEST_F(FlashStorageTest, AFirmwareLargerThanAnyFlashIsNotReadWhole) {
  const std::string firmware = folder_.file("huge.bin");
  write_file(firmware, "x");
  std::filesystem::resize_file(firmware, std::uintmax_t{1} << 40);
  const Error error = error_of([&] { (void)open_flash("", firmware, size); });
  EXPECT_THAT(error.what(), HasSubstr("is too large: at most 8 MiB are read"));
}

TEST_F(FlashStorageTest, ANewFlashHoldsTheFirmwareOfARawBinary) {
  const std::string firmware = folder_.file("old.bin");
  write_file(firmware, "old firmware");
  const auto flash = open_flash("", firmware, size);
  const std::string start(flash->cells().begin(), flash->cells().begin() + 12);
  EXPECT_EQ(start, "old firmware");
  EXPECT_THAT(flash->cells().subspan(12), Each(0xFF));
}

TEST_F(FlashStorageTest, ANewFlashHoldsTheFirmwareOfAnIntelHexFile) {
  const std::string firmware = folder_.file("old.hex");
  write_file(firmware, ":020000040800F2\n:0400100001020304E2\n:00000001FF\n");
  const auto flash = open_flash(state_, firmware, size);
  EXPECT_EQ(flash->cells()[0x0F], 0xFF);
  EXPECT_EQ(flash->cells()[0x10], 1);
  EXPECT_EQ(flash->cells()[0x13], 4);
}

TEST_F(FlashStorageTest, AnOldStateFileKeepsItsContent) {
  const std::string firmware = folder_.file("old.bin");
  write_file(firmware, "old firmware");
  open_flash(state_, "", size)->cells()[0] = 0x42;
  EXPECT_EQ(open_flash(state_, firmware, size)->cells()[0], 0x42);
}

TEST_F(FlashStorageTest, AFirmwareThatIsMissingMalformedOrTooLargeIsRefusedAndLeavesNoFile) {
  const std::string firmware = folder_.file("old.hex");
  const auto message = [&] {
    const Error error = error_of([&] { (void)open_flash(state_, firmware, size); });
    EXPECT_EQ(error.code(), Errc::config);
    EXPECT_FALSE(std::filesystem::exists(state_));
    return std::string(error.what());
  };
  EXPECT_THAT(message(), AllOf(HasSubstr(firmware), HasSubstr("cannot be opened")));
  write_file(firmware, "");
  EXPECT_THAT(message(), HasSubstr("empty"));
  write_file(firmware, ":020000040800F2\n:0400100001020304E3\n:00000001FF\n");
  EXPECT_THAT(message(), HasSubstr("line 2"));
  write_file(firmware, ":020000040900F1\n:0400100001020304E2\n:00000001FF\n");
  EXPECT_THAT(message(), AllOf(HasSubstr("0x09000010"), HasSubstr("64 KiB")));
  write_file(firmware, std::string(size + 1, 'x'));
  EXPECT_THAT(message(), HasSubstr("do not fit"));
}

}  // namespace
}  // namespace flashhost::sim
