#include "app/console.hpp"

#include "hosts.hpp"
#include "screen.hpp"

#include <gmock/gmock.h>

namespace flashhost {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(ProgressBar, ShowsShareAndAmount) {
  EXPECT_EQ(progress_bar("programming", 32 * 1024, 64 * 1024, 60),
            "programming [###########...........]  50%  32.0 of 64.0 KiB");
}

TEST(ProgressBar, IsFullAtTheEndAndNeverMore) {
  EXPECT_THAT(progress_bar("p", 10, 10, 80),
              HasSubstr("[########################################] 100%"));
  EXPECT_THAT(progress_bar("p", 11, 10, 80), HasSubstr(" 100%"));
}

TEST(ProgressBar, FitsIntoEveryTerminal) {
  for (unsigned columns = 0; columns < 120; ++columns) {
    EXPECT_LE(progress_bar("erasing and programming", 12345, 67890, columns).size(), columns);
    EXPECT_LE(progress_bar("looking", 0, 0, columns).size(), columns);
  }
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
  EXPECT_EQ(screen.text(), "\r\x1b[Ka\\x1b[2J\\u{9b} ...");
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
