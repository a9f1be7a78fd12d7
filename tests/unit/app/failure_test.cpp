#include "app/failure.hpp"

#include "screen.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <functional>
#include <new>
#include <stdexcept>

namespace flashhost {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

struct Said {
  int exit_code = -1;
  nlohmann::json json;
  std::string text;
};

// What is said of what action throws.
Said failure(const std::function<void()> &action) {
  Screen out;
  Screen err;
  JsonLines lines(out.stream());
  Said said;
  try {
    action();
  } catch (...) {
    said.exit_code = caught_exit_code();
    report_caught({err.stream(), &lines, {}});
  }
  said.json = nlohmann::json::parse(out.text());
  said.text = err.text();
  EXPECT_EQ(said.json.at("event"), "error");
  EXPECT_EQ(said.json.at("exit_code"), said.exit_code);
  return said;
}

TEST(Failure, OfTheProgramsOwnKindIsSaidToPeopleAndMachines) {
  const Said said = failure([] { throw Error(Errc::probe, "the wire is cut", "Mend it."); });
  EXPECT_EQ(said.exit_code, 5);
  EXPECT_EQ(said.json.at("text"), "the wire is cut");
  EXPECT_EQ(said.json.at("hint"), "Mend it.");
  EXPECT_EQ(said.text, "error: the wire is cut\n       Mend it.\n");
}

TEST(Failure, NamesWhereToReadInTheGuideOrInThePluginsDocumentation) {
  const Said guide = failure([] { throw Error(Errc::flash, "slow").see(Cause::slow_flash); });
  EXPECT_EQ(guide.text,
            "error: slow\n       See \"Slow flash\" in the failure guide (failures.md).\n");
  EXPECT_EQ(guide.json.at("see"), "Slow flash");
  const Said plugin = failure([] { throw Error(Errc::flash, "blown").see("acme/fuse\nbits"); });
  EXPECT_EQ(plugin.text,
            "error: blown\n       See \"fuse\n       bits\" in the documentation of the plugin "
            "acme.\n");
  EXPECT_EQ(plugin.json.at("see"), "acme/fuse\nbits");
}

TEST(Failure, ToGetMemoryIsNoBugAndSaysWhatToDo) {
  const Said said = failure([] { throw std::bad_alloc(); });
  EXPECT_EQ(said.exit_code, 10);
  EXPECT_EQ(said.json.at("text"), "out of memory");
  EXPECT_THAT(std::string(said.json.at("hint")), HasSubstr("ulimit"));
  EXPECT_THAT(said.text, StartsWith("error: out of memory\n"));
}

TEST(Failure, OfAnyOtherKindIsABug) {
  const Said standard = failure([] { throw std::length_error("too long"); });
  EXPECT_EQ(standard.exit_code, 10);
  EXPECT_EQ(standard.json.at("text"), "too long");
  EXPECT_THAT(standard.text, HasSubstr("This is a bug."));
  const Said foreign = failure([] { throw 42; });
  EXPECT_EQ(foreign.exit_code, 10);
  EXPECT_THAT(foreign.text, HasSubstr("This is a bug."));
}

TEST(Failure, OfARunThatUsesAChipSaysWhatBecameOfIt) {
  Screen err;
  report(Error(Errc::probe, "the wire is cut", "Mend it.").see(Cause::usb),
         {err.stream(), nullptr, FlashState::partly_written});
  EXPECT_THAT(err.text(),
              StartsWith("error: the wire is cut\n       Mend it.\n       The chip is partly "
                         "written. Run flashhost again to complete it.\n       See "));
}

TEST(Failure, TextFromOutsideCannotLookLikeAnotherMessage) {
  const Said said =
      failure([] { throw Error(Errc::image, "a.hex\nerror: b\x1b[2J", "see\nerror: c"); });
  EXPECT_EQ(said.text, "error: a.hex\n       error: b\\x1b[2J\n       see\n       error: c\n");
  EXPECT_EQ(said.json.at("text"), "a.hex\nerror: b\x1b[2J") << "machines get what there is";
}

TEST(Failure, ToWriteAnywhereIsBorne) {
  Stream nowhere(-1);
  JsonLines lines(nowhere);
  report(Error(Errc::probe, "the wire is cut"), {nowhere, &lines, {}});
  EXPECT_NE(nowhere.error(), 0);
}

TEST(AsksForJson, WhereTheOptionStandsBeforeTheFiles) {
  EXPECT_TRUE(asks_for_json({"--frobnicate", "--json"}));
  EXPECT_FALSE(asks_for_json({}));
  EXPECT_FALSE(asks_for_json({"--jso"}));
  EXPECT_FALSE(asks_for_json({"--", "--json"}));
}

}  // namespace
}  // namespace flashhost
