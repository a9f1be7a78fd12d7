#include "flash_storage.hpp"

#include "sim_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <string>

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

TEST_F(FlashStorageTest, AFolderIsNoStateFile) {
  const Error error = error_of([&] { (void)open_flash(folder_.path(), "", size); });
  EXPECT_EQ(error.code(), Errc::config);
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
