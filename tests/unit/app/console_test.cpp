#include "app/console.hpp"

#include "hosts.hpp"
#include "screen.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <chrono>

namespace flashhost {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

using namespace std::chrono_literals;

constexpr std::uint64_t kib = 1024;

TEST(ProgressBar, ShowsShareRateAndTimeLeft) {
  EXPECT_EQ(progress_bar({"programming", 32 * kib, 64 * kib, 2s}, 79),
            "programming             [############............]  50%  0:02 left     16 KiB/s");
}

TEST(ProgressBar, ShowsTheTimeThatHasPassedWhereThereIsNoMeasure) {
  EXPECT_EQ(progress_bar({"erasing", 0, 0, 75s}, 79),
            "erasing                 [                        ]       1:15                  ");
}

TEST(ProgressBar, IsAsWideAtEveryMomentOfEveryStep) {
  for (unsigned columns = 0; columns < 120; ++columns) {
    const std::string first = progress_bar({"connecting", 0, 0, 0s}, columns);
    EXPECT_LE(first.size(), columns);
    const auto place = first.find(']');
    for (const char *name : {"erasing and programming", "verifying"}) {
      for (const std::uint64_t total : {std::uint64_t{0}, 10 * kib, 4096 * kib}) {
        for (std::uint64_t done = 0; done <= 2 * total; done += 1 + total / 7) {
          for (const auto elapsed : {0ns, 1ns, 12'345'678'900ns, 100'000'000'000'000ns}) {
            const std::string bar = progress_bar({name, done, total, elapsed}, columns);
            EXPECT_EQ(bar.size(), first.size()) << bar;
            EXPECT_EQ(bar.find(']'), place) << bar;
          }
        }
      }
    }
  }
}

TEST(ProgressBar, IsFullAtTheEndAndNeverMore) {
  for (const std::uint64_t done : {10U, 11U}) {
    EXPECT_THAT(progress_bar({"p", done, 10, 1s}, 80),
                HasSubstr("[#########################] 100%  0:00 left"));
  }
}

TEST(ProgressBar, LeavesOutWhatANarrowScreenHasNoRoomFor) {
  EXPECT_EQ(progress_bar({"programming", 32 * kib, 64 * kib, 2s}, 52),
            "programming             [#####.....]  50%  0:02 left");
  EXPECT_EQ(progress_bar({"programming", 32 * kib, 64 * kib, 2s}, 30),
            "programming               50%");
  EXPECT_EQ(progress_bar({"programming", 32 * kib, 64 * kib, 2s}, 8), "programm");
}

TEST(Console, PrintsALinePerStepWithoutATerminal) {
  testing::RecordingHost host(Level::info);
  Screen screen;
  Console console(host, screen.stream(), Console::Style::lines);
  console.step("connecting", 0);
  console.step("programming", 2048);
  console.progress(1024);
  EXPECT_EQ(screen.text(), "connecting\nprogramming 2 KiB\n");
}

TEST(Console, TakesTheBarOffBeforeAMessage) {
  testing::RecordingHost host(Level::info);
  Screen screen;
  Console console(host, screen.stream(), Console::Style::bar);
  console.step("programming", 2048);
  console.message(Level::warning, "one\ntwo");
  EXPECT_THAT(screen.text(), EndsWith("\r\x1b[K"));
  EXPECT_THAT(host.texts(Level::warning), ElementsAre("one", "two"));
}

TEST(Console, LeavesTheBarAloneForMessagesThatNobodySees) {
  testing::RecordingHost host(Level::info);
  Screen screen;
  Console console(host, screen.stream(), Console::Style::bar);
  console.step("programming", 2048);
  const std::string before = screen.text();
  console.message(Level::debug, "detail");
  EXPECT_EQ(screen.text(), before);
  EXPECT_TRUE(host.lines.empty());
}

TEST(Console, DrawsNothingThatAStepsNameAsksFor) {
  testing::RecordingHost host(Level::info);
  Screen screen;
  Console console(host, screen.stream(), Console::Style::bar);
  console.step("a\x1b[2J\xc2\x9b", 0);
  EXPECT_THAT(screen.text(), StartsWith("\r\x1b[Ka\\x1b[2J\\u{9b} "));
  EXPECT_LT(screen.text().size(), 90U);
}

TEST(Console, GoesOnShowingTheTimeWhileNothingIsTold) {
  testing::RecordingHost host(Level::info);
  Screen screen;
  Console console(host, screen.stream(), Console::Style::bar);
  console.tick();
  EXPECT_EQ(screen.text(), "") << "there is no bar";
  console.step("erasing", 0);
  console.tick();
  EXPECT_THAT(screen.text(), Not(HasSubstr("0:01"))) << "not yet";
  const auto start = std::chrono::steady_clock::now();
  std::string shown;
  while (shown.find("0:01") == std::string::npos) {
    ASSERT_LT(std::chrono::steady_clock::now() - start, 60s);
    console.tick();
    shown = screen.text();
  }
  EXPECT_LT(std::count(shown.begin(), shown.end(), '\r'), 400) << "not with every call";
}

TEST(Console, IsSilentWhenAsked) {
  testing::RecordingHost host(Level::info);
  Screen screen;
  Console console(host, screen.stream(), Console::Style::silent);
  console.step("programming", 2048);
  console.progress(2048);
  EXPECT_EQ(screen.text(), "");
}

}  // namespace
}  // namespace flashhost
