#include "app/console.hpp"

#include <gmock/gmock.h>

#include <vector>

namespace flashhost {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class RecordingHost final : public Host {
 public:
  void log(Level, std::string_view text) noexcept override { lines.emplace_back(text); }
  [[nodiscard]] bool enabled(Level level) const noexcept override { return level >= Level::info; }

  std::vector<std::string> lines;
};

// What was written to a file of our own.
class Screen {
 public:
  Screen() : file_(::open_memstream(&text_, &size_)) {}
  ~Screen() {
    std::fclose(file_);
    std::free(text_);
  }
  Screen(const Screen &) = delete;
  Screen &operator=(const Screen &) = delete;

  [[nodiscard]] std::FILE *file() const { return file_; }
  [[nodiscard]] std::string text() const {
    std::fflush(file_);
    return {text_, size_};
  }

 private:
  char *text_ = nullptr;
  std::size_t size_ = 0;
  std::FILE *file_;
};

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
  RecordingHost host;
  const Screen screen;
  Console console(host, screen.file(), Console::Style::lines);
  console.step("connecting", 0);
  console.step("programming", 2048);
  console.progress(1024);
  EXPECT_EQ(screen.text(), "connecting\nprogramming 2 KiB\n");
}

TEST(Console, TakesTheBarOffBeforeAMessage) {
  RecordingHost host;
  const Screen screen;
  Console console(host, screen.file(), Console::Style::bar);
  console.step("programming", 2048);
  console.message(Level::warning, "one\ntwo");
  EXPECT_THAT(screen.text(), EndsWith("\r\x1b[K"));
  EXPECT_THAT(host.lines, ElementsAre("one", "two"));
}

TEST(Console, LeavesTheBarAloneForMessagesThatNobodySees) {
  RecordingHost host;
  const Screen screen;
  Console console(host, screen.file(), Console::Style::bar);
  console.step("programming", 2048);
  const std::string before = screen.text();
  console.message(Level::debug, "detail");
  EXPECT_EQ(screen.text(), before);
  EXPECT_TRUE(host.lines.empty());
}

TEST(Console, IsSilentWhenAsked) {
  RecordingHost host;
  const Screen screen;
  Console console(host, screen.file(), Console::Style::silent);
  console.step("programming", 2048);
  console.progress(2048);
  EXPECT_EQ(screen.text(), "");
}

}  // namespace
}  // namespace flashhost
