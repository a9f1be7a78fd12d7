#include "app/json_lines.hpp"

#include "screen.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace flashhost {
namespace {

TEST(JsonLines, KeepEveryCharacterAndAreAsciiWithoutControls) {
  Screen screen;
  JsonLines lines(screen.stream());
  const std::string text = "a\x1b[2J\x7f\xc2\x9b\xe2\x80\xae\xc3\xa9\xf0\x9f\x94\xa5\n";
  lines.message(Level::info, text);
  const std::string line = screen.text();
  for (const char c : line.substr(0, line.size() - 1)) EXPECT_TRUE(c >= ' ' && c < '\x7f') << line;
  EXPECT_EQ(nlohmann::json::parse(line).at("text"), text);
}

TEST(JsonLines, ReplaceWhatIsNoUtf8) {
  Screen screen;
  JsonLines lines(screen.stream());
  lines.message(Level::info, "a\xff.bin");
  EXPECT_EQ(nlohmann::json::parse(screen.text()).at("text"), "a\xef\xbf\xbd.bin");
}

TEST(JsonLines, NeverEndWithSuccessWhenAnEarlierOneWasLost) {
  Screen screen;
  JsonLines lines(screen.stream());
  screen.fill();
  lines.step("programming", 10);
  screen.forget();
  EXPECT_THROW(lines.result({}, {}, "done"), Error);
  EXPECT_THROW(lines.done("verify", "done"), Error);
  EXPECT_THROW(lines.plan({}, {}), Error);
  EXPECT_EQ(screen.text(), "");
  lines.error(Error(Errc::usage, "lost"));
  EXPECT_EQ(nlohmann::json::parse(screen.text()).at("exit_code"), 2);
}

TEST(JsonLines, HaveAWordForTheEndOfMemoryThatNeedsNone) {
  Screen screen;
  JsonLines lines(screen.stream());
  lines.flash.set(FlashState::written_and_verified);  // the longest word
  lines.out_of_memory(10);
  EXPECT_EQ(nlohmann::json::parse(screen.text()),
            (nlohmann::json{{"event", "error"},
                            {"exit_code", 10},
                            {"text", "out of memory"},
                            {"hint", ""},
                            {"flash_state", "written_and_verified"},
                            {"see", ""}}));
}

}  // namespace
}  // namespace flashhost
