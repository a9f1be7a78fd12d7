// The read verb: any memory into a file, which is there whole or not at all.
#include "board.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

namespace flashhost::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class Read : public Board {
 protected:
  Read() { put(0, firmware(10'001, 1)); }

  [[nodiscard]] std::string path(const std::string &name) const {
    return (directory.path() / name).string();
  }
  [[nodiscard]] Bytes content(const std::string &name) const {
    std::ifstream stream(path(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  [[nodiscard]] Bytes part(std::size_t offset, std::size_t size) const {
    const Bytes all = wanted();
    const auto first = all.begin() + static_cast<std::ptrdiff_t>(offset);
    return {first, first + static_cast<std::ptrdiff_t>(size)};
  }
  // Neither the file nor anything half of it.
  void expect_nothing_written(const std::string &name) const {
    for (const auto &entry : std::filesystem::directory_iterator(directory.path())) {
      EXPECT_THAT(entry.path().filename().string(), ::testing::Not(StartsWith(name)));
    }
  }
};

TEST_F(Read, TakesTheWholeFlashWhenNoRangeIsGiven) {
  const Outcome outcome = flashhost({"read", "-o", path("dump.bin")});
  expect_untouched(outcome, 0);
  EXPECT_EQ(content("dump.bin"), wanted());
  EXPECT_THAT(outcome.err,
              HasSubstr("128 KiB at 0x08000000 read into " + path("dump.bin") + " (bin) in "));
}

TEST_F(Read, NeverWritesOverTheBoardFileInUse) {
  const std::string same = "../" + directory.path().filename().string() + "/board.toml";
  for (const std::string &name : {std::string("board.toml"), same}) {
    const Outcome outcome = flashhost({"read", "-o", path(name)});
    expect_untouched(outcome, 2);
    EXPECT_THAT(outcome.err, HasSubstr("is the board file in use"));
  }
  const Bytes board = content("board.toml");
  EXPECT_THAT(std::string(board.begin(), board.end()), StartsWith("[transport]"));
}

TEST_F(Read, TakesARangeThatStartsAndEndsAnywhere) {
  const Outcome outcome =
      flashhost({"read", "--range", "0x08000003:5001", "--output", path("dump")});
  expect_untouched(outcome, 0);
  EXPECT_EQ(content("dump"), part(3, 5001));
  EXPECT_THAT(outcome.err, HasSubstr("(raw binary)"));
}

TEST_F(Read, UnderstandsSizesAsTheBoardFileDoes) {
  for (const char *size : {"2K", "2KiB", "2048", "0x800"}) {
    const Outcome outcome =
        flashhost({"read", "--range", std::string("134218752:") + size, "-o", path("dump.bin")});
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_EQ(content("dump.bin"), part(1024, 2048));
  }
}

TEST_F(Read, WritesIntelHexWhenTheExtensionSaysSo) {
  for (const char *name : {"dump.hex", "dump.ihex", "dump.IHX"}) {
    const Outcome outcome = flashhost({"read", "--range", "0x08000000:9999", "-o", path(name)});
    expect_untouched(outcome, 0);
    EXPECT_THAT(outcome.err, HasSubstr("(ihex)"));
    const Bytes bytes = content(name);
    EXPECT_THAT(std::string(bytes.begin(), bytes.end()), StartsWith(":020000040800F2\n:10000000"));
    EXPECT_EQ(flashhost({"verify", path(name)}).exit_code, 0);
  }
}

TEST_F(Read, WritesSRecordsWhenTheExtensionSaysSo) {
  const Outcome outcome = flashhost({"read", "--range", "0x08000000:9999", "-o", path("dump.s37")});
  expect_untouched(outcome, 0);
  EXPECT_THAT(outcome.err, HasSubstr("(srec)"));
  const Bytes bytes = content("dump.s37");
  EXPECT_THAT(std::string(bytes.begin(), bytes.end()),
              StartsWith("S00600004844521B\nS31508000000"));
  EXPECT_EQ(flashhost({"verify", path("dump.s37")}).exit_code, 0);
}

TEST_F(Read, GivesRawBytesToStandardOutput) {
  const Outcome outcome = flashhost({"read", "--range", "0x08000000:5000", "-o", "-"});
  expect_untouched(outcome, 0);
  EXPECT_EQ(Bytes(outcome.out.begin(), outcome.out.end()), part(0, 5000));
}

TEST_F(Read, ReadsRamAndOptionBytesToo) {
  EXPECT_EQ(flashhost({"read", "--range", "0x20000000:20K", "-o", path("ram.bin")}).exit_code, 0);
  EXPECT_EQ(content("ram.bin").size(), 20U * 1024);
  EXPECT_EQ(flashhost({"read", "--range", "0x1FFFF800:16", "-o", path("options.bin")}).exit_code,
            0);
  EXPECT_EQ(content("options.bin").front(), 0xA5) << "RDP";
}

TEST_F(Read, ReadsTheSameAfterAResetWhenItMayBeFast) {
  const Outcome outcome = flashhost({"read", "--fast", "-o", path("dump.bin")});
  expect_untouched(outcome, 0);
  EXPECT_EQ(content("dump.bin"), wanted());
}

TEST_F(Read, NamesTheAddressWhereNothingAnswersAndLeavesNoHalfFile) {
  const Outcome outcome = flashhost({"read", "--range", "0x20004000:32K", "-o", path("dump.bin")});
  expect_untouched(outcome, 6);
  EXPECT_THAT(outcome.err, HasSubstr("0x20005000"));
  expect_nothing_written("dump.bin");
}

TEST_F(Read, KeepsAnOlderFileWhenItFails) {
  std::ofstream(path("dump.bin")) << "old";
  const Outcome outcome = flashhost({"read", "--range", "0x60000000:16", "-o", path("dump.bin")});
  EXPECT_EQ(outcome.exit_code, 6) << outcome.err;
  EXPECT_EQ(content("dump.bin"), (Bytes{'o', 'l', 'd'}));
}

TEST_F(Read, ReplacesAnOlderFileAndKeepsItsModeAndTheLinkToIt) {
  std::ofstream(path("dump.bin")) << "old";
  std::filesystem::permissions(path("dump.bin"), std::filesystem::perms::owner_all);
  std::filesystem::create_symlink("dump.bin", path("link.bin"));
  const Outcome outcome = flashhost({"read", "--range", "0x08000000:16", "-o", path("link.bin")});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(content("dump.bin"), part(0, 16));
  EXPECT_TRUE(std::filesystem::is_symlink(path("link.bin")));
  EXPECT_EQ(std::filesystem::status(path("dump.bin")).permissions(),
            std::filesystem::perms::owner_all);
}

TEST_F(Read, NamesReadProtection) {
  settings += "faults = [\"read_protected\"]\n";
  const Outcome outcome = flashhost({"read", "-o", path("dump.bin")});
  expect_untouched(outcome, 7);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("cannot be read"), HasSubstr("read protection is on")));
  expect_nothing_written("dump.bin");
}

TEST_F(Read, RefusesAPlaceThatCannotBeWrittenBeforeItConnects) {
  for (const std::string &place :
       {path("no/such/folder/dump.bin"), path(""), std::string("/dev/null")}) {
    const Outcome outcome = flashhost({"read", "-o", place, "--set", "transport.serial=none"});
    EXPECT_EQ(outcome.exit_code, 2) << outcome.err;
    EXPECT_THAT(outcome.err, HasSubstr("cannot write " + place));
  }
}

TEST_F(Read, RefusesARangeThatWrapsAround) {
  const Outcome outcome = flashhost({"read", "--range", "0xFFFFFFF0:17", "-o", path("dump.bin")});
  EXPECT_EQ(outcome.exit_code, 2) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("reaches beyond the 32-bit address space"));
}

TEST_F(Read, SaysInJsonThatItIsDone) {
  const Outcome outcome =
      flashhost({"--json", "read", "--range", "0x08000000:16", "-o", path("dump.bin")});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, AllOf(HasSubstr(R"("event":"done")"), HasSubstr(R"("verb":"read")")));
}

// Whether a signal still waits for the process to take it.
bool is_pending(pid_t pid, int signal) {
  std::ifstream status(fmt::format("/proc/{}/status", pid));
  const std::string key = "ShdPnd:";
  for (std::string line; std::getline(status, line);) {
    if (!line.starts_with(key)) continue;
    return (std::stoull(line.substr(key.size()), nullptr, 16) >> (signal - 1) & 1) != 0;
  }
  return false;
}

TEST_F(Read, StopsOnASignalAndLeavesNoHalfFile) {
  chip = "STM32F429ZI";
  flash_size = 2048 * 1024;
  put(0, firmware(16, 1));
  bool sent = false;
  const Outcome outcome =
      run_watched(command({"--json", "read", "-o", path("dump.bin")}), environment(),
                  [&](const std::string &line, pid_t pid) {
                    if (sent || line.find("\"done_bytes\":") == std::string::npos) return;
                    sent = true;
                    ::kill(pid, SIGINT);
                    // Meanwhile it can write, and so read, only a little of what is left.
                    while (is_pending(pid, SIGINT)) std::this_thread::yield();
                  });
  EXPECT_EQ(outcome.exit_code, 130) << outcome.err;
  expect_nothing_written("dump.bin");
}

}  // namespace
}  // namespace flashhost::testing
