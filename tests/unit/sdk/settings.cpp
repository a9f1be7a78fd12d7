#include "thrown.hpp"

#include <flashhost/error.hpp>
#include <flashhost/settings.hpp>

#include <gmock/gmock.h>

namespace {

using namespace flashhost;
using namespace std::chrono_literals;

template <class Action>
std::string message_of(const Action &action) {
  return bench::text_of(Errc::config, action);
}

const Settings example({{"on", true, "board.toml:3:1"},
                        {"count", std::int64_t{7}, "board.toml:4:1"},
                        {"ratio", 2.5, "board.toml:5:1"},
                        {"name", std::string("x"), "board.toml:6:1"},
                        {"many", std::vector<std::string>{"a", "b"}, "board.toml:7:1"},
                        {"room", std::string("128K"), "board.toml:8:1"},
                        {"wait", std::string("20ms"), "board.toml:9:1"}});

TEST(Settings, EachTypeIsReadAsItIs) {
  EXPECT_EQ(example.boolean("on"), true);
  EXPECT_EQ(example.integer("count"), 7);
  EXPECT_EQ(example.number("ratio"), 2.5);
  EXPECT_EQ(example.number("count"), 7.0);
  EXPECT_EQ(example.text("name"), "x");
  EXPECT_EQ(example.list("many"), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(example.size("room"), 131072U);
  EXPECT_EQ(example.size("count"), 7U);
  EXPECT_EQ(example.duration("wait"), Nanoseconds(20ms));
}

TEST(Settings, AnAbsentKeyIsNoValue) {
  EXPECT_EQ(example.boolean("no"), std::nullopt);
  EXPECT_EQ(example.size("no"), std::nullopt);
  EXPECT_EQ(example.duration("no"), std::nullopt);
  EXPECT_EQ(example.choice("no", {"a"}), std::nullopt);
  EXPECT_EQ(example.path("no"), std::nullopt);
}

TEST(Settings, AWrongTypeIsNamedWithItsPlace) {
  EXPECT_EQ(message_of([] { (void)example.boolean("count"); }),
            "board.toml:4:1: count: expected true or false, got an integer");
  EXPECT_EQ(message_of([] { (void)example.number("name"); }),
            "board.toml:6:1: name: expected a number, got a string");
  EXPECT_EQ(message_of([] { (void)example.duration("count"); }),
            "board.toml:4:1: count: expected a time such as \"20ms\", got an integer");
}

TEST(Settings, AnIntegerThatIsTooLargeIsCalledThat) {
  const Settings settings({{"large", std::string("99999999999999999999"), "--set"},
                           {"low", std::string("-99999999999999999999"), "--set"},
                           {"text", std::string("99999999999999999999x"), "--set"}});
  EXPECT_EQ(message_of([&] { (void)settings.integer("large"); }),
            "--set: large: the number is too large");
  EXPECT_EQ(message_of([&] { (void)settings.integer("low"); }),
            "--set: low: the number is too small");
  EXPECT_EQ(message_of([&] { (void)settings.integer("text"); }),
            "--set: text: expected an integer, got a string");
  EXPECT_EQ(settings.text("large"), "99999999999999999999");
}

TEST(Settings, AValueThatDoesNotParseIsNamed) {
  const Settings settings({{"room", std::string("big"), "b.toml:1:1"},
                           {"less", std::int64_t{-1}, "b.toml:2:1"},
                           {"wait", std::string("20"), "--set"}});
  EXPECT_THAT(message_of([&] { (void)settings.size("room"); }),
              testing::StartsWith("b.toml:1:1: room: \"big\" is not a size"));
  EXPECT_THAT(message_of([&] { (void)settings.size("less"); }),
              testing::StartsWith("b.toml:2:1: less: a size cannot be negative"));
  EXPECT_THAT(message_of([&] { (void)settings.duration("wait"); }),
              testing::StartsWith("--set: wait: \"20\" is not a time"));
}

TEST(Settings, AChoiceListsItsWords) {
  EXPECT_EQ(example.choice("name", {"x", "y"}), "x");
  EXPECT_EQ(message_of([] { (void)example.choice("name", {"a", "b"}); }),
            "board.toml:6:1: name: \"x\" is not one of \"a\", \"b\"");
}

TEST(Settings, PathsAreRelativeToTheBoardFile) {
  const Settings settings({{"near", std::string("a/../b.bin"), "", "/boards"},
                           {"far", std::string("/x/y"), "", "/boards"},
                           {"here", std::string("b.bin"), ""}});
  EXPECT_EQ(settings.path("near"), "/boards/a/../b.bin") << "a may be a link to another folder";
  EXPECT_EQ(settings.path("far"), "/x/y");
  EXPECT_EQ(settings.path("here"), "b.bin");
}

TEST(Settings, OneStringOrAListMayBeAskedFor) {
  const Settings settings({{"one", std::string("a"), "", "/boards"},
                           {"two", std::vector<std::string>{"a", "/b"}, "", "/boards"},
                           {"none", std::vector<std::string>{""}, "b.toml:3:1", "/boards"},
                           {"count", std::int64_t{7}, "b.toml:4:1"}});
  using List = std::vector<std::string>;
  EXPECT_EQ(settings.texts("one"), (List{"a"}));
  EXPECT_EQ(settings.texts("two"), (List{"a", "/b"}));
  EXPECT_EQ(settings.texts("absent"), List());
  EXPECT_EQ(settings.paths("one"), (List{"/boards/a"}));
  EXPECT_EQ(settings.paths("two"), (List{"/boards/a", "/b"}));
  EXPECT_EQ(settings.paths("absent"), List());
  EXPECT_EQ(message_of([&] { return settings.paths("none"); }),
            "b.toml:3:1: none: the path is empty");
  EXPECT_EQ(message_of([&] { return settings.texts("count"); }),
            "b.toml:4:1: count: expected a string or a list of strings, got an integer");
}

TEST(Settings, APathMayNameEnvironmentVariables) {
  ASSERT_EQ(setenv("FLASHHOST_TEST_BUILD", "out/it", 1), 0);
  const auto path = [](const std::string &text) {
    return Settings({{"file", text, "b.toml:2:1", "/boards"}}).path("file");
  };
  EXPECT_EQ(path("${FLASHHOST_TEST_BUILD}/a.bin"), "/boards/out/it/a.bin");
  EXPECT_EQ(path("/x/${FLASHHOST_TEST_BUILD}${FLASHHOST_TEST_BUILD}"), "/x/out/itout/it");
  EXPECT_EQ(path("$${FLASHHOST_TEST_BUILD}/$a$$"), "/boards/${FLASHHOST_TEST_BUILD}/$a$$");
  EXPECT_EQ(message_of([&] { (void)path("${FLASHHOST_TEST_NONE}/a"); }),
            "b.toml:2:1: file: the environment variable FLASHHOST_TEST_NONE is not set");
  for (const std::string bad : {"${", "${A", "${}", "${A B}", "a${-}"}) {
    EXPECT_EQ(message_of([&] { (void)path(bad); }),
              "b.toml:2:1: file: \"${\" is not followed by the name of a variable and \"}\"")
        << bad;
  }
}

TEST(Settings, TheLastOfSeveralWins) {
  const Settings settings({{"n", std::int64_t{1}, "b:1:1"}, {"n", std::int64_t{2}, "--set"}});
  EXPECT_EQ(settings.integer("n"), 2);
}

TEST(Settings, AKeyThatNobodyAskedForIsRejected) {
  const Settings settings(
      {{"speed", std::int64_t{1}, "b:1:1"}, {"sped", std::int64_t{2}, "b:2:1"}});
  (void)settings.integer("speed");
  (void)settings.integer("other");
  try {
    settings.reject_unknown();
    FAIL() << "not rejected";
  } catch (const Error &error) {
    EXPECT_STREQ(error.what(), "b:2:1: sped: unknown key");
    EXPECT_EQ(error.hint(), "Known keys: \"speed\", \"other\".");
  }
  (void)settings.integer("sped");
  EXPECT_NO_THROW(settings.reject_unknown());
}

TEST(Settings, APluginsOwnCheckNamesThePlace) {
  EXPECT_EQ(message_of([] { example.reject("count", "must be even"); }),
            "board.toml:4:1: count: must be even");
}

}  // namespace
