// Board files made to crash: each is refused with an error, also with a small stack and under
// AddressSanitizer.
#include "support.hpp"

#include <config/config.hpp>
#include <gmock/gmock.h>

namespace flashhost::config {
namespace {

std::string repeat(const std::string &part, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += part;
  return text;
}

std::string error_of_text(const std::string &text, const std::vector<std::string> &sets = {}) {
  return test::error_of(Errc::config,
                        [&] { return parse_config(text, "board.toml", {}, test::of_sets(sets)); });
}

TEST(HostileConfig, a_dotted_key_of_100_000_parts_is_refused) {
  EXPECT_EQ(error_of_text("a" + repeat(".a", 99'999) + " = 1\n"),
            "board.toml: 200004 bytes; a board file has at most 16384");
}

TEST(HostileConfig, the_longest_dotted_keys_that_fit_are_refused_before_they_are_parsed) {
  EXPECT_EQ(error_of_text("\na" + repeat(".a", 8'000) + "=1"),
            "board.toml:2:1: this line has 8000 dots; more than 200 are refused");
  EXPECT_EQ(error_of_text("[a" + repeat(".a", 8'000) + "]"),
            "board.toml:1:1: this line has 8000 dots; more than 200 are refused");
  EXPECT_EQ(error_of_text("[[a" + repeat(".a", 8'000) + "]]"),
            "board.toml:1:1: this line has 8000 dots; more than 200 are refused");
}

TEST(HostileConfig, nested_values_are_refused_at_a_small_depth) {
  const std::string dotted = "{a" + repeat(".a", 190) + "=[\n";
  EXPECT_THAT(error_of_text("a=" + repeat("[", 8'000)), testing::HasSubstr("nested"));
  EXPECT_THAT(error_of_text("a=" + repeat("{a=", 4'000)), testing::HasSubstr("nested"));
  EXPECT_THAT(error_of_text("a=" + repeat(dotted, 40)), testing::HasSubstr("nested"));
  EXPECT_THAT(error_of_text("a=" + repeat(dotted, 7) + repeat("]}", 7)),
              testing::HasSubstr("nested"));
  EXPECT_THAT(error_of_text("[a.b.c.d.e.f.g.h.i.j]\nx=1"), testing::HasSubstr("nested"));
}

TEST(HostileConfig, overrides_are_bounded_too) {
  const auto usage_error = [](const std::string &set) {
    return test::error_of(Errc::usage,
                          [&] { return parse_config("", "board.toml", {}, test::of_sets({set})); });
  };
  EXPECT_THAT(usage_error("a" + repeat(".a", 99'999) + "=1"), testing::HasSubstr("is not a key"));
  const std::string plugin = "transport.plugin=sim";
  for (const std::string &value :
       {repeat("[", 100'000), "{a" + repeat(".a", 8'000) + "=1}", repeat("x", 100'000)}) {
    EXPECT_EQ(
        parse_config("", "board.toml", {}, test::of_sets({plugin, "board.name=" + value})).board,
        value);
  }
}

// Assertions of toml++ 3.3 fail on these: a debug build aborted.
TEST(HostileConfig, text_that_breaks_an_assumption_of_the_library_is_an_error_of_its_line) {
  constexpr const char *reason =
      "this line is not TOML: a key or a value is missing in it, or begins with a character that "
      "it cannot begin with";
  for (const std::string text : {"[=]", "[[=]]", "[.]", "[[.]]", "[ = ]", "[=", "[+]", "[#]"}) {
    EXPECT_EQ(error_of_text(text), std::string("board.toml:1:1: ") + reason) << text;
    EXPECT_EQ(error_of_text("[board]\nname = 'x'\n" + text + "\n[flash]\n"),
              std::string("board.toml:3:1: ") + reason)
        << text;
  }
}

TEST(HostileConfig, malformed_keys_headers_and_values_are_errors_of_the_file) {
  for (const std::string text :
       {"[",       "[]",           "[[]]",     "[ ]",      "[a",    "[a.]",  "[a.=]",
        "[a..b]",  "[a]=",         "[a]b",     "=",        "=1",    ".=1",   ".a=1",
        "a.=1",    "a..b=1",       "a.",       "a",        "a=",    "a==1",  "a=,",
        "a=[",     "a=[=]",        "a=[,]",    "a={",      "a={=}", "a={,}", "a={.}",
        "a={b}",   "a={b=}",       "a={b.=1}", "a={.b=1}", "a=\"",  "a='",   "a=_",
        "a=+",     "a=-",          "a=0x",     "a=0b",     "a=0o",  "a=1_",  "a=1e",
        "a=1.",    "a=.1",         "a=i",      "a=n",      "a=t",   "a=f",   "a=tru",
        "a=1979-", "a=07:",        "\"",       "'",        "\\",    "\"\"",  "''=1=",
        "a\r=1",   "a=\"\\",       "a=\"\\u",  "a=\"\"\"", "{}",    "{=}",   "]",
        "a='''",   "a=1979-05-27T"}) {
    EXPECT_THAT(error_of_text("# 1\n" + text), testing::StartsWith("board.toml:")) << text;
  }
}

TEST(HostileConfig, an_override_that_breaks_an_assumption_of_the_library_is_a_text) {
  for (const std::string value : {"1\n[=]", "1\n[[=]]", "1\n[.]", "[=]", "{=}", "=", "[a.]"}) {
    const Config config = parse_config(
        "", "board.toml", {}, test::of_sets({"transport.plugin=sim", "board.name=" + value}));
    EXPECT_EQ(config.board, value);
  }
}

TEST(HostileConfig, control_characters_never_reach_the_message) {
  for (const std::string text :
       {R"("\u001b[2J" = 1)", "\x1b[2J", "a = \"\x1b[2J\"", R"(transport.plugin = "\u001b[2J")"}) {
    EXPECT_EQ(error_of_text(text).find('\x1b'), std::string::npos) << text;
  }
}

TEST(HostileConfig, every_prefix_of_a_good_file_ends_in_a_config_or_an_error) {
  const std::string text =
      "[transport]\nplugin = 'sim'\nspeed = \"4MHz\"\n[transport.settings]\na = [\"x\", \"y\"]\nb "
      "= 1.5\n"
      "[[image]]\nfile = \"\"\"\napp.hex\"\"\"\naddress = 0x0800_0000\n[flash]\nverify = "
      "\"none\"\nguard = false\n";
  unsigned good = 0;
  for (std::size_t size = 0; size <= text.size(); ++size) {
    try {
      static_cast<void>(parse_config(text.substr(0, size), "board.toml", {}, {}));
      ++good;
    } catch (const Error &error) {
      EXPECT_EQ(error.code(), Errc::config);
    }
  }
  EXPECT_GT(good, 5U);
  EXPECT_LT(good, text.size() / 2);
}

}  // namespace
}  // namespace flashhost::config
