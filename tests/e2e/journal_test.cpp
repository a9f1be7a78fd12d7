// What an interrupted run was to keep: never lost, never given to another board (docs/journal.md).
#include "board.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace flashhost::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

class AfterAKill : public Board {
 protected:
  AfterAKill() {
    put(0, firmware(128 * 1024, 1));
    image(0, firmware(100 * 1024 + 333, 2));  // the last sector keeps bytes of the old firmware
    image(110 * 1024 + 100, firmware(50, 3));
  }

  // Killed when all but the last sectors are programmed; the boot sector still is blank.
  void kill_a_run() {
    bool sent = false;
    const Outcome outcome =
        run_watched(command({"--json"}), environment(), [&](const std::string &line, pid_t pid) {
          const auto key = line.find("\"done_bytes\":");
          if (sent || key == std::string::npos || std::stoull(line.substr(key + 13)) < 60'000)
            return;
          sent = true;
          ::kill(pid, SIGKILL);
        });
    ASSERT_EQ(outcome.exit_code, 128 + SIGKILL) << outcome.err;
    half_ = flash();
    ASSERT_FALSE(journal().empty());
  }

  [[nodiscard]] fs::path journal() const {
    for (const auto &entry : fs::directory_iterator(directory.path() / "state" / "flashhost")) {
      if (entry.path().extension() == ".journal") return entry.path();
    }
    return {};
  }
  [[nodiscard]] static std::string read(const fs::path &file) {
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  void write(const Bytes &content) const {
    std::ofstream(directory.path() / "flash.bin", std::ios::binary)
        << std::string(content.begin(), content.end());
  }
  void expect_refused(const Outcome &outcome, int code) const {
    EXPECT_EQ(outcome.exit_code, code) << outcome.err;
    EXPECT_TRUE(flash() == half_) << "the flash was changed";
  }

  Bytes half_;
};

TEST_F(AfterAKill, AJournalThatCannotBeReadIsNotTakenForNone) {
  ASSERT_NO_FATAL_FAILURE(kill_a_run());
  const fs::path file = journal();
  const fs::path aside = directory.path() / "aside";
  fs::rename(file, aside);
  fs::create_symlink(file, file);  // a link to itself
  expect_refused(flashhost(), 2);
  EXPECT_TRUE(fs::is_symlink(file));
  fs::remove(file);
  fs::create_symlink(aside, file);
  expect_refused(flashhost(), 2);
  fs::remove(file);
  fs::create_directory(file);
  expect_refused(flashhost(), 2);
  fs::remove(file);
  ASSERT_EQ(::mkfifo(file.c_str(), 0600), 0);
  const Outcome pipe = flashhost();
  expect_refused(pipe, 2);
  EXPECT_THAT(pipe.err, HasSubstr("it is a pipe, not a file"));
  fs::remove(file);
  fs::rename(aside, file);
  expect_done(flashhost());
}

TEST_F(AfterAKill, PipesUnderTheOtherNamesDoNotHangIt) {
  ASSERT_NO_FATAL_FAILURE(kill_a_run());
  ASSERT_EQ(::mkfifo((journal().string() + ".new").c_str(), 0600), 0);
  expect_done(flashhost());
}

TEST_F(AfterAKill, ADamagedJournalIsNamedAndNeverUsed) {
  ASSERT_NO_FATAL_FAILURE(kill_a_run());
  const fs::path file = journal();
  const std::string good = read(file);
  std::string bad = good;
  bad[bad.size() / 2] ^= 1;
  for (const std::string &text : {bad, good.substr(0, good.size() / 2), std::string(),
                                  std::string("{\"version\":1,\"sectors\":null}")}) {
    std::ofstream(file, std::ios::trunc) << text;
    const Outcome outcome = flashhost();
    expect_refused(outcome, 2);
    EXPECT_THAT(outcome.err, HasSubstr(file.string()));
    EXPECT_THAT(outcome.err, HasSubstr("--discard-journal"));
    EXPECT_THAT(outcome.err, Not(HasSubstr("exception")));
    EXPECT_EQ(read(file), text);
  }
  std::ofstream(file, std::ios::trunc) << good;
  expect_done(flashhost());
}

TEST_F(AfterAKill, ABlankBoardDoesNotGetTheBytesOfTheOther) {
  ASSERT_NO_FATAL_FAILURE(kill_a_run());
  const Bytes blank(flash_size, 0xFF);
  write(blank);
  const Outcome other = flashhost();
  EXPECT_EQ(other.exit_code, 6) << other.err;
  EXPECT_THAT(other.err, HasSubstr("nothing in this flash shows that it is of this board"));
  EXPECT_TRUE(flash() == blank);
  write(half_);
  expect_done(flashhost());
}

TEST_F(AfterAKill, WithoutPreserveTheOtherSectorsStayAsTheyWere) {
  ASSERT_NO_FATAL_FAILURE(kill_a_run());
  flash_options = "preserve = false\n";
  const Outcome outcome = flashhost({"flash"});
  // The images' own sectors need not keep anything now; the one that holds neither must.
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  const Bytes found = flash();
  const Bytes expected = wanted();
  EXPECT_TRUE(std::equal(found.begin() + 111 * 1024, found.end(), expected.begin() + 111 * 1024));
  EXPECT_TRUE(found == expected) << "what the interrupted run was to keep came back, too";
}

TEST_F(AfterAKill, AnotherImageWithoutPreserveLeavesWhatTheInterruptedOneWasToKeep) {
  ASSERT_NO_FATAL_FAILURE(kill_a_run());
  flash_options = "preserve = false\n";
  const fs::path other = directory.path() / "other.hex";
  std::ofstream(other) << ":020000040801F1\n:10800000000102030405060708090A0B0C0D0E0FF8\n"
                          ":00000001FF\n";  // at 0x08018000, in the middle of the first image
  const Outcome outcome = flashhost({"flash", other.string()});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  const Bytes found = flash();
  const Bytes expected = wanted();
  const auto same = [&](std::ptrdiff_t from, std::ptrdiff_t to) {
    return std::equal(found.begin() + from, found.begin() + to, expected.begin() + from);
  };
  EXPECT_TRUE(same(100 * 1024 + 333, 110 * 1024 + 100)) << "bytes around the first image";
  EXPECT_TRUE(same(110 * 1024 + 150, 128 * 1024)) << "bytes around the second";
}

TEST_F(AfterAKill, ASmallerFlashThanTheJournalKnowsIsNamed) {
  ASSERT_NO_FATAL_FAILURE(kill_a_run());
  const fs::path other = directory.path() / "other.hex";
  std::ofstream(other) << ":020000040800F2\n:10400000000102030405060708090A0B0C0D0E0F38\n"
                          ":00000001FF\n";
  family = "flash_size = \"64K\"\n";
  const Outcome outcome = flashhost({"flash", other.string()});
  expect_refused(outcome, 6);
  EXPECT_THAT(outcome.err, HasSubstr("has no such sector here"));
  EXPECT_THAT(outcome.err, HasSubstr("family.flash_size"));
  family.clear();
  expect_done(flashhost());
}

TEST_F(AfterAKill, DiscardingSaysWhatIsDeleted) {
  ASSERT_NO_FATAL_FAILURE(kill_a_run());
  const Outcome outcome = flashhost({"--discard-journal"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("--discard-journal: the bytes saved by an interrupted "
                                     "run are deleted: 2 KiB in 2 sectors "
                                     "(0x08019000..0x080193ff, 0x0801b800..0x0801bbff)"));
  EXPECT_TRUE(journal().empty());
}

TEST_F(AfterAKill, TheUserMaySayThatABlankBoardIsTheOne) {
  ASSERT_NO_FATAL_FAILURE(kill_a_run());
  write(Bytes(flash_size, 0xFF));
  EXPECT_EQ(flashhost().exit_code, 6);
  const Outcome outcome = flashhost({"--use-journal"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  const Bytes found = flash();
  const Bytes expected = wanted();
  EXPECT_TRUE(std::equal(found.begin(), found.begin() + 101 * 1024, expected.begin()));
  EXPECT_TRUE(journal().empty());
}

TEST_F(AfterAKill, ARelativeHomeIsRefused) {
  const Outcome outcome = flashhost({}, {{"XDG_STATE_HOME", ""}, {"HOME", "here"}});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("HOME is \"here\", which is no absolute path"));
  EXPECT_FALSE(fs::exists("here"));
}

}  // namespace
}  // namespace flashhost::testing
