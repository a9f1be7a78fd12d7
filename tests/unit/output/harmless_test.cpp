#include "output/harmless.hpp"

#include <gtest/gtest.h>

namespace flashhost {
namespace {

TEST(Harmless, LeavesWhatPeopleRead) {
  for (const char *text : {"", "build/app.hex",
                           "Gr\xc3\xb6\xc3\x9f"
                           "e 5 \xc2\xb5s",
                           "\xe6\xbc\xa2", "\xf0\x9f\x94\xa5", "a\\x1b", "\xc2\xa0"}) {
    EXPECT_EQ(harmless(text), text);
  }
}

TEST(Harmless, ShowsControlCharactersAsBytes) {
  EXPECT_EQ(harmless(std::string_view("\0\x01\x1b[2J\x7f\r\b", 9)),
            "\\x00\\x01\\x1b[2J\\x7f\\x0d\\x08");
}

TEST(Harmless, LetsTheLayoutOfItsCallerPass) {
  EXPECT_EQ(harmless("a\tb\nc\r"), "a\\x09b\\x0ac\\x0d");
  EXPECT_EQ(harmless("a\tb\nc\r", "\n\t"), "a\tb\nc\\x0d");
}

TEST(Harmless, ShowsTheSecondSetOfControlsInBothOfItsForms) {
  EXPECT_EQ(harmless("a\x9b"
                     "2J\x80"),
            "a\\x9b2J\\x80");
  EXPECT_EQ(harmless("a\xc2\x9b"
                     "2J\xc2\x80\xc2\x9f"),
            "a\\u{9b}2J\\u{80}\\u{9f}");
}

TEST(Harmless, ShowsWhatTurnsTheWritingDirectionAndWhatEndsLines) {
  EXPECT_EQ(harmless("\xe2\x80\x8e\xe2\x80\x8f\xe2\x80\xaa\xe2\x80\xae"),
            "\\u{200e}\\u{200f}\\u{202a}\\u{202e}");
  EXPECT_EQ(harmless("\xe2\x81\xa6\xe2\x81\xa9\xe2\x80\xa8\xe2\x80\xa9\xd8\x9c"),
            "\\u{2066}\\u{2069}\\u{2028}\\u{2029}\\u{61c}");
}

TEST(Harmless, ShowsBytesThatAreNoUtf8) {
  EXPECT_EQ(harmless("\xff\xfe"), "\\xff\\xfe");
  EXPECT_EQ(harmless("\xc3"), "\\xc3") << "cut off";
  EXPECT_EQ(harmless("\xe2\x80"), "\\xe2\\x80") << "cut off";
  EXPECT_EQ(harmless("\xc3(\xe2\x80("), "\\xc3(\\xe2\\x80(") << "not continued";
  EXPECT_EQ(harmless("\xc0\x9b\xc1\xbf\xe0\x82\x9b\xf0\x80\x82\x9b"),
            "\\xc0\\x9b\\xc1\\xbf\\xe0\\x82\\x9b\\xf0\\x80\\x82\\x9b")
      << "longer than need be";
  EXPECT_EQ(harmless("\xed\xa0\x80"), "\\xed\\xa0\\x80") << "a surrogate";
  EXPECT_EQ(harmless("\xf4\x90\x80\x80\xf5\x80\x80\x80"),
            "\\xf4\\x90\\x80\\x80\\xf5\\x80\\x80\\x80")
      << "beyond Unicode";
}

TEST(Harmless, DoneTwiceIsTheSameAndNothingHarmfulIsLeftOfAnyThreeBytes) {
  const auto bytes = {'\x00', '\x1b', 'a',    '\x7f', '\x80', '\x9b', '\xa8',
                      '\xae', '\xc2', '\xe2', '\xed', '\xf0', '\xff'};
  for (const char a : bytes) {
    for (const char b : bytes) {
      for (const char c : bytes) {
        const std::string shown = harmless(std::string{a, b, c});
        EXPECT_EQ(harmless(shown), shown);
        for (const char byte : shown) EXPECT_TRUE(byte < 0 || (byte >= ' ' && byte != '\x7f'));
      }
    }
  }
}

TEST(Cut, EndsBetweenTwoCharacters) {
  const std::string text = "ab\xc3\xa4\xe2\x82\xac\xf0\x9f\x94\xa5";  // 1 1 2 3 4 bytes
  const std::size_t ends[] = {0, 1, 2, 2, 4, 4, 4, 7, 7, 7, 7, 11, 11};
  for (std::size_t size = 0; size < std::size(ends); ++size) {
    EXPECT_EQ(cut(text, size).size(), ends[size]) << size;
  }
}

TEST(Cut, TakesBytesThatAreNoUtf8ForThemselves) {
  const std::string text(8, '\x9b');
  for (std::size_t size = 0; size <= text.size(); ++size) {
    EXPECT_EQ(cut(text, size).size(), size);
  }
}

}  // namespace
}  // namespace flashhost
