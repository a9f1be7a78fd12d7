// docs/failures.md, section 29: stopped at some moment, and completed by the next run.
#include "board.hpp"

#include <gmock/gmock.h>

#include <csignal>
#include <filesystem>

namespace flashhost::testing {
namespace {

using ::testing::HasSubstr;

class Interrupted : public Board {
 protected:
  Interrupted() {
    put(0, firmware(128 * 1024, 1));
    image(0, firmware(100 * 1024 + 333, 2));  // the last sector keeps bytes of the old firmware
    image(110 * 1024 + 100, firmware(50, 3));
  }

  // Sends a signal when the program says that it has programmed `after` bytes.
  Outcome signalled(int signal, std::uint64_t after) {
    bool sent = false;
    return run_watched(command({"--json"}), environment(), [&](const std::string &line, pid_t pid) {
      const auto key = line.find("\"done_bytes\":");
      if (sent || key == std::string::npos || std::stoull(line.substr(key + 13)) < after) return;
      sent = true;
      ::kill(pid, signal);
    });
  }
};

TEST_F(Interrupted, BySignalItStopsSafelyAndTheNextRunCompletes) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    const Outcome outcome = signalled(signal, 20'000);
    EXPECT_EQ(outcome.exit_code, 130) << outcome.err;
  }
  EXPECT_NE(flash(), wanted());
  const Outcome second = flashhost();
  expect_done(second);
  EXPECT_THAT(second.err, HasSubstr("an earlier run on this chip was interrupted"));
}

TEST_F(Interrupted, ByKillTheNextRunCompletesAndKeepsWhatWasToBeKept) {
  for (const std::uint64_t after : {1ULL, 30'000ULL, 30'000ULL, 20'000ULL}) {
    const Outcome outcome = signalled(SIGKILL, after);
    EXPECT_EQ(outcome.exit_code, 128 + SIGKILL) << outcome.err;
  }
  expect_done(flashhost());
}

TEST_F(Interrupted, TheVectorsAreTheLastToBeWritten) {
  const Outcome outcome = signalled(SIGKILL, 60'000);
  EXPECT_EQ(outcome.exit_code, 128 + SIGKILL) << outcome.err;
  const Bytes now = flash();
  EXPECT_EQ(Bytes(now.begin(), now.begin() + 8), Bytes(8, 0xFF))
      << "a half-written board must not boot";
}

TEST_F(Interrupted, TheJournalIsGoneAfterASuccess) {
  expect_done(flashhost());
  for (const auto &entry :
       std::filesystem::directory_iterator(directory.path() / "state" / "flashhost")) {
    EXPECT_NE(entry.path().extension(), ".journal");
  }
}

TEST_F(Interrupted, PlanSaysWhatTheNextRunWillComplete) {
  const Outcome before = flashhost({"plan"});
  const Outcome killed = signalled(SIGKILL, 60'000);
  EXPECT_EQ(killed.exit_code, 128 + SIGKILL) << killed.err;
  const Bytes half = flash();
  for (const bool fast : {false, true}) {
    std::vector<std::string> words = {"plan"};
    if (fast) words.emplace_back("--fast");
    const Outcome plan = flashhost(words);
    EXPECT_EQ(plan.exit_code, 0) << plan.err;
    EXPECT_THAT(plan.err, HasSubstr("an earlier run on this chip was interrupted while it was at "
                                    "102 sectors: the next run completes it, with the bytes that "
                                    "it was to keep from the journal"));
    EXPECT_THAT(plan.out, HasSubstr("keep what the image does not cover"));
    EXPECT_NE(plan.out, before.out);
    EXPECT_TRUE(flash() == half) << "plan wrote to the flash";
  }
  EXPECT_THAT(flashhost({"plan", "--discard-journal"}).err,
              ::testing::Not(HasSubstr("interrupted")));
  expect_done(flashhost());
  EXPECT_THAT(flashhost({"plan"}).err, ::testing::Not(HasSubstr("interrupted")));
}

}  // namespace
}  // namespace flashhost::testing
